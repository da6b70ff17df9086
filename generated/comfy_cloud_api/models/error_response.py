# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class ErrorResponse(Model):
    """Why a request was refused. Be prepared for other shapes as well: gateways respond with plain
    text or HTML.

    Attributes:
        code: Short word for the kind of error, meant for programs.
        message: What went wrong, meant for people.
        details: More about the error, by name.
    """

    code: str | None = None
    message: str | None = None
    details: dict[str, Any] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "code": "code",
        "message": "message",
        "details": "details",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.code = get("code")
        self.message = get("message")
        self.details = get("details")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(ErrorResponse._JSON_NAMES)
