# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class ErrorEnvelopeError(Model):
    """ErrorEnvelopeError, as the contract names it.

    Attributes:
        code: The kind of error, as a word.
        message: What is wrong, for people.
        details: More about it, for example `node_errors` by node id.
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


_KNOWN = frozenset(ErrorEnvelopeError._JSON_NAMES)
