# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_list
from .job_output_asset import JobOutputAsset
from .pagination_info import PaginationInfo


@_define
class JobAssetsResponse(Model):
    """One page of the assets of a job.

    Attributes:
        job_id: UUID of the job.
        assets: The assets of this page.
        pagination: Position of a page in the whole list.
    """

    job_id: str | None = None
    assets: list[JobOutputAsset] | None = None
    pagination: PaginationInfo | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "job_id": "job_id",
        "assets": "assets",
        "pagination": "pagination",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.job_id = get("job_id")
        self.assets = None if (value := get("assets")) is None else read_list(JobOutputAsset.read, value)
        self.pagination = None if (value := get("pagination")) is None else PaginationInfo.read(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(JobAssetsResponse._JSON_NAMES)
