# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_list
from .system_stats_response_devices_item import SystemStatsResponseDevicesItem
from .system_stats_response_system import SystemStatsResponseSystem


@_define
class SystemStatsResponse(Model):
    """Versions, memory and devices of the server.

    Attributes:
        system: The host and its software.
        devices: Processors that models can run on.
    """

    system: SystemStatsResponseSystem | None = None
    devices: list[SystemStatsResponseDevicesItem] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "system": "system",
        "devices": "devices",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.system = None if (value := get("system")) is None else SystemStatsResponseSystem.read(value)
        self.devices = (
            None
            if (value := get("devices")) is None
            else read_list(SystemStatsResponseDevicesItem.read, value)
        )
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(SystemStatsResponse._JSON_NAMES)
