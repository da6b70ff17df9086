# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class PostJobsBodyExtraData(Model):
    """Values for this job that are passed on, and never stored. No other keys are allowed.

    Attributes:
        api_key_comfy_org: The key with which partner nodes are paid.
    """

    api_key_comfy_org: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "api_key_comfy_org": "api_key_comfy_org",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.api_key_comfy_org = get("api_key_comfy_org")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(PostJobsBodyExtraData._JSON_NAMES)
