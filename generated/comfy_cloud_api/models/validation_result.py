# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_list
from .validation_error import ValidationError


@_define
class ValidationResult(Model):
    """Outcome of the checks on a file.

    Attributes:
        is_valid: `true` if nothing prevents an import.
        errors: What prevents an import.
        warnings: What is unusual but harmless.
    """

    is_valid: bool | None = None
    errors: list[ValidationError] | None = None
    warnings: list[ValidationError] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "is_valid": "is_valid",
        "errors": "errors",
        "warnings": "warnings",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.is_valid = get("is_valid")
        self.errors = None if (value := get("errors")) is None else read_list(ValidationError.read, value)
        self.warnings = None if (value := get("warnings")) is None else read_list(ValidationError.read, value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(ValidationResult._JSON_NAMES)
