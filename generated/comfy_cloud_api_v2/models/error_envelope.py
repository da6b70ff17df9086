# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .error_envelope_error import ErrorEnvelopeError


@_define
class ErrorEnvelope(Model):
    """The body of every error. By code: `unauthorized` 401, `insufficient_credits` 402, `forbidden`
    403, `not_found` and `blob_not_found` 404, `hash_mismatch` 409, and with 422 `invalid_workflow`,
    `workflow_format_ui`, `missing_asset`, `idempotency_key_reuse`. `queue_full` is a 429.
    Deployments add `deployment_not_ready` (429, try again) and `deployment_stopped` (422, a person
    has to act).

    Attributes:
        error
    """

    error: ErrorEnvelopeError | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "error": "error",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.error = None if (value := get("error")) is None else ErrorEnvelopeError.read(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(ErrorEnvelope._JSON_NAMES)
