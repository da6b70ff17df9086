# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class SystemStatsResponseDevicesItem(Model):
    """One processor.

    Attributes:
        name: Name of the processor as its driver reports it.
        type_: Kind of processor, for example `cuda` or `cpu`.
        vram_total: Memory of the processor in bytes.
        vram_free: Memory of the processor not in use, in bytes.
        index: Number of the device; null for the main processor.
        torch_vram_total: Memory that PyTorch has reserved, in bytes.
        torch_vram_free: Part of that which is not in use, in bytes.
    """

    name: str | None = None
    type_: str | None = None
    vram_total: float | None = None
    vram_free: float | None = None
    index: int | None = None
    torch_vram_total: float | None = None
    torch_vram_free: float | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "type": "type_",
        "vram_total": "vram_total",
        "vram_free": "vram_free",
        "index": "index",
        "torch_vram_total": "torch_vram_total",
        "torch_vram_free": "torch_vram_free",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.name = get("name")
        self.type_ = get("type")
        self.vram_total = get("vram_total")
        self.vram_free = get("vram_free")
        self.index = get("index")
        self.torch_vram_total = get("torch_vram_total")
        self.torch_vram_free = get("torch_vram_free")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(SystemStatsResponseDevicesItem._JSON_NAMES)
