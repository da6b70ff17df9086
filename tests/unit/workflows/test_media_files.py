"""Graphs inside image, video and audio files: real, odd, damaged and hostile ones."""

from __future__ import annotations

import io
import json
import mmap
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from comfy_cloud import ConfigurationError
from comfy_cloud._files.file_types import BEGINNING
from comfy_cloud._workflows import media_files
from comfy_cloud._workflows.av_metadata import ogg_texts
from comfy_cloud._workflows.bounded_reader import Allowance
from comfy_cloud._workflows.media_files import graph_in, is_media

PROMPT: dict[str, Any] = {"3": {"class_type": "KSampler", "inputs": {"text": "Grüße 🐈"}}}
UI: dict[str, Any] = {"nodes": [{"id": 3}], "links": []}
P, W = json.dumps(PROMPT), json.dumps(UI)
# The graph with characters outside ASCII.
P_UTF8 = json.dumps(PROMPT, ensure_ascii=False)


# Files in the formats that ComfyUI and its node packs write


def image(kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(buffer, kind, **options)
    return buffer.getvalue()


def png(add: Callable[[PngImagePlugin.PngInfo], None]) -> bytes:
    info = PngImagePlugin.PngInfo()
    add(info)
    return image("PNG", pnginfo=info)


def png_text(info: PngImagePlugin.PngInfo) -> None:
    info.add_text("prompt", P)
    info.add_text("workflow", W)


def png_compressed(info: PngImagePlugin.PngInfo) -> None:
    info.add_text("prompt", P, zip=True)
    info.add_itxt("workflow", W, zip=True)


def png_international(info: PngImagePlugin.PngInfo) -> None:
    info.add_itxt("prompt", P_UTF8, lang="de", tkey="Eingabe")
    info.add_itxt("workflow", W)


def png_other_names(info: PngImagePlugin.PngInfo) -> None:
    info.add_text("graph", P)
    info.add_text("layout", W)


def exif(make: str, model: str) -> Any:
    found = Image.Exif()
    found[0x010F], found[0x0110] = make, model
    found[0x0112] = 1  # the orientation, which is not a text
    return found


def user_comment(text: bytes) -> Any:
    found = Image.Exif()
    found.get_ifd(0x8769)[0x9286] = text
    return found


def box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + kind + content


def mp4(udta: bytes, *, before: bytes = b"") -> bytes:
    return (
        box(b"ftyp", b"isom\0\0\2\0isom")
        + before
        + box(b"moov", box(b"mvhd", bytes(100)), box(b"udta", udta))
    )


HDLR = box(b"hdlr", bytes(8), b"mdta", bytes(13))


def mp4_keys(texts: dict[str, str], *, quicktime: bool = False) -> bytes:
    keys = box(
        b"keys", bytes(4), struct.pack(">I", len(texts)), *(box(b"mdta", name.encode()) for name in texts)
    )
    items = [
        box(struct.pack(">I", index), box(b"data", struct.pack(">II", 1, 0), text.encode()))
        for index, text in enumerate(texts.values(), 1)
    ]
    return box(b"meta", b"" if quicktime else bytes(4), HDLR, keys, box(b"ilst", *items))


def mp4_comment(text: str) -> bytes:
    data = box(b"data", struct.pack(">II", 1, 0), text.encode())
    free = box(b"----", box(b"mean", b"com"), box(b"name", bytes(4), b"other"), box(b"data", bytes(8), b"x"))
    return box(b"meta", bytes(4), HDLR, box(b"ilst", free, box(b"\xa9cmt", data)))


def element(kind: int, *parts: bytes, unknown: bool = False) -> bytes:
    content = b"".join(parts)
    head = kind.to_bytes((kind.bit_length() + 7) // 8, "big")
    size = b"\x01" + b"\xff" * 7 if unknown else (len(content) | 1 << 56).to_bytes(8, "big")
    return head + size + content


def webm(texts: dict[str, str], *, live: bool = False) -> bytes:
    tags = [
        element(0x7373, element(0x67C8, element(0x45A3, name.encode()), element(0x4487, text.encode())))
        for name, text in texts.items()
    ]
    cluster = element(0x1F43B675, element(0xE7, b"\0"), element(0xA3, bytes(50)), unknown=live)
    head = element(0x1A45DFA3, element(0x4282, b"webm"))
    return head + element(0x18538067, cluster, element(0x1254C367, *tags), unknown=live)


def vorbis(texts: dict[str, str]) -> bytes:
    lines = [f"{name}={text}".encode() for name, text in texts.items()]
    packed = b"".join(struct.pack("<I", len(line)) + line for line in lines)
    return struct.pack("<I", 4) + b"Lavf" + struct.pack("<I", len(lines)) + packed


def flac(texts: dict[str, str]) -> bytes:
    comments = vorbis(texts)
    return (
        b"fLaC\0"
        + struct.pack(">I", 34)[1:]
        + bytes(34)
        + b"\x84"
        + struct.pack(">I", len(comments))[1:]
        + comments
    )


def ogg(packets: list[bytes]) -> bytes:
    pages = b""
    for packet in packets:
        lengths = [255] * (len(packet) // 255) + [len(packet) % 255]
        while lengths:
            part, lengths = lengths[:3], lengths[3:]
            pages += b"OggS" + bytes(22) + bytes([len(part), *part]) + packet[: sum(part)]
            packet = packet[sum(part) :]
    return pages


def seven_bits(size: int) -> bytes:
    return bytes(size >> shift & 127 for shift in (21, 14, 7, 0))


def mp3(frames: list[bytes], *, version: int = 4, flags: int = 0, extended: bytes = b"") -> bytes:
    tag = extended
    for frame in frames:
        size = seven_bits(len(frame)) if version == 4 else struct.pack(">I", len(frame))
        tag += (b"TIT2" if frame == b"\3song" else b"TXXX") + size + b"\0\0" + frame
    tag += bytes(20)
    if flags & 0x80:
        tag = tag.replace(b"\xff", b"\xff\0")
    return b"ID3" + bytes([version, 0, flags]) + seven_bits(len(tag)) + tag + b"\xff\xfb" + bytes(100)


FILES: dict[str, bytes] = {
    "PNG": png(png_text),
    "PNG, compressed": png(png_compressed),
    "PNG, iTXt": png(png_international),
    "WebP": image("WEBP", exif=exif(f"workflow:{W}", f"prompt:{P}")),
    "WebP, capitals": image("WEBP", lossless=True, exif=exif(f"Workflow: {W}", f"Prompt: {P}")),
    "JPEG": image("JPEG", exif=exif(f"workflow:{W}", f"prompt:{P}")),
    "JPEG, user comment": image(
        "JPEG", exif=user_comment(b"ASCII\0\0\0" + json.dumps({"prompt": PROMPT, "workflow": W}).encode())
    ),
    "JPEG, comment": image("JPEG", comment=json.dumps({"prompt": PROMPT, "workflow": UI}).encode()),
    "MP4": mp4(mp4_keys({"encoder": "x", "prompt": P_UTF8, "workflow": W})),
    "MOV": mp4(mp4_keys({"workflow": W, "prompt": P}, quicktime=True)),
    "MP4, comment": mp4(mp4_comment(json.dumps({"prompt": P, "workflow": UI}))),
    "MOV, old comment": mp4(
        box(b"\xa9cmt", bytes(4), json.dumps({"prompt": P, "workflow": UI}).encode()) + bytes(4)
    ),
    "MP4, large box before": mp4(
        mp4_keys({"prompt": P, "workflow": W}),
        before=struct.pack(">I", 1) + b"mdat" + struct.pack(">Q", 1016) + bytes(1000),
    ),
    "WebM": webm({"ENCODER": "x", "PROMPT": P, "WORKFLOW": W}),
    "WebM, live": webm({"COMMENT": json.dumps({"prompt": P, "workflow": W})}, live=True),
    "FLAC": flac({"prompt": P, "workflow": W}),
    "Opus": ogg([b"OpusHead" + bytes(11), b"OpusTags" + vorbis({"prompt": P, "workflow": W}), bytes(600)]),
    "Opus, long": ogg([b"OpusHead", b"OpusTags" + vorbis({"cover": "x" * 2000, "prompt": P, "workflow": W})]),
    "Vorbis": ogg([b"\x01vorbis" + bytes(23), b"\x03vorbis" + vorbis({"prompt": P, "workflow": W})]),
    "MP3": mp3([b"\3song", b"\3prompt\0" + P_UTF8.encode(), b"\0workflow\0" + W.encode("latin-1")]),
    "MP3, UTF-16": mp3(
        [b"\1" + f"prompt\0\ufeff{P}".encode("utf-16"), b"\2" + f"workflow\0{W}".encode("utf-16-be")],
        version=3, flags=0xC0, extended=b"\0\0\0\6" + bytes(6),
    ),
    "MP3, extended": mp3(
        [b"\3prompt\0" + P.encode(), b"\3workflow\0" + W.encode()],
        flags=0x40,
        extended=b"\0\0\0\6\1\0",
    ),
    "other names": png(png_other_names),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_what_is_read(name: str) -> None:
    assert is_media(FILES[name][:BEGINNING])
    assert graph_in(FILES[name]) == (PROMPT, UI)


@pytest.mark.parametrize("name", FILES)
def test_a_mapped_file_is_read_the_same_way(name: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILES[name])
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert graph_in(mapped) == (PROMPT, UI)


def test_a_comment_in_utf_16() -> None:
    text = json.dumps({"prompt": PROMPT})
    for order, encoding, mark in (("<", "utf-16-le", b"II"), (">", "utf-16-be", b"MM")):
        comment = b"UNICODE\0" + text.encode(encoding)
        tiff = mark + struct.pack(f"{order}HI", 42, 8) + struct.pack(f"{order}H", 1)
        tiff += struct.pack(f"{order}HHII", 0x9286, 7, len(comment), 26) + bytes(4) + comment
        data = b"RIFF\0\0\0\0WEBP" + b"EXIF" + struct.pack("<I", len(tiff)) + tiff
        assert graph_in(data) == (PROMPT, None)


@pytest.mark.parametrize(
    "data",
    [
        png(lambda info: info.add_text("prompt", P)),
        image("WEBP", exif=exif("a camera", f"prompt:{P}")),
        # Eight zero bytes at the end of a box, and a last box without a length.
        mp4(mp4_keys({"prompt": P}) + bytes(8)) + bytes(4) + b"mdat" + bytes(9),
        webm({"PROMPT": P}),
        flac({"prompt": P}),
        ogg([b"OpusHead", b"OpusTags" + vorbis({"prompt": P}), bytes(600)]),
        mp3([b"\3prompt\0" + P.encode()]),
    ],
)
def test_a_graph_without_layout(data: bytes) -> None:
    assert graph_in(data) == (PROMPT, None)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG", "GIF"])
def test_files_without_a_graph(kind: str) -> None:
    assert is_media(image(kind))
    assert graph_in(image(kind)) == (None, None)


@pytest.mark.parametrize(
    "data",
    [
        mp4(b""),
        mp4(mp4_comment("a comment")),
        webm({"TITLE": "x"}),
        flac({}),
        ogg([b"OpusHead", bytes(5)]),
        mp3([b"", b"\3song"]),
        b"ID3\2" + bytes(50),
        png(lambda info: info.add_text("prompt", "a lighthouse")),
        png(lambda info: info.add_text("workflow", "{broken")),
        png(lambda info: info.add_text("comment", '{"prompt": "{broken", "workflow": 3}')),
        png(lambda info: info.add_text("comment", "{}")),
    ],
)
def test_texts_that_are_not_a_graph(data: bytes) -> None:
    assert graph_in(data) == (None, None)


def test_latin_1_is_read_too() -> None:
    data = FILES["PNG"].replace(b'"text"', '"t\xe4xt"'.encode("latin-1"))
    prompt, _ = graph_in(data)
    assert prompt is not None
    assert "täxt" in prompt["3"]["inputs"]


# Damaged and hostile files


def refusal(data: bytes) -> str:
    with pytest.raises(ConfigurationError) as caught:
        graph_in(data)
    return str(caught.value)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + bytes(4)


SIGNATURE = b"\x89PNG\r\n\x1a\n"


def test_a_graph_that_is_not_json() -> None:
    assert "damaged" in refusal(png(lambda info: info.add_text("prompt", '{"3": ')))
    assert "damaged" in refusal(SIGNATURE + chunk(b"tEXt", b"prompt\0" + b'{"a":' * 100_000))


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (SIGNATURE, "PNG file is damaged (it ends too early)"),
        (SIGNATURE + b"\xff\xff\xff\xfftEXt", "ends too early"),
        (SIGNATURE + chunk(b"zTXt", b"prompt\0\0not packed"), "a compressed text in it is damaged"),
        (b"RIFF\0\0\0\0WEBPEXIF\x04\0\0\0abcd", "EXIF data is damaged"),
        (b"RIFF\0\0\0\0WEBPEXIF\x08\0\0\0II\x2b\0\0\0\0\0", "EXIF data is damaged"),
        (b"\xff\xd8\xff\xff\xff\xe1\0\x08Exif", "ends too early"),
        (b"\xff\xd8\xff\xe0\0\2ab", "marker"),
        (b"\xff\xd8\xff\xe1\0\0", "ends too early"),
        (box(b"ftyp", b"isom") + struct.pack(">I", 500) + b"moov", "ends too early"),
        (box(b"ftyp", b"isom") + struct.pack(">I", 7) + b"moov", "ends too early"),
        (b"\x1a\x45\xdf\xa3\x81", "ends too early"),
        (b"\x1a\x45\xdf\xa3\x80\x01", "damaged"),
        (b"fLaC\x84\0\0\x08" + b"\xff" * 8, "ends too early"),
        (b"OggS" + bytes(23) + b"page", "page is missing"),
        (b"ID3\4\0\0\0\0\1\0TXXX", "ends too early"),
    ],
)
def test_damaged_files(data: bytes, part: str) -> None:
    assert part in refusal(data)


@pytest.mark.parametrize("name", ["PNG", "MP4", "WebM", "FLAC"])
def test_a_file_cut_off_behind_its_graph_can_be_read(name: str) -> None:
    data = FILES[name]
    if name == "PNG":
        data = data[: data.index(b"IEND")].replace(b"workflow", b"elsewise")
        prompt, _ = graph_in(data)
    else:
        prompt, _ = graph_in(data[: len(data) - 3] if name == "WebM" else data + b"\0\0\0\1moov")
    assert prompt == PROMPT


def test_a_text_that_unpacks_to_gigabytes() -> None:
    packer = zlib.compressobj(9)
    bomb = b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(64)), packer.flush()])
    assert len(bomb) < 100_000
    assert "metadata is too large" in refusal(SIGNATURE + chunk(b"zTXt", b"prompt\0\0" + bomb))
    assert "metadata is too large" in refusal(SIGNATURE + chunk(b"iTXt", b"prompt\0\1\0\0\0" + bomb))


