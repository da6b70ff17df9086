# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class FreeMemoryRequest(Model):
    """What to free.

    Attributes:
        unload_models: Whether to unload models from memory.
        free_memory: Whether to drop what is cached of earlier jobs.
    """

    unload_models: bool | None = None
    free_memory: bool | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "unload_models": "unload_models",
        "free_memory": "free_memory",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.unload_models = get("unload_models")
        self.free_memory = get("free_memory")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(FreeMemoryRequest._JSON_NAMES)
