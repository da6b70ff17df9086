"""The node classes of a server: a mapping that decodes a class when it is asked for, and its copy on disk.

The answer is several megabytes and changes with releases of the service, so it is worth keeping. This module fetches nothing;
the copy on disk is an optimisation, and nothing fails when it cannot be read or written.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from comfy_cloud_api.models.node_info import NodeInfo
from comfy_cloud_api.types import UnreadableBody, decode_json

FOLDER_VARIABLE = "COMFY_CLOUD_CACHE_DIR"


class NodeCatalogue(Mapping[str, NodeInfo]):
    """Node classes by name. `raw` is the plain JSON object; each `NodeInfo` is made when it is asked for.

    `is_stale` is True when the server could not be asked and an older copy than allowed was taken.
    """

    def __init__(self, raw: Mapping[str, Any], *, is_stale: bool = False) -> None:
        self.raw = raw
        self.is_stale = is_stale
        self._decoded: dict[str, NodeInfo] = {}

    @classmethod
    def from_bytes(cls, content: bytes, *, is_stale: bool = False) -> NodeCatalogue:
        """The catalogue in an answer of GET /api/object_info. Raises UnreadableBody when it is none."""
        raw = decode_json(content)
        if not isinstance(raw, dict):
            raise UnreadableBody("The body is no JSON object of node classes")
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
        """Names of classes that look like `name`, the best first."""
        lowered = {known.lower(): known for known in self}
        return [lowered[found] for found in difflib.get_close_matches(name.lower(), lowered, n=3)]

    def __repr__(self) -> str:
        return f"<NodeCatalogue of {len(self)} classes{', stale' if self.is_stale else ''}>"


class CatalogueFile:
    """The copy of one server's catalogue on disk. Its name says nothing of the account: the catalogue is everybody's."""

    def __init__(self, base_url: str) -> None:
        digest = hashlib.sha256(base_url.encode()).hexdigest()[:16]
        self.path = cache_folder() / f"object_info-{digest}.json"

    def read(self) -> tuple[bytes, float] | None:
        """The copy, and when it was written in epoch seconds; None when there is none."""
        try:
            return self.path.read_bytes(), self.path.stat().st_mtime
        except OSError:
            return None

    def write(self, content: bytes, now: float) -> None:
        """Keep a copy, dated `now` in epoch seconds. Does nothing where that is not possible."""
        temporary = self.path.with_name(f".{secrets.token_hex(6)}.part")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_bytes(content)
                os.utime(temporary, (now, now))
                os.replace(temporary, self.path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError:
            return


def cache_folder() -> Path:
    """The folder of the copies: COMFY_CLOUD_CACHE_DIR, else the platform's own."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("comfy-cloud", appauthor=False)
