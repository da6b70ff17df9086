"""The node classes of a server: a mapping that decodes a class when it is asked for.

Pure: requesting them is for `cloud.nodes`, and their copy on disk is in `catalogue_file`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comfy_cloud_api.models.node_info import NodeInfo
from comfy_cloud_api.types import UnreadableBody, decode_item, decode_json, undecoded_fields

from .near_names import nearest


class NodeCatalogue(Mapping[str, NodeInfo]):
    """Node classes by name.

    A class is decoded, and a `NodeInfo` is made of it, when it is asked for. `raw` is the plain
    JSON object.

    `is_stale` is True if the server could not be asked, and an older copy than allowed was used.
    """

    def __init__(self, raw: Mapping[str, Any], *, is_stale: bool = False) -> None:
        self.is_stale = is_stale
        self._raw: Mapping[str, Any] | None = raw
        self._content = b""
        self._fields: Mapping[str, Any] = {}  # while `raw` is not needed, the JSON of each class
        self._decoded: dict[str, NodeInfo] = {}

    @classmethod
    def from_bytes(cls, content: bytes, *, is_stale: bool = False) -> NodeCatalogue:
        """The catalogue in a response to GET /api/object_info.

        Raises UnreadableBody if it is not one.
        """
        fields = undecoded_fields(content)
        if fields is not None:
            catalogue = cls({}, is_stale=is_stale)
            catalogue._raw, catalogue._content, catalogue._fields = None, content, fields
            return catalogue
        raw = decode_json(content)
        if not isinstance(raw, dict):
            raise UnreadableBody("The body is not a JSON object of node classes")
        return cls(raw, is_stale=is_stale)

    @property
    def raw(self) -> Mapping[str, Any]:
        """The plain JSON object of all classes. Decoded as a whole when it is first asked for."""
        raw = self._raw
        if raw is None:
            raw = self._raw = decode_json(self._content)
        return raw

    def __getitem__(self, name: str) -> NodeInfo:
        found = self._decoded.get(name)
        if found is None:
            found = self._decoded.setdefault(name, self._read(name))
        return found

    def _read(self, name: str) -> NodeInfo:
        if self._raw is None:
            content = bytes(self._fields[name])
            if (found := decode_item(NodeInfo, content)) is not None:
                return found
            raw = decode_json(content)
        else:
            raw = self._raw[name]
        if not isinstance(raw, dict):
            raise KeyError(name)
        return NodeInfo.from_dict(raw)

    def __iter__(self) -> Iterator[str]:
        if self._raw is None:
            return (name for name, raw in self._fields.items() if bytes(raw).startswith(b"{"))
        return (name for name, raw in self._raw.items() if isinstance(raw, dict))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        if self._raw is None:
            return bytes(self._fields.get(name, b"")).startswith(b"{")
        return isinstance(self._raw.get(name), dict)

    def similar(self, name: str) -> list[str]:
        """Names of classes that resemble `name`, the most similar first."""
        return nearest(name, self)

    def __repr__(self) -> str:
        return f"<NodeCatalogue of {len(self)} classes{', stale' if self.is_stale else ''}>"
