"""Bodies are decoded in bounded steps, whatever pieces they come in."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._http.content_decoding import (
    BodyDecoder,
    BodyRefused,
    BodyTooLarge,
    DamagedBody,
    accepted_encodings,
    only_accepted,
)


def raw_deflate(content: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush()


def two_frames(content: bytes) -> bytes:
    half = len(content) // 2
    return zstandard.compress(content[:half]) + zstandard.compress(content[half:])


ENCODINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("", bytes),
    ("identity", bytes),
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("zstd", zstandard.compress),
    ("ZSTD", two_frames),
    ("gzip, zstd", lambda content: zstandard.compress(gzip.compress(content))),
    ("gzip,gzip,gzip", lambda content: gzip.compress(gzip.compress(gzip.compress(content)))),
]


def decoded(encodings: str, sent: bytes, limit: int | None = None, size: int = 1000) -> bytes:
    decoder = BodyDecoder(encodings, limit)
    pieces = [sent[start : start + size] for start in range(0, len(sent), size)]
    content = b"".join(found for piece in pieces for found in decoder.decode(piece))
    decoder.finish()
    return content


@pytest.mark.parametrize(("name", "encode"), ENCODINGS)
@given(content=st.binary(max_size=3000), times=st.integers(1, 40), size=st.integers(1, 5000))
def test_content_survives(
    name: str, encode: Callable[[bytes], bytes], content: bytes, times: int, size: int
) -> None:
    content *= times
    # Only the first piece shows whether deflate has its header.
    assert decoded(name, encode(content), len(content), max(size, 2)) == content


@pytest.mark.parametrize(("name", "encode"), ENCODINGS)
@pytest.mark.parametrize("content", [bytes(300_001), random.Random(1).randbytes(300_001)])
def test_one_byte_beyond_the_limit(name: str, encode: Callable[[bytes], bytes], content: bytes) -> None:
    sent = encode(content)
    assert decoded(name, sent, 300_001) == content
    with pytest.raises(BodyTooLarge):
        decoded(name, sent, 300_000)


@pytest.mark.parametrize(("name", "encode"), ENCODINGS[2:])
def test_no_step_yields_much(name: str, encode: Callable[[bytes], bytes]) -> None:
    decoder = BodyDecoder(name, None)
    sizes = [len(piece) for piece in decoder.decode(encode(bytes(20 * 2**20)))]
    assert sum(sizes) == 20 * 2**20
    assert max(sizes) <= 17 * 2**20


def test_zstd_of_the_highest_ratio_is_decoded_in_bounded_steps() -> None:
    window = bytes([0x28, 0xB5, 0x2F, 0xFD, 0x00, 7 << 3])
    block = ((128 * 1024) << 3 | 1 << 1).to_bytes(3, "little") + b"a"
    pieces = BodyDecoder("zstd", None).decode(window + 800 * block)
    assert all(len(piece) <= 17 * 2**20 for piece in pieces)
    with pytest.raises(DamagedBody):  # a window of 2 GB
        list(BodyDecoder("zstd", None).decode(window[:5] + bytes([21 << 3]) + 800 * block))


@pytest.mark.parametrize("name", ["gzip", "deflate", "zstd"])
def test_damaged_data(name: str) -> None:
    with pytest.raises(DamagedBody):
        decoded(name, b"\xff" * 100)


def test_zstd_that_breaks_off() -> None:
    with pytest.raises(DamagedBody, match="incomplete"):
        decoded("zstd", zstandard.compress(random.Random(1).randbytes(1000))[:-10])


@pytest.mark.parametrize("name", ["br", "gzip, br", "compress", "gzip, gzip, gzip, gzip"])
def test_encodings_that_nobody_asks_for(name: str) -> None:
    with pytest.raises(BodyRefused):
        BodyDecoder(name, None)


def test_a_body_of_very_small_pieces_is_refused() -> None:
    decoder = BodyDecoder("", None)
    for _ in range(200_000):
        list(decoder.decode(b"ab"))
    with pytest.raises(BodyRefused, match="pieces of a few bytes"):
        list(decoder.decode(b"ab"))
    larger = BodyDecoder("", None)
    assert sum(len(piece) for _ in range(200_001) for piece in larger.decode(b"a" * 40)) == 8_000_040


def test_what_a_client_asks_for() -> None:
    assert accepted_encodings() == "gzip, deflate, zstd"
    other = (b"User-Agent", b"x")
    for sent, expected in [
        (b"gzip, deflate, br, zstd", b"gzip, deflate, zstd"),
        (b"gzip;q=0.5, deflate", b"gzip;q=0.5, deflate"),
        (b"*", b"gzip, deflate, zstd"),
        (b"identity", b"identity"),
    ]:
        assert only_accepted([other, (b"accept-encoding", sent)]) == [other, (b"accept-encoding", expected)]
