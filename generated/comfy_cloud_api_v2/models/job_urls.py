# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class JobUrls(Model):
    """Addresses of a job. One that begins with `/` belongs to the origin of the request and has
    every prefix already; do not put it behind a base URL with a path.

    Attributes:
        self_: Where to read the job.
        events: Where to follow it.
        cancel: Where to cancel it.
    """

    self_: str | None = None
    events: str | None = None
    cancel: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "self": "self_",
        "events": "events",
        "cancel": "cancel",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.self_ = get("self")
        self.events = get("events")
        self.cancel = get("cancel")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(JobUrls._JSON_NAMES)
