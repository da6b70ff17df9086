# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class GetUserDataResponseFullFile(Model):
    """A file of the personal storage, as listed.

    Attributes:
        path: Path below the folder that was listed.
        size: Length in bytes.
        modified: When the file was last written, since 1970: milliseconds on the cloud, seconds on
            a self-hosted server.
    """

    path: str | None = None
    size: int | None = None
    modified: float | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "path": "path",
        "size": "size",
        "modified": "modified",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.path = get("path")
        self.size = get("size")
        self.modified = get("modified")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(GetUserDataResponseFullFile._JSON_NAMES)
