# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .global_subgraph_data_info import GlobalSubgraphDataInfo


@_define
class GlobalSubgraphData(Model):
    """A subgraph blueprint with its graph.

    Attributes:
        source: Where the blueprint comes from: `templates` for the ones shipped with the service,
            `custom_node` for those of a node pack.
        name: Name to show to people.
        info: More about its origin.
        data: The graph, a JSON document to be parsed from this text.
    """

    source: str | None = None
    name: str | None = None
    info: GlobalSubgraphDataInfo | None = None
    data: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "source": "source",
        "name": "name",
        "info": "info",
        "data": "data",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.source = get("source")
        self.name = get("name")
        self.info = None if (value := get("info")) is None else GlobalSubgraphDataInfo.read(value)
        self.data = get("data")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(GlobalSubgraphData._JSON_NAMES)
