"""Files whose metadata takes much time or memory to read; each takes the number of its units.

`python -m tests.attacks.hostile_metadata` reads the largest of each: the time and the memory.
"""

from __future__ import annotations

import resource
import sys
import time
import zlib
from collections.abc import Callable

from comfy_cloud import Workflow
from comfy_cloud.errors import ConfigurationError
from tests.attacks.hostile_media import png_chunk


def _png(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join([*chunks, png_chunk(b"IEND", b"")])


def _packed(name: bytes, text: bytes) -> bytes:
    return _png(png_chunk(b"zTXt", name + b"\0\0" + zlib.compress(text)))


def _numbered(number: int) -> bytes:
    return bytes((1 + number // 65_025, 1 + number // 255 % 255, 1 + number % 255)).replace(b"\0", b"\1")


def _jpeg_parts(count: int) -> bytes:
    parts = (b"\xff\xe5\0\6" + _numbered(number) + b"\0" for number in range(count))
    return b"\xff\xd8" + b"".join(parts) + b"\xff\xda"


def _graphs(count: int) -> bytes:
    graph = b'{"1": {"class_type": "A", "inputs": {"a": %d}}}'
    return _png(*(png_chunk(b"tEXt", b"x\0" + graph % number) for number in range(count)))


def _svg(content: bytes, doctype: bytes = b"") -> bytes:
    return b'<?xml version="1.0"?>' + doctype + b"<svg>" + content + b"</svg>"


def attribute_bomb(size: int, count: int) -> bytes:
    """An SVG in which an attribute with a default of this size is in so many elements."""
    default = b"{class_type" + b"x" * size
    return _svg(b"<a/>" * count, b'<!DOCTYPE svg [<!ATTLIST a b CDATA "' + default + b'">]>')


def entity_bomb() -> bytes:
    """An SVG with entities of entities: the billion laughs."""
    entities = b"".join(b'<!ENTITY e%d "%s">' % (number + 1, b"&e%d;" % number * 10) for number in range(9))
    return _svg(b"&e9;", b'<!DOCTYPE svg [<!ENTITY e0 "class_type{">' + entities + b"]>")


METADATA: dict[str, Callable[[int], bytes]] = {
    "line breaks as a raw profile": lambda n: _packed(b"Raw profile type xmp", b"\n" * n),
    "spaces as XMP": lambda n: _packed(b"XML:com.adobe.xmp", b" " * n),
    "a long comment": lambda n: _svg(b"<!--" + b"x" * n + b"-->"),
    "a long attribute": lambda n: _svg(b'<a b="' + b"x" * n + b'"/>'),
    "parts of a JPEG": _jpeg_parts,
    "different graphs": _graphs,
    "items of a list": lambda n: _packed(b"prompt", b'{"a": [' + b"{}," * n + b"{}]}"),
    "braces": lambda n: b'{"nodes": ' + b'{"a" ' * n,
}
MOST_SECONDS = 20
MOST_KILOBYTES = 2_000_000
LARGEST = {
    "line breaks as a raw profile": 30_000_000,
    "spaces as XMP": 30_000_000,
    "a long comment": 60_000_000,
    "a long attribute": 60_000_000,
    "parts of a JPEG": 99_000,
    "different graphs": 99_000,
    "items of a list": 10_000_000,
    "braces": 12_000_000,
}


def read(content: bytes) -> str:
    """What reading a file ends with."""
    try:
        Workflow.load(content)
    except ConfigurationError as error:
        return str(error)
    return ""


def main() -> None:
    """Read the largest of each, or of those that are named."""
    for name in sys.argv[1:] or METADATA:
        content = METADATA[name](LARGEST[name])
        started = time.process_time()
        read(content)
        seconds, memory = time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        held = seconds < MOST_SECONDS and memory < MOST_KILOBYTES
        shown = f"{len(content)} bytes, {seconds:.1f} s, the largest so far {memory >> 10} MB"
        print(f"metadata, {name}: {shown} | 1 | {int(held)}")


if __name__ == "__main__":
    main()
