"""One file of a user's personal storage, in whichever form a server tells it. Nothing here fetches anything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .times import parse_instant


class UserFile:
    """A file of the personal storage.

    Attributes:
        path: Its path; in a list, below the folder that was listed.
        size: Its length in bytes; None when the server did not say.
        modified: When it was last changed, in UTC; None when the server did not say.
        created: When it was made, in UTC; only a self-hosted ComfyUI says so.
        raw: What the server sent: a generated model, or a bare path.
    """

    __slots__ = ("created", "modified", "path", "raw", "size")

    def __init__(self, raw: Any, path: str = "") -> None:
        self.raw = raw
        if isinstance(raw, str):
            self.path, size, modified, created = raw, None, None, None
        elif isinstance(raw, list) and raw and isinstance(raw[0], str):  # the answer to a request to split paths
            self.path, size, modified, created = raw[0], None, None, None
        elif hasattr(raw, "get"):
            self.path = raw.get("path") if isinstance(raw.get("path"), str) else path
            size, modified, created = raw.get("size"), raw.get("modified"), raw.get("created")
        else:
            self.path, size, modified, created = path, None, None, None
        self.size: int | None = int(size) if isinstance(size, (int, float)) else None
        self.modified: datetime | None = parse_instant(modified)
        self.created: datetime | None = parse_instant(created)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UserFile):
            return NotImplemented
        return (self.path, self.size, self.modified) == (other.path, other.size, other.modified)

    def __hash__(self) -> int:
        return hash(self.path)

    def __repr__(self) -> str:
        return f"<UserFile {self.path!r} {self.size} bytes>"
