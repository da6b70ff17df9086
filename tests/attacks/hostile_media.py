"""Small files that take much to decode, and files that only another program can open."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache

from PIL import Image

LARGEST = 8192
"""Edge of the largest image that the emulator accepts."""


def eps() -> bytes:
    """A file that Pillow passes to Ghostscript."""
    return b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n"


def psd() -> bytes:
    """A Photoshop file."""
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 10, 10, 8, 3)
    return head + bytes(12) + struct.pack(">H", 0) + bytes(300)


def wmf() -> bytes:
    """A Windows metafile."""
    return b"\xd7\xcd\xc6\x9a\0\0" + struct.pack("<HHHHH", 0, 0, 1000, 1000, 96) + bytes(60)


def png_chunk(kind: bytes, content: bytes) -> bytes:
    whole = kind + content
    return len(content).to_bytes(4, "big") + whole + zlib.crc32(whole).to_bytes(4, "big")


def png(width: int, height: int, *chunks: bytes, rows: int | None = None) -> bytes:
    """A black greyscale PNG; `rows` is how many rows it contains, by default all."""
    deflate = zlib.compressobj(9)
    row = bytes(1 + width)
    pixels = b"".join(deflate.compress(row) for _ in range(height if rows is None else rows))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = png_chunk(b"IDAT", pixels + deflate.flush())
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + b"".join(chunks) + body + png_chunk(b"IEND", b"")


def largest_png() -> bytes:
    """The largest image that is accepted, in few bytes."""
    return png(LARGEST, LARGEST)


def huge_png(width: int, height: int) -> bytes:
    """A PNG whose head names a size, with one row at most."""
    return png(width, height, rows=min(1, 100_000 // width))


def texts_png(count: int) -> bytes:
    """A PNG with texts of 1,000,000 characters, each compressed to one thousandth."""
    text = zlib.compress(b"a" * 1_000_000, 9)
    chunks = [png_chunk(b"zTXt", b"t%d\0\0" % index + text) for index in range(count)]
    chunks += [png_chunk(b"iTXt", b"i%d\0\1\0\0\0" % index + text) for index in range(count)]
    return png(4, 4, *chunks)


def text_bomb_png(size: int) -> bytes:
    """A PNG with a compressed text and a compressed colour profile of this size."""
    bomb = zlib.compress(bytes(size), 9)
    chunks = png_chunk(b"iCCP", b"p\0\0" + bomb), png_chunk(b"zTXt", b"t\0\0" + bomb)
    return png(4, 4, *chunks, png_chunk(b"iTXt", b"i\0\1\0\0\0" + bomb))


def apng(frames: int, edge: int) -> bytes:
    """An animated PNG."""
    first, others = Image.new("L", (edge, edge)), [Image.new("L", (edge, edge), n % 2) for n in range(frames)]
    target = io.BytesIO()
    first.save(target, "PNG", save_all=True, append_images=others)
    return target.getvalue()


def gif(frames: int, edge: int) -> bytes:
    """An animated GIF of which each frame has one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", edge, edge, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * frames + b";"


def gif_beyond_its_canvas(edge: int) -> bytes:
    """A GIF of one pixel, with a frame that is larger."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    return head + b"," + struct.pack("<HHHHB", 0, 0, edge, edge, 0) + b"\x02\x02\x44\x01\x00;"


def webp(width: int, height: int, frames: int) -> bytes:
    """An animated WebP with a canvas of this size and small frames."""
    target = io.BytesIO()
    Image.new("RGB", (16, 16)).save(target, "WEBP", lossless=True)
    image = target.getvalue()[12:]
    frame = bytes(6) + (15).to_bytes(3, "little") * 2 + b"\x10\0\0\0" + image
    canvas = b"\2\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + _riff(b"VP8X", canvas) + _riff(b"ANIM", bytes(6)) + _riff(b"ANMF", frame) * frames
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiff(width: int, height: int, tile: int | None = None, strip: int | None = None) -> bytes:
    """A TIFF compressed by deflate, in one tile or in one strip of this many rows."""
    rows = min(tile or height, 2_000)
    deflate = zlib.compressobj(9)
    content = b"".join(deflate.compress(bytes(tile or width)) for _ in range(rows)) + deflate.flush()
    tags = [(256, width), (257, height), (258, 8), (259, 8), (262, 1), (277, 1)]
    if tile is None:
        tags += [(273, 0), (278, strip or height), (279, len(content))]
    else:
        tags += [(322, tile), (323, tile), (324, 0), (325, len(content))]
    start = 8 + 2 + 12 * len(tags) + 4
    fields = b"".join(
        struct.pack("<HHII", tag, 4, 1, start if tag in (273, 324) else value) for tag, value in tags
    )
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + fields + bytes(4) + content


def bmp(width: int, height: int) -> bytes:
    """A BMP compressed by run lengths, of one row."""
    pixels = b"\xff\0" * 64 + b"\0\1"
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(pixels), 0, 0, 256, 0)
    return (
        b"BM" + struct.pack("<IHHI", 54 + 1024 + len(pixels), 0, 0, 54 + 1024) + info + bytes(1024) + pixels
    )


def jpeg(width: int, height: int) -> bytes:
    """A JPEG whose head names another size than it contains."""
    target = io.BytesIO()
    Image.new("L", (16, 16)).save(target, "JPEG")
    content = bytearray(target.getvalue())
    start = content.index(b"\xff\xc0") + 5
    content[start : start + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def _riff(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


REFUSED: dict[str, Callable[[], bytes]] = {
    "EPS": eps,
    "PSD": psd,
    "WMF": wmf,
    "PNG of 2 GB": lambda: huge_png(2**31 - 1, 1),
    "PNG of 20,000 x 20,000": lambda: huge_png(20_000, 20_000),
    "PNG of 16,384 x 4,097": lambda: huge_png(16_384, 4_097),
    "PNG with text bombs": lambda: text_bomb_png(100_000_000),
    "PNG with 200 MB of texts": lambda: texts_png(100),
    "GIF of 65,535 x 65,535": lambda: gif(1, 65_535),
    "GIF beyond its canvas": lambda: gif_beyond_its_canvas(60_000),
    "WebP of 16,384 x 16,384": lambda: webp(16_384, 16_384, 1),
    "WebP of 16,777,216 x 200": lambda: webp(16_777_216, 200, 1),
    "TIFF of 60,000 x 60,000": lambda: tiff(60_000, 60_000),
    "TIFF with a tile of 20,000 x 20,000": lambda: tiff(8, 8, tile=20_000),
    "TIFF with a tile of 9,000 x 9,000": lambda: tiff(8, 8, tile=9_000),
    "BMP of 50,000 x 50,000": lambda: bmp(50_000, 50_000),
    "JPEG of 65,000 x 65,000": lambda: jpeg(65_000, 65_000),
}
"""Makers of files that must be refused, by what they are."""

MANY_FRAMES: dict[str, Callable[[], bytes]] = {
    "GIF with 100,000 frames": lambda: gif(100_000, 4_000),
    "APNG with 200 frames": lambda: apng(200, 512),
    "WebP with 20,000 frames": lambda: webp(4_000, 4_000, 20_000),
    "TIFF with a strip of 4,000,000,000 rows": lambda: tiff(64, 64, strip=4_000_000_000),
}
"""Makers of files with many frames, of which only the first may be decoded."""


@cache
def content_of(kind: str) -> bytes:
    """A file of one of the kinds above; some take long to make."""
    return (REFUSED | MANY_FRAMES)[kind]()
