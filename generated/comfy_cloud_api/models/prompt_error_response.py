# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import Model


@_define
class PromptErrorResponse(Model):
    """Why a submission was refused: usually `error` (`type`, `message`, `details`) and, by node
    identifier, `node_errors`. The shape varies, so it is left open.
    """

    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        self.additional_properties = dict(data)
        return self
