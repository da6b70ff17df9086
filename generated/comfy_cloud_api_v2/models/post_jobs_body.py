# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .post_jobs_body_extra_data import PostJobsBodyExtraData


@_define
class PostJobsBody(Model):
    """PostJobsBody, as the contract names it.

    Attributes:
        workflow: The graph in the API format: node ids with class and inputs.
        extra_data: Values for this job that are passed on, and never stored. No other keys are
            allowed.
    """

    workflow: dict[str, Any] | None = None
    extra_data: PostJobsBodyExtraData | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "workflow": "workflow",
        "extra_data": "extra_data",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.workflow = get("workflow")
        self.extra_data = None if (value := get("extra_data")) is None else PostJobsBodyExtraData.read(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(PostJobsBody._JSON_NAMES)
