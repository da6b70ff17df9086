# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_list
from .pagination_info import PaginationInfo
from .task import Task


@_define
class ListTasksResponse(Model):
    """One page of tasks.

    Attributes:
        tasks: The tasks of this page.
        pagination: Position of a page in the whole list.
    """

    tasks: list[Task] | None = None
    pagination: PaginationInfo | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "tasks": "tasks",
        "pagination": "pagination",
    }

    _ITEMS: ClassVar[Mapping[str, Any]] = {
        "tasks": Task,
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.tasks = None if (value := get("tasks")) is None else read_list(Task.read, value)
        self.pagination = None if (value := get("pagination")) is None else PaginationInfo.read(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(ListTasksResponse._JSON_NAMES)
