# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_list
from .job_summary import JobSummary


@_define
class JobList(Model):
    """A page of jobs, newest first.

    Attributes:
        jobs: The jobs of this page.
        next_cursor: The cursor of the next page; null or absent on the last one.
    """

    jobs: list[JobSummary] | None = None
    next_cursor: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "jobs": "jobs",
        "next_cursor": "next_cursor",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.jobs = None if (value := get("jobs")) is None else read_list(JobSummary.read, value)
        self.next_cursor = get("next_cursor")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(JobList._JSON_NAMES)
