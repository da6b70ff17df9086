"""BLAKE3 hashes of content, by which Comfy Cloud names the files that it stores.

A stored file is called `<64 hex digits>.<extension>`. An asset contains its hash as
`blake3:<64 hex digits>`, or in the form of the file name. Nothing here contacts a server, and
`hash_file` reads only the file that it is given.
"""

from __future__ import annotations

import io
import mmap
import os
import re
from collections.abc import Callable, Iterator
from typing import IO, Any

from ._files.file_types import split_name

# Large enough to keep several threads busy, small compared to what a Python process needs anyway.
_BLOCK_SIZE = 8 * 1024 * 1024
# A multiple of the granularity at which any system maps files.
_WINDOW_SIZE = 16 * 1024 * 1024
_MIN_MAPPED_SIZE = 1024 * 1024

# A hash in any of its forms: an optional algorithm, the digits, an optional extension.
_HASH = re.compile(r"(blake3:)?([0-9a-fA-F]{64})(\.[^./\\]+)?")


def hash_bytes(content: bytes | bytearray | memoryview) -> str:
    """The BLAKE3 hash of content in memory, as 64 hex digits."""
    from blake3 import blake3

    return blake3(content, max_threads=blake3.AUTO).hexdigest()


def hash_file(file: IO[bytes], check: Callable[[], object] | None = None) -> str:
    """The BLAKE3 hash of an open file from its start, as 64 hex digits.

    The file is left at its end.

    A file on this machine is mapped into memory, one window at a time, which avoids copying it;
    anything else is read in blocks. As with every mapped file, the program is killed if someone
    truncates the file while its window is hashed.

    `check` is called before each window or block, and may raise an exception to stop.
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
    """The content as mapped windows; None for a small file, and for one that cannot be mapped."""
    if size < _MIN_MAPPED_SIZE or not isinstance(file, (io.FileIO, io.BufferedReader, io.BufferedRandom)):
        return None
    try:
        with mmap.mmap(file.fileno(), 1, access=mmap.ACCESS_READ):
            return _mapped(file, size)
    except (OSError, ValueError):
        return None


def _mapped(file: IO[bytes], size: int) -> Iterator[memoryview]:
    for offset in range(0, size, _WINDOW_SIZE):
        left = os.fstat(file.fileno()).st_size - offset  # it may have been truncated
        if left <= 0:
            return
        with mmap.mmap(
            file.fileno(), min(_WINDOW_SIZE, left), access=mmap.ACCESS_READ, offset=offset
        ) as window:
            yield memoryview(window)


def _blocks(file: IO[bytes], size: int) -> Iterator[memoryview]:
    buffer = bytearray(min(_BLOCK_SIZE, max(size, 1)))
    readinto = getattr(file, "readinto", None)
    if readinto is None:
        while block := file.read(_BLOCK_SIZE):
            yield memoryview(block)
        return
    while count := readinto(buffer):
        yield memoryview(buffer)[:count]


def hash_in_name(filename: str) -> str | None:
    """The hash in the name of a stored file, as lower-case hex digits; None for other names."""
    found = _HASH.fullmatch(filename)
    return found[2].lower() if found and not found[1] else None


def hash_hex(written: object) -> str | None:
    """The lower-case hex digits of a hash in any form; None if it is not one.

    The forms are `blake3:<hex>`, `<hex>` and `<hex>.<extension>`.
    """
    found = _HASH.fullmatch(written) if isinstance(written, str) else None
    return found[2].lower() if found else None


def asset_hash(asset: Any) -> str | None:
    """The hash of an asset as hex digits, from `hash` or `asset_hash`; None if it has neither."""
    for field in ("hash", "asset_hash"):
        found = hash_hex(asset.get(field))
        if found:
            return found
    return None


def is_loader_name_known(asset: Any) -> bool:
    """Whether the server says by which name a loader node finds an asset, so none is made up."""
    loader_path = asset.get("loader_path")
    if isinstance(loader_path, str) and loader_path:
        return True
    hashes = (_HASH.fullmatch(str(asset.get(field))) for field in ("asset_hash", "hash"))
    return any(found is not None and found[3] for found in hashes)


def graph_name(asset: Any, filename: str | None = None) -> str | None:
    """The name by which a loader node, such as LoadImage, finds an asset; None if it is not known.

    That is the asset's `loader_path`, if the server sent one. Otherwise it is the name of the
    stored file, `<hash>.<extension>`. A hash that includes the extension is that name already; only
    a prefix `blake3:` is removed. To any other hash, the extension of the asset's `name` is added
    in lower case, as in every stored name that has been seen. If the name has no extension, that of
    `filename` is added: the name of the file that was uploaded.

    The asset's `name` itself does not work in a graph: the job fails with an ImageDownloadError.
    """
    loader_path = asset.get("loader_path")
    if isinstance(loader_path, str) and loader_path:
        return loader_path
    for field in ("asset_hash", "hash"):
        written = asset.get(field)
        found = _HASH.fullmatch(written) if isinstance(written, str) else None
        if found and found[3]:
            return f"{found[2]}{found[3]}"
    digits = asset_hash(asset)
    if digits is None:
        return None
    extensions = (split_name(name)[1] for name in (asset.get("name"), filename) if isinstance(name, str))
    return digits + next(filter(None, extensions), "").lower()
