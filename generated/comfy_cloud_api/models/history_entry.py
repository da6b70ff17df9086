# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, UNREAD, LateModel, as_is, extras
from .history_entry_prompt import HistoryEntryPrompt


@_define
class HistoryEntry(LateModel):
    """A finished job as the history lists it, without its graph.

    Attributes:
        prompt_id: UUID of the job.
        create_time: When the job was submitted, in milliseconds since 1 January 1970 UTC.
        workflow_id: UUID of the saved workflow that the job was started from; absent when it was
            submitted as a bare graph.
        prompt: What is kept of the submission in lists.
        outputs: What the nodes produced: node identifier to an object of named lists. An item with
            a `filename` is a file for `GET /api/view`, whatever the list is called (`images`,
            `video`, `audio`, `3d`...).
        status: How the run ended: `status_str` is `success` or `error`, and `messages` holds the
            run's events with millisecond timestamps. A cancelled run also has `error`; its
            `execution_interrupted` message tells it apart.
        meta: Per node, which node of the editor it belongs to; needed to place the outputs of
            subgraphs.
    """

    prompt_id: str | None = None
    create_time: int | None = None
    workflow_id: str | None = None
    prompt: HistoryEntryPrompt | None = None
    outputs: dict[str, Any] | None = None
    status: dict[str, Any] | None = None
    meta: dict[str, Any] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "prompt_id": "prompt_id",
        "create_time": "create_time",
        "workflow_id": "workflow_id",
        "prompt": "prompt",
        "outputs": "outputs",
        "status": "status",
        "meta": "meta",
    }

    _KINDS: ClassVar[Mapping[str, str]] = {
        "prompt_id": "string",
        "create_time": "integer",
        "workflow_id": "string",
    }
    _READERS: ClassVar[Mapping[str, Any]] = {
        "prompt": HistoryEntryPrompt.read,
        "outputs": as_is,
        "status": as_is,
        "meta": as_is,
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.prompt_id = get("prompt_id")
        self.create_time = get("create_time")
        self.workflow_id = get("workflow_id")
        self.prompt = None if (value := get("prompt")) is None else HistoryEntryPrompt.read(value)
        self.outputs = get("outputs")
        self.status = get("status")
        self.meta = get("meta")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self

    @classmethod
    def from_records(cls, records: Any, page: Any) -> list[Any]:
        new = cls.__new__
        found = []
        for record in records:
            self: Any = new(cls)
            self.prompt_id = record.prompt_id
            self.create_time = record.create_time
            self.workflow_id = record.workflow_id
            self._late_prompt = UNREAD
            self._late_outputs = UNREAD
            self._late_status = UNREAD
            self._late_meta = UNREAD
            self.additional_properties = NONE
            self._undecoded = record
            self._page = page
            found.append(self)
        return found

    def _decode_all(self, record: Any, decode: Any) -> None:
        model: Any = self
        if model._late_prompt is UNREAD:
            value = None if record.prompt is None else decode(record.prompt)
            model._late_prompt = None if value is None else HistoryEntryPrompt.read(value)
        if model._late_outputs is UNREAD:
            model._late_outputs = None if record.outputs is None else decode(record.outputs)
        if model._late_status is UNREAD:
            model._late_status = None if record.status is None else decode(record.status)
        if model._late_meta is UNREAD:
            model._late_meta = None if record.meta is None else decode(record.meta)


_KNOWN = frozenset(HistoryEntry._JSON_NAMES)
