# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .job_workflow_response_format import JobWorkflowResponseFormat


@_define
class JobWorkflowResponse(Model):
    """A workflow and the form that it is in.

    Attributes:
        workflow: The workflow, unchanged.
        format_: `save`: as the editor saved it. `api`: the graph that was executed.
    """

    workflow: dict[str, Any] | None = None
    format_: JobWorkflowResponseFormat | str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "workflow": "workflow",
        "format": "format_",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.workflow = get("workflow")
        self.format_ = None if (value := get("format")) is None else JobWorkflowResponseFormat.read(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(JobWorkflowResponse._JSON_NAMES)