def test_all_texts_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_files, "Allowance", lambda: Allowance(text=1000))
    few = b"".join(chunk(b"tEXt", b"x\0" + bytes(88)) for _ in range(9))
    many = few + few
    end = chunk(b"IEND", b"")
    assert graph_in(SIGNATURE + few + end) == (None, None)
    assert "metadata is too large" in refusal(SIGNATURE + many + end)


@pytest.mark.parametrize(
    "data",
    [
        SIGNATURE + bytes(12) * 2_000,
        b"RIFF\0\0\0\0WEBP" + b"ABCD\0\0\0\0" * 2_000,
        b"\xff\xd8" + b"\xff" * 2_000,
        box(b"ftyp") + b"\0\0\0\x08free" * 2_000,
        b"\x1a\x45\xdf\xa3\x80" + b"\xec\x80" * 2_000,
        b"fLaC" + bytes(4) * 2_000,
        b"fLaC\x84\0\x27\x10" + bytes(4) + b"\xff\xff\xff\0" + bytes(10_000),
        b"ID3\4\0\0" + seven_bits(30_000) + (b"TXXX" + bytes(6)) * 3_000,
    ],
)
def test_too_many_parts(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_files, "Allowance", partial(Allowance, parts=1_000))
    assert "too many parts" in refusal(data)


