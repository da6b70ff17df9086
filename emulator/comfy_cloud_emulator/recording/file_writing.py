"""Writing a recording: one ZIP file, which gets its name when it is complete.

It has `recording.json`, which says what it is, `records.jsonl` with a line for each record, and
`bodies/` with the larger bodies by their SHA-256.
"""

from __future__ import annotations

import json
import os
import secrets
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from comfy_cloud_emulator.state.json_values import Json

from .records import FORMAT, MOST_INLINE, VERSION, Body, Record, line_of
from .spool import SpooledBody

HEAD: Final = "recording.json"
RECORDS: Final = "records.jsonl"
BODIES: Final = "bodies/"
_COMPRESSED: Final = ("text/", "application/json", "application/xml", "model/gltf+json")
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)


class FileWriter:
    """Writes the members of a recording; `save` does the rest."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._digests: set[str] = set()

    def text_body(self, content: bytes, *, has_addresses: bool = False) -> Body:
        """A small text stays in its line; anything else becomes a file."""
        if not content:
            return Body()
        if len(content) <= MOST_INLINE and _is_text(content):
            return Body(inline=content, size=len(content), has_addresses=has_addresses)
        digest = sha256(content).hexdigest()
        self._add(digest, [content], is_text=True)
        return Body(file=digest, size=len(content), has_addresses=has_addresses)

    def file_body(self, body: SpooledBody, media_type: str) -> Body:
        """A body of any size, as it is."""
        if not body.size:
            return Body()
        self._add(body.digest, body.chunks(0, body.size), is_text=media_type.startswith(_COMPRESSED))
        return Body(file=body.digest, size=body.size)

    def _add(self, digest: str, chunks: Iterable[bytes], *, is_text: bool) -> None:
        if digest in self._digests:
            return
        self._digests.add(digest)
        with self._archive.open(_member(f"{BODIES}{digest}", is_text), "w", force_zip64=True) as member:
            for chunk in chunks:
                member.write(chunk)


def save(path: Path, about: Json, write_records: Callable[[FileWriter], Iterable[Record]]) -> None:
    """Write a recording under a temporary name in its folder, and rename it.

    Raises OSError if that fails; nothing is left then.
    """
    partial = path.with_name(f".comfy-{secrets.token_hex(6)}.part")
    # Prompts and images are nobody else's business.
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as opened:
            _write(opened, about, write_records)
            opened.flush()
            os.fsync(opened.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def _write(opened: BinaryIO, about: Json, write_records: Callable[[FileWriter], Iterable[Record]]) -> None:
    with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
        # Bodies first: only one member can be written at a time.
        lines = [line_of(record) for record in write_records(FileWriter(archive))]
        with archive.open(_member(RECORDS, is_text=True), "w", force_zip64=True) as member:
            for line in lines:
                member.write(line.encode("utf-8", "replace") + b"\n")
        head = {"format": FORMAT, "version": VERSION, **about}
        text = json.dumps(head, indent=2, ensure_ascii=False)
        archive.writestr(_member(HEAD, is_text=True), text.encode("utf-8", "replace"))


def _member(name: str, is_text: bool) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _EARLIEST)
    member.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
    member.external_attr = 0o600 << 16
    return member


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False
