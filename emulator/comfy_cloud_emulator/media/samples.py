"""Small files of every kind that jobs make, as bytes: the content behind generated histories.

Deterministic: the same seed gives the same bytes. Each is a valid file of its format and as small
as possible; none was made by a model. Written by hand, because importing Pillow would take longer
than starting the emulator.
"""

from __future__ import annotations

import struct
import textwrap
import zlib
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import orjson
from blake3 import blake3

EDGE: Final = 64
"""Pixels per edge of a sample image."""

_BANDS: Final = 16
_PNG_START: Final = b"\x89PNG\r\n\x1a\n"
_SILENT_FRAME: Final = b"\xff\xfb\x90\xc4" + bytes(413)
"""One MPEG-1 layer III frame of silence, 128 kbit/s at 44.1 kHz."""


def sample(extension: str, seed: str, texts: Mapping[str, str] | None = None) -> bytes:
    """A file for an extension such as ".png". Raises ValueError for one that has no sample.

    `texts` are stored where ComfyUI puts a workflow: in text chunks of a PNG, in the metadata of an
    MP4.
    """
    match extension.lower():
        case ".png":
            return png(seed, texts)
        case ".mp4":
            return mp4(seed, texts)
        case ".mp3":
            return mp3(seed)
        case ".glb":
            return glb(seed)
        case ".safetensors":
            return safetensors(seed)
        case _:
            raise ValueError(f"there is no sample for {extension!r}")


def png(seed: str, texts: Mapping[str, str] | None = None) -> bytes:
    """An image of sixteen bands whose colours are derived from the seed."""
    texts_by_name = {"seed": seed, **(texts or {})}
    return b"".join(
        (
            _PNG_START,
            _BANDS_HEAD,
            # All images share their pixels, which are palette indices: only the palette differs.
            _png_chunk(b"PLTE", _noise(seed)[: 3 * _BANDS]),
            *(
                _png_chunk(b"tEXt", name.encode("latin-1") + b"\0" + _plain(text))
                for name, text in texts_by_name.items()
            ),
            _BANDS_PIXELS,
            _PNG_END,
        )
    )


def tiny_png(job_id: str, index: int) -> bytes:
    """The smallest image that differs between jobs: one grey pixel, and a text with the job's id.

    For large numbers of jobs, where drawing would take too long.
    """
    text = b"job\0%b/%d" % (job_id.encode(), index)
    chunk = b"tEXt" + text
    return b"%b%b%b%b%b" % (
        _TINY_PNG_START,
        len(text).to_bytes(4, "big"),
        chunk,
        zlib.crc32(chunk).to_bytes(4, "big"),
        _TINY_PNG_END,
    )


def tiny_png_name(job_id: str, index: int = 0) -> str:
    """The stored name of a `tiny_png`."""
    return f"{blake3(tiny_png(job_id, index)).hexdigest()}.png"


def mp4(seed: str, texts: Mapping[str, str] | None = None) -> bytes:
    """A video without tracks: header boxes, metadata, and some bytes of media data."""
    texts_by_name = {"seed": seed, **(texts or {})}
    keys = b"".join(_box(b"mdta", name.encode()) for name in texts_by_name)
    values = b"".join(
        _box(struct.pack(">I", index), _box(b"data", struct.pack(">II", 1, 0) + text.encode()))
        for index, text in enumerate(texts_by_name.values(), start=1)
    )
    handler = _box(b"hdlr", bytes(8) + b"mdta" + bytes(13))
    counted = struct.pack(">II", 0, len(texts_by_name)) + keys
    meta = _box(b"meta", bytes(4) + handler + _box(b"keys", counted) + _box(b"ilst", values))
    unity = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    header = struct.pack(">IIIIIiH10x", 0, 0, 0, 1000, 1000, 0x10000, 0x100) + unity + bytes(24)
    moov = _box(b"moov", _box(b"mvhd", header + struct.pack(">I", 1)) + _box(b"udta", meta))
    return _box(b"ftyp", b"isom\0\0\2\0isomiso2mp41") + moov + _box(b"mdat", _noise(seed) * 8)


