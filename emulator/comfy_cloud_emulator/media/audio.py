"""Audio files: WAV, FLAC and Ogg Opus of silence, each with the workflow where ComfyUI puts it.

Minimal but valid: programs that read these formats can read these files.
"""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Mapping
from typing import Final

RATE: Final = 44_100
"""Samples per second."""
_BLOCK: Final = 4_096
_BLOCKS: Final = 11
"""Blocks of a FLAC: about a second."""
_VENDOR: Final = b"comfy_cloud_emulator"


def wav() -> bytes:
    """A second of silence, mono, 16 bits."""
    content = io.BytesIO()
    with wave.open(content, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(RATE)
        target.writeframes(bytes(2 * RATE))
    return content.getvalue()


def flac(texts: Mapping[str, str]) -> bytes:
    """A second of silence, mono, 16 bits, with comments."""
    samples = _BLOCK * _BLOCKS
    # Rate (20 bits), channels minus one (3), bits minus one (5), number of samples (36); no MD5 of
    # the audio.
    packed = (RATE << 44 | 0 << 41 | 15 << 36 | samples).to_bytes(8, "big")
    info = struct.pack(">HH6x", _BLOCK, _BLOCK) + packed + bytes(16)
    blocks = _metadata(0, info) + _metadata(4, _comments(texts), last=True)
    return b"fLaC" + blocks + b"".join(_silent_frame(number) for number in range(_BLOCKS))


def opus(texts: Mapping[str, str]) -> bytes:
    """An Ogg stream of Opus: its two header packets and one packet of silence."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48_000, 0, 0)
    tags = b"OpusTags" + _comments(texts)
    pages = [(head, 2, 0), (tags, 0, 0), (b"\xf8\xff\xfe", 4, 960)]
    return b"".join(
        page
        for number, (packet, kind, until) in enumerate(pages)
        for page in _ogg(packet, kind, until, number)
    )


def _comments(texts: Mapping[str, str]) -> bytes:
    parts = [_counted(_VENDOR), struct.pack("<I", len(texts))]
    parts += [_counted(f"{name}={text}".encode()) for name, text in texts.items()]
    return b"".join(parts)


def _counted(content: bytes) -> bytes:
    return struct.pack("<I", len(content)) + content


def _metadata(kind: int, content: bytes, *, last: bool = False) -> bytes:
    return bytes([kind | (0x80 if last else 0)]) + len(content).to_bytes(3, "big") + content


def _silent_frame(number: int) -> bytes:
    # Fixed block size of 4096, 44.1 kHz, mono, 16 bits; one subframe of constant zero.
    head = bytes([0xFF, 0xF8, 0xC9, 0x08, number])
    head += bytes([_crc(head, 8, 0x07)])
    frame = head + bytes(3)
    return frame + _crc(frame, 16, 0x8005).to_bytes(2, "big")


def _ogg(packet: bytes, kind: int, until: int, number: int) -> list[bytes]:
    """One packet as pages. A page holds 255 segments of 255 bytes; longer packets are continued."""
    chunks = [packet[start : start + 255 * 255] for start in range(0, len(packet), 255 * 255)]
    pages: list[bytes] = []
    for index, chunk in enumerate(chunks):
        is_last = index == len(chunks) - 1
        lacing = [255] * (len(chunk) // 255) + ([len(chunk) % 255] if is_last else [])
        flags = kind | (1 if index else 0)
        page = struct.pack(
            "<4sBBqIIIB", b"OggS", 0, flags, until if is_last else -1, 1, number + index, 0, len(lacing)
        )
        page += bytes(lacing) + chunk
        check = _crc(page, 32, 0x04C11DB7)
        pages.append(page[:22] + struct.pack("<I", check) + page[26:])
    return pages


def _crc(content: bytes, bits: int, polynomial: int) -> int:
    """A cyclic redundancy check: most significant bit first, initial value zero."""
    top, mask, value = 1 << (bits - 1), (1 << bits) - 1, 0
    for byte in content:
        value ^= byte << (bits - 8)
        for _ in range(8):
            value = (value << 1 ^ polynomial) if value & top else value << 1
        value &= mask
    return value
