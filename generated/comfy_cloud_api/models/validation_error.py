# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class ValidationError(Model):
    """One finding about a file.

    Attributes:
        code: Code of the finding, such as `FILE_TOO_LARGE` or `UNSAFE_PICKLE_SCAN`.
        message: The finding in words.
        field: What it is about, for example `format`.
    """

    code: str | None = None
    message: str | None = None
    field: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "code": "code",
        "message": "message",
        "field": "field",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.code = get("code")
        self.message = get("message")
        self.field = get("field")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(ValidationError._JSON_NAMES)
