# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_list
from .job_entry import JobEntry
from .pagination_info import PaginationInfo


@_define
class JobsListResponse(Model):
    """One page of jobs.

    Attributes:
        jobs: The jobs of this page, in the requested order.
        pagination: Position of a page in the whole list.
    """

    jobs: list[JobEntry] | None = None
    pagination: PaginationInfo | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "jobs": "jobs",
        "pagination": "pagination",
    }

    _ITEMS: ClassVar[Mapping[str, Any]] = {
        "jobs": JobEntry,
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.jobs = None if (value := get("jobs")) is None else read_list(JobEntry.read, value)
        self.pagination = None if (value := get("pagination")) is None else PaginationInfo.read(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(JobsListResponse._JSON_NAMES)
