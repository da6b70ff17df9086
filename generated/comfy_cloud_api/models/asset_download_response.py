# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .asset_download_response_status import AssetDownloadResponseStatus


@_define
class AssetDownloadResponse(Model):
    """The task that imports a file.

    Attributes:
        task_id: UUID of the task, for `GET /api/tasks/{task_id}`.
        status: State of the task.
        message: The state in words, for people.
    """

    task_id: str | None = None
    status: AssetDownloadResponseStatus | str | None = None
    message: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "task_id": "task_id",
        "status": "status",
        "message": "message",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.task_id = get("task_id")
        self.status = None if (value := get("status")) is None else AssetDownloadResponseStatus.read(value)
        self.message = get("message")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(AssetDownloadResponse._JSON_NAMES)
