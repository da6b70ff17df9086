"""A server that sends more than it should: endless and compressed bodies, headers and messages.

Each kind is a function that yields what is sent, head included, until the client has had enough.
"""

from __future__ import annotations

import gzip
import json
import socket
import zlib
from collections.abc import Callable, Iterator
from itertools import chain, islice, repeat
from typing import Any

from tests.socket_server import SocketServer, read_request

_PIECE = bytes(64 * 1024)
# What is sent at most: enough to show that a client has no limit, and no reason to wait for ever.
MOST_SENT = 600 * 2**20


def head(status: int = 200, *fields: str, kind: str = "application/json") -> bytes:
    """The head of a response whose body ends with the connection."""
    lines = [f"HTTP/1.1 {status} Something", f"Content-Type: {kind}", "Connection: close", *fields]
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


def _chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


def _compressed(new: Callable[[], Any], level: int = 1) -> Iterator[bytes]:
    """An endless compressed stream of zeros. Every piece of it is the same."""
    compressor = new()
    content = bytes(16 * 2**20)
    first = compressor.compress(content) + compressor.flush(zlib.Z_FULL_FLUSH)
    again = compressor.compress(content) + compressor.flush(zlib.Z_FULL_FLUSH)
    yield first
    yield from repeat(again)


def _gzip() -> Iterator[bytes]:
    return _compressed(lambda: zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16))


def _deflate(window_bits: int = zlib.MAX_WBITS) -> Iterator[bytes]:
    return _compressed(lambda: zlib.compressobj(9, zlib.DEFLATED, window_bits))


def _zstd() -> Iterator[bytes]:
    """A frame of blocks that each repeat one byte 128 KiB times, written by hand."""
    window = bytes([0x28, 0xB5, 0x2F, 0xFD, 0x00, (17 - 10) << 3])
    block = ((128 * 1024) << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    return chain([window], repeat(block * 4096))


def _twice() -> Iterator[bytes]:
    """gzip of a gzip that holds 4 GiB."""
    inner = _gzip()
    outer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    for _, piece in zip(range(256), inner, strict=False):
        yield outer.compress(piece) + outer.flush(zlib.Z_SYNC_FLUSH)


def _encoded(name: str, body: Callable[[], Iterator[bytes]]) -> Callable[[], Iterator[bytes]]:
    return lambda: chain([head(200, f"Content-Encoding: {name}")], body())


def _forever(*first: bytes, then: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: chain(first, repeat(then))


_CHUNKED = head(200, "Transfer-Encoding: chunked")
_JSON = json.dumps({"jobs": []}).encode()

BODIES: dict[str, Callable[[], Iterator[bytes]]] = {
    "endless, until the connection ends": _forever(head(), then=_PIECE),
    "endless, in chunks": _forever(_CHUNKED, then=_chunk(_PIECE)),
    # aiohttp joins the chunks; only the end of them, or a deadline, ends such a response there.
    "a million chunks of two bytes": lambda: chain([_CHUNKED], islice(repeat(_chunk(b"[]") * 4096), 250)),
    "a length of 10 GB": _forever(head(200, "Content-Length: 10000000000"), then=_PIECE),
    "endless, with status 500": _forever(head(500), then=_PIECE),
    "gzip": _encoded("gzip", _gzip),
    "gzip, with status 400": lambda: chain([head(400, "Content-Encoding: gzip")], _gzip()),
    "deflate": _encoded("deflate", _deflate),
    "deflate without its header": _encoded("deflate", lambda: _deflate(-zlib.MAX_WBITS)),
    "zstd": _encoded("zstd", _zstd),
    "zstd with a window of 2 GB": _encoded(
        "zstd", lambda: chain([bytes([0x28, 0xB5, 0x2F, 0xFD, 0, 21 << 3])], repeat(_PIECE))
    ),
    "br, which nobody requested": _encoded("br", lambda: repeat(b"\x5b\xff\xff\xff" * 4096)),
    "gzip of gzip": _encoded("gzip, gzip", _twice),
    "a hundred encodings": _encoded(", ".join(["gzip"] * 100), _gzip),
    "gzip that ended long ago": _encoded("gzip", lambda: chain([gzip.compress(_JSON)], repeat(_PIECE))),
    "gzip of nothing, for ever": _encoded(
        "gzip", lambda: chain([gzip.compress(b"")[:10]], repeat(b"\0\0\0\xff\xff" * 8192))
    ),
}
HEADS: dict[str, Callable[[], Iterator[bytes]]] = {
    "endless headers": _forever(b"HTTP/1.1 200 OK\r\n", then=b"X-More: and more\r\n" * 4096),
    "one endless header": _forever(b"HTTP/1.1 200 OK\r\nX-More: ", then=b"x" * 65536),
    "an endless status line": _forever(b"HTTP/1.1 200 ", then=b"x" * 65536),
    "an endless chunk extension": _forever(_CHUNKED + b"1;", then=b"x" * 65536),
    "a megabyte of extension for each byte": _forever(_CHUNKED, then=_chunk(b"1", b";" + b"x" * 2**20)),
    "endless trailers": _forever(_CHUNKED + b"0\r\n", then=b"X-More: and more\r\n" * 4096),
}
KINDS = {**BODIES, **HEADS}
# The body of a file, at the storage: without a length, or with one that is wrong.
FILES: dict[str, Callable[[], Iterator[bytes]]] = {
    "file: endless, without a length": _forever(head(kind="image/png"), then=_PIECE),
    "file: gzip that was not requested": lambda: chain(
        [head(200, "Content-Encoding: gzip", kind="image/png")], _gzip()
    ),
    "file: zstd that was not requested": lambda: chain(
        [head(200, "Content-Encoding: zstd", kind="image/png")], _zstd()
    ),
    "file: br that was not requested": lambda: chain(
        [head(200, "Content-Encoding: br", kind="image/png")], repeat(_PIECE)
    ),
    "file: a redirect with an endless body": lambda: chain(
        [head(302, "Location: /stored/endless-status", "Content-Encoding: gzip")], _gzip()
    ),
    "file: more than the listed size": _forever(
        head(200, "Content-Length: 10000000000", kind="image/png"), then=_PIECE
    ),
    "file: more than the listed size, in chunks": _forever(
        head(200, "Transfer-Encoding: chunked", kind="image/png"), then=_chunk(_PIECE)
    ),
}
LISTED_SIZE = 1000


class EndlessServer(SocketServer):
    """Sends `KINDS` at /KIND, where KIND is any text in the path; see `_body_of`."""

    def __init__(self) -> None:
        super().__init__()
        self.kind = ""

    def _serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            path = read_request(lines).target.partition("?")[0]
            sent = 0
            for piece in self._body_of(path):
                connection.sendall(piece)
                sent += len(piece)
                if sent > MOST_SENT:
                    return

    def _body_of(self, path: str) -> Iterator[bytes]:
        if not self.kind.startswith("file: "):
            return KINDS[self.kind]()
        if path == "/api/view" or path.endswith("/content"):
            return iter([head(302, "Location: /stored")])
        if path == "/api/assets/1":
            asset = {"id": "1", "name": "a.png", "size": LISTED_SIZE, "tags": []}
            return iter([head() + json.dumps(asset).encode()])
        if path == "/stored":
            return FILES[self.kind]()
        return iter([head(404)])


def endless_server() -> EndlessServer:
    return EndlessServer()
