# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class JobError(Model):
    """Why a job failed. It is part of the job, and no HTTP error.

    Attributes:
        code: The kind of failure, as a word.
        message: What went wrong.
        node_id: Id of the node that failed.
        class_type: Class of that node.
        traceback: The Python traceback.
    """

    code: str | None = None
    message: str | None = None
    node_id: str | None = None
    class_type: str | None = None
    traceback: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "code": "code",
        "message": "message",
        "node_id": "node_id",
        "class_type": "class_type",
        "traceback": "traceback",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.code = get("code")
        self.message = get("message")
        self.node_id = get("node_id")
        self.class_type = get("class_type")
        self.traceback = get("traceback")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(JobError._JSON_NAMES)