def test_more_parts_than_any_file_has() -> None:
    assert "too many parts" in refusal(SIGNATURE + bytes(12) * 200_000)


@pytest.mark.parametrize(("pages", "is_read"), [(1_999, True), (2_000, False)])
def test_only_the_first_pages_of_an_ogg_are_read(pages: int, is_read: bool) -> None:
    data = (b"OggS" + bytes(22) + b"\1\0") * pages + ogg([b"OpusTags" + vorbis({"prompt": P})])
    assert list(ogg_texts(data, Allowance())) == ([("prompt", P)] if is_read else [])


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([data[:16] for data in FILES.values()]), st.binary(max_size=200))
def test_random_bytes_are_read_or_refused(beginning: bytes, rest: bytes) -> None:
    for data in (rest, beginning + rest, beginning[:12] + rest):
        with suppress(ConfigurationError):  # nothing else
            assert graph_in(data) == (None, None)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_randomly_damaged_files_are_read_or_refused(name: str, data: st.DataObject) -> None:
    damaged = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    del damaged[data.draw(st.integers(0, len(damaged))) :]
    with suppress(ConfigurationError):  # nothing else
        prompt, workflow = graph_in(bytes(damaged))
        assert prompt is None or isinstance(prompt, dict)
        assert workflow is None or isinstance(workflow, dict)
