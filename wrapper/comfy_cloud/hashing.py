"""BLAKE3 hashes of content: how Comfy Cloud names what it stores.

A stored file is called `<64 hex digits>.<extension>`, and an asset carries its hash as `blake3:<64 hex digits>` or in the form
of the file name. Nothing here talks to a server; `hash_file` reads the file that it is given.
"""

from __future__ import annotations

import io
import mmap
import os
import re
from collections.abc import Callable, Iterator
from typing import IO, Any

# Large enough that several threads have work, small beside what a Python process takes anyway.
_BLOCK = 8 * 1024 * 1024
_WINDOW = 16 * 1024 * 1024  # a multiple of what any system maps at once
_LEAST_MAPPED = 1024 * 1024

_HEX = r"[0-9a-fA-F]{64}"
_STORED_NAME = re.compile(rf"({_HEX})(?:\.[^./\\]+)?")
_WRITTEN_HASH = re.compile(rf"(?:blake3:)?({_HEX})(?:\.[^./\\]+)?")


def hash_bytes(content: bytes | bytearray | memoryview) -> str:
    """The BLAKE3 of content in memory, as 64 hex digits."""
    from blake3 import blake3

    return blake3(content, max_threads=blake3.AUTO).hexdigest()


def hash_file(file: IO[bytes], check: Callable[[], object] | None = None) -> str:
    """The BLAKE3 of an open file from its start, as 64 hex digits. It is left at its end.

    A file of this machine is mapped into memory, a window at a time, which spares the copying; anything else is read in blocks.
    Like with every mapped file, the program ends if somebody shortens it while its window is hashed. `check` is called before
    each window or block, and may raise to end it.
    """
    from blake3 import blake3

    hasher = blake3(max_threads=blake3.AUTO)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    for block in _windows(file, size) or _blocks(file, size):
        with block:
            if check is not None:
                check()
            hasher.update(block)
    file.seek(0, os.SEEK_END)
    return hasher.hexdigest()


def _windows(file: IO[bytes], size: int) -> Iterator[memoryview] | None:
    """The content of a file of this machine, mapped; None for a small one, and for what cannot be mapped."""
    if size < _LEAST_MAPPED or not isinstance(file, (io.FileIO, io.BufferedReader, io.BufferedRandom)):
        return None
    try:
        with mmap.mmap(file.fileno(), 1, access=mmap.ACCESS_READ):
            return _mapped(file, size)
    except (OSError, ValueError):
        return None


def _mapped(file: IO[bytes], size: int) -> Iterator[memoryview]:
    for offset in range(0, size, _WINDOW):
        left = os.fstat(file.fileno()).st_size - offset  # it may have become shorter
        if left <= 0:
            return
        with mmap.mmap(file.fileno(), min(_WINDOW, left), access=mmap.ACCESS_READ, offset=offset) as window:
            yield memoryview(window)


def _blocks(file: IO[bytes], size: int) -> Iterator[memoryview]:
    buffer = bytearray(min(_BLOCK, max(size, 1)))
    readinto = getattr(file, "readinto", None)
    if readinto is None:
        while block := file.read(_BLOCK):
            yield memoryview(block)
        return
    while count := readinto(buffer):
        yield memoryview(buffer)[:count]


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
