# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class PromptRequest(Model):
    """A workflow graph to run, with options.

    Attributes:
        prompt: The graph in API format: node identifier to an object with `class_type` and
            `inputs`. The file that the editor saves by default has another layout and is refused.
        number: Requested queue position on a self-hosted server, lower runs first. The cloud
            schedules fairly on its own and ignores this.
        front: `true` asks a self-hosted server to run this next. The cloud ignores it.
        extra_data: Passes along what is not part of the graph. Nodes of partner services need
            `api_key_comfy_org` in it; `extra_pnginfo.workflow` is written into the images that are
            made.
        partial_execution_targets: Identifiers of the output nodes to run; all of them when absent.
        client_id: Identifier of the websocket connection that submits. Routes messages on a self-
            hosted server; without effect on the cloud.
        prompt_id: Requested identifier of the job, a lower-case UUID with hyphens. Only a self-
            hosted server uses it.
        workflow_id: UUID of the saved workflow that this graph is a state of.
        workflow_version_id: UUID of the saved version that this graph is.
    """

    prompt: dict[str, Any] | None = None
    number: float | None = None
    front: bool | None = None
    extra_data: dict[str, Any] | None = None
    partial_execution_targets: list[str] | None = None
    client_id: str | None = None
    prompt_id: str | None = None
    workflow_id: str | None = None
    workflow_version_id: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "prompt": "prompt",
        "number": "number",
        "front": "front",
        "extra_data": "extra_data",
        "partial_execution_targets": "partial_execution_targets",
        "client_id": "client_id",
        "prompt_id": "prompt_id",
        "workflow_id": "workflow_id",
        "workflow_version_id": "workflow_version_id",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.prompt = get("prompt")
        self.number = get("number")
        self.front = get("front")
        self.extra_data = get("extra_data")
        self.partial_execution_targets = get("partial_execution_targets")
        self.client_id = get("client_id")
        self.prompt_id = get("prompt_id")
        self.workflow_id = get("workflow_id")
        self.workflow_version_id = get("workflow_version_id")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(PromptRequest._JSON_NAMES)
