"""The node classes of a server: a mapping that decodes a class when it is asked for.

Pure: requesting them is for `cloud.nodes`, and their copy on disk is in `catalogue_file`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comfy_cloud_api.models.node_info import NodeInfo
from comfy_cloud_api.types import UnreadableBody, decode_json

from .near_names import nearest


class NodeCatalogue(Mapping[str, NodeInfo]):
    """Node classes by name.

    `raw` is the plain JSON object; a `NodeInfo` is made when it is asked for.

    `is_stale` is True if the server could not be asked, and an older copy than allowed was used.
    """

    def __init__(self, raw: Mapping[str, Any], *, is_stale: bool = False) -> None:
        self.raw = raw
        self.is_stale = is_stale
        self._decoded: dict[str, NodeInfo] = {}

    @classmethod
    def from_bytes(cls, content: bytes, *, is_stale: bool = False) -> NodeCatalogue:
        """The catalogue in a response to GET /api/object_info.

        Raises UnreadableBody if it is not one.
        """
        raw = decode_json(content)
        if not isinstance(raw, dict):
            raise UnreadableBody("The body is not a JSON object of node classes")
        return cls(raw, is_stale=is_stale)

    def __getitem__(self, name: str) -> NodeInfo:
        found = self._decoded.get(name)
        if found is None:
            raw = self.raw[name]
            if not isinstance(raw, dict):
                raise KeyError(name)
            found = self._decoded[name] = NodeInfo.from_dict(raw)
        return found

    def __iter__(self) -> Iterator[str]:
        return (name for name, raw in self.raw.items() if isinstance(raw, dict))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return isinstance(self.raw.get(name) if isinstance(name, str) else None, dict)

    def similar(self, name: str) -> list[str]:
        """Names of classes that resemble `name`, the most similar first."""
        return nearest(name, self)

    def __repr__(self) -> str:
        return f"<NodeCatalogue of {len(self)} classes{', stale' if self.is_stale else ''}>"
