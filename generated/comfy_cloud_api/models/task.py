# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, UNREAD, LateModel, as_is, extras, read_datetime
from .task_status import TaskStatus


@_define
class Task(LateModel):
    """A background task. Lists leave out input, result and error.

    Attributes:
        id: UUID of the task.
        status: State of a task. The last three values are final.
        task_name: Kind of the task.
        idempotency_key: Key that makes the task unique.
        payload: Input of the task.
        result: The result; present once it has ended well.
        error_message: Why it failed.
        create_time: When the task was made.
        update_time: When anything about it last changed.
        started_at: When work on it began.
        completed_at: When it ended.
    """

    id: str | None = None
    status: TaskStatus | str | None = None
    task_name: str | None = None
    idempotency_key: str | None = None
    payload: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    error_message: str | None = None
    create_time: datetime | None = None
    update_time: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "status": "status",
        "task_name": "task_name",
        "idempotency_key": "idempotency_key",
        "payload": "payload",
        "result": "result",
        "error_message": "error_message",
        "create_time": "create_time",
        "update_time": "update_time",
        "started_at": "started_at",
        "completed_at": "completed_at",
    }

    _KINDS: ClassVar[Mapping[str, str]] = {
        "id": "string",
        "status": "string",
        "task_name": "string",
        "idempotency_key": "string",
        "create_time": "string",
        "update_time": "string",
        "started_at": "string",
        "completed_at": "string",
    }
    _WORDS: ClassVar[Mapping[str, Any]] = {
        "status": TaskStatus,
    }
    _READERS: ClassVar[Mapping[str, Any]] = {
        "payload": as_is,
        "result": as_is,
        "error_message": as_is,
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.status = None if (value := get("status")) is None else TaskStatus.read(value)
        self.task_name = get("task_name")
        self.idempotency_key = get("idempotency_key")
        self.payload = get("payload")
        self.result = get("result")
        self.error_message = get("error_message")
        self.create_time = None if (value := get("create_time")) is None else read_datetime(value)
        self.update_time = None if (value := get("update_time")) is None else read_datetime(value)
        self.started_at = None if (value := get("started_at")) is None else read_datetime(value)
        self.completed_at = None if (value := get("completed_at")) is None else read_datetime(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self

    @classmethod
    def from_records(cls, records: Any, page: Any) -> list[Any]:
        new = cls.__new__
        found = []
        for record in records:
            self: Any = new(cls)
            self.id = record.id
            self.status = record.status
            self.task_name = record.task_name
            self.idempotency_key = record.idempotency_key
            self.create_time = None if (value := record.create_time) is None else read_datetime(value)
            self.update_time = None if (value := record.update_time) is None else read_datetime(value)
            self.started_at = None if (value := record.started_at) is None else read_datetime(value)
            self.completed_at = None if (value := record.completed_at) is None else read_datetime(value)
            self._late_payload = UNREAD
            self._late_result = UNREAD
            self._late_error_message = UNREAD
            self.additional_properties = NONE
            self._undecoded = record
            self._page = page
            found.append(self)
        return found

    def _decode_all(self, record: Any, decode: Any) -> None:
        model: Any = self
        if model._late_payload is UNREAD:
            model._late_payload = None if record.payload is None else decode(record.payload)
        if model._late_result is UNREAD:
            model._late_result = None if record.result is None else decode(record.result)
        if model._late_error_message is UNREAD:
            model._late_error_message = None if record.error_message is None else decode(record.error_message)


_KNOWN = frozenset(Task._JSON_NAMES)