def mp3(seed: str) -> bytes:
    """A quarter of a second of silence, with the seed as its title."""
    title = b"\0" + _plain(seed)
    frame = b"TIT2" + struct.pack(">IH", len(title), 0) + title
    length = len(frame)
    # The length of the tag is written in bytes of seven bits.
    synchsafe = bytes((length >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + synchsafe + frame + _SILENT_FRAME * 10


def glb(seed: str) -> bytes:
    """A model of one triangle, its corners derived from the seed."""
    noise = _noise(seed)
    corners = [noise[index] / 255 for index in range(9)]
    points = struct.pack("<9f", *corners)
    # The bounds must be the 32-bit numbers that the buffer really holds.
    stored = struct.unpack("<9f", points)
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "comfy_cloud_emulator", "extras": {"seed": seed}},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": 3,
                "type": "VEC3",
                "min": [min(stored[axis::3]) for axis in range(3)],
                "max": [max(stored[axis::3]) for axis in range(3)],
            }
        ],
        "bufferViews": [{"buffer": 0, "byteLength": len(points)}],
        "buffers": [{"byteLength": len(points)}],
    }
    text = orjson.dumps(document)
    text += b" " * (-len(text) % 4)
    chunks = (
        struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(points), b"BIN\0") + points
    )
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks


def svg(seed: str, texts: Mapping[str, str] | None = None) -> bytes:
    """An image of sixteen bands, with the texts as one JSON object in its metadata."""
    colors = _noise(seed)[: 3 * _BANDS].hex()
    height = EDGE // _BANDS
    bands = "".join(
        f'<rect y="{height * band}" width="{EDGE}" height="{height}" fill="#{color}"/>'
        for band, color in enumerate(textwrap.wrap(colors, 6))
    )
    metadata = orjson.dumps({name: orjson.Fragment(text) for name, text in (texts or {}).items()}).decode()
    metadata = metadata.replace("]]>", "]]\\u003e")
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{EDGE}" height="{EDGE}">'
    return f"{head}<metadata><![CDATA[{metadata}]]></metadata>{bands}</svg>".encode()


def safetensors(seed: str, texts: Mapping[str, str] | None = None) -> bytes:
    """A weights file of one small tensor, between 8 and 40 KiB long, derived from the seed.

    The texts are in its metadata.
    """
    noise = _noise(seed)
    rows = 8 + noise[0] % 32
    weights = (noise * (rows * 1024 // len(noise) + 1))[: rows * 1024]
    head: dict[str, Any] = {
        "__metadata__": {"source": seed, **(texts or {})},
        "weight": {"dtype": "F16", "shape": [rows, 512], "data_offsets": [0, len(weights)]},
    }
    text = orjson.dumps(head)
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + weights


def _noise(seed: str) -> bytes:
    return blake2b(seed.encode(), digest_size=64).digest()


def _plain(text: str) -> bytes:
    """Latin-1, the encoding of these text fields; other characters are escaped as in JSON."""
    return text.encode("ascii", "backslashreplace")


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    whole = kind + content
    return len(content).to_bytes(4, "big") + whole + zlib.crc32(whole).to_bytes(4, "big")


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


_PNG_END: Final = _png_chunk(b"IEND", b"")
_BANDS_HEAD: Final = _png_chunk(b"IHDR", struct.pack(">IIBBBBB", EDGE, EDGE, 8, 3, 0, 0, 0))
_BANDS_PIXELS: Final = _png_chunk(
    b"IDAT",
    zlib.compress(b"".join(b"\0" + bytes([row * _BANDS // EDGE]) * EDGE for row in range(EDGE)), 9),
)
_TINY_PNG_START: Final = _PNG_START + _png_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
_TINY_PNG_END: Final = _png_chunk(b"IDAT", zlib.compress(b"\0\x7f", 0)) + _PNG_END
