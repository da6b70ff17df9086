"""A file of a user's personal storage, in whichever form the server lists it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from .._errors.redaction import redact_text
from ..times import parse_instant


class UserFile:
    """A file of the personal storage.

    Attributes:
        path: Its path; in a list, relative to the folder that was listed.
        size: Its length in bytes; None if the server did not send it.
        modified: When it was last modified, in UTC; None if the server did not send it.
        created: When it was created, in UTC; only a self-hosted ComfyUI sends it.
        raw: What the server sent: a generated model, or only a path.
    """

    __slots__ = ("created", "modified", "path", "raw", "size")

    def __init__(self, raw: Any, path: str = "") -> None:
        self.raw = raw
        get: Callable[[str], Any] = getattr(raw, "get", lambda name: None)
        given = raw if isinstance(raw, str) else get("path")
        size = get("size")
        self.path: str = given if isinstance(given, str) and given else path
        self.size: int | None = int(size) if isinstance(size, (int, float)) else None
        self.modified: datetime | None = parse_instant(get("modified"))
        self.created: datetime | None = parse_instant(get("created"))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UserFile):
            return NotImplemented
        return (self.path, self.size, self.modified) == (other.path, other.size, other.modified)

    def __hash__(self) -> int:
        return hash(self.path)

    def __repr__(self) -> str:
        return redact_text(f"<UserFile {self.path!r} {self.size} bytes>")
