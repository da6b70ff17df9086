"""BLAKE3 hashes of content: how Comfy Cloud names what it stores.

A stored file is called `<64 hex digits>.<extension>`, and an asset carries its hash as `blake3:<64 hex digits>` or in the form
of the file name. Nothing here talks to a server; `hash_file` reads the file that it is given.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import IO, Any

# Large enough that several threads have work, small beside what a Python process takes anyway.
_BLOCK = 8 * 1024 * 1024

_HEX = r"[0-9a-fA-F]{64}"
_STORED_NAME = re.compile(rf"({_HEX})(?:\.[^./\\]+)?")
_WRITTEN_HASH = re.compile(rf"(?:blake3:)?({_HEX})(?:\.[^./\\]+)?")


def hash_bytes(content: bytes | bytearray | memoryview) -> str:
    """The BLAKE3 of content in memory, as 64 hex digits."""
    from blake3 import blake3

    return blake3(content, max_threads=blake3.AUTO).hexdigest()


def hash_file(file: IO[bytes], check: Callable[[], object] | None = None) -> str:
    """The BLAKE3 of an open file from its start, as 64 hex digits. It is read in blocks, and left at its end.

    `check` is called before each block, and may raise to end it.
    """
    from blake3 import blake3

    hasher = blake3(max_threads=blake3.AUTO)
    file.seek(0)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    buffer = bytearray(min(_BLOCK, max(size, 1)))
    view = memoryview(buffer)
    readinto = getattr(file, "readinto", None)
    while True:
        if check is not None:
            check()
        if readinto is not None:
            count = readinto(buffer)
            if not count:
                return hasher.hexdigest()
            hasher.update(view[:count])
        else:
            block = file.read(_BLOCK)
            if not block:
                return hasher.hexdigest()
            hasher.update(block)


def hash_in_name(filename: str) -> str | None:
    """The hash that a stored file is named by, as lower-case hex digits; None when it is named otherwise."""
    match = _STORED_NAME.fullmatch(filename)
    return match[1].lower() if match else None


def hash_hex(written: object) -> str | None:
    """The hex digits of a hash in any form in circulation: `blake3:<hex>`, `<hex>`, `<hex>.<extension>`; else None."""
    match = _WRITTEN_HASH.fullmatch(written) if isinstance(written, str) else None
    return match[1].lower() if match else None


def asset_hash(asset: Any) -> str | None:
    """The hash of an asset as hex digits, under whichever of its two names the server sent it."""
    for name in ("hash", "asset_hash"):
        found = hash_hex(asset.get(name))
        if found:
            return found
    return None


def graph_name(asset: Any) -> str | None:
    """The name by which a loader node finds an asset in a graph; not the `name` for people. None when it has none yet.

    `loader_path` where the server says it; else the stored name, which is its hash and extension.
    """
    loader = asset.get("loader_path")
    if isinstance(loader, str) and loader:
        return loader
    stored = asset.get("asset_hash")
    if isinstance(stored, str) and hash_in_name(stored):
        return stored
    found = asset_hash(asset)
    if found is None:
        return None
    name = asset.get("name")
    extension = os.path.splitext(name)[1] if isinstance(name, str) else ""
    return f"{found}{extension}"
