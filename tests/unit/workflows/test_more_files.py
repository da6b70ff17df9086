"""Graphs in animated PNGs, AVIF, SVG, 3D models and tensors, and in files that were edited."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from comfy_cloud import ConfigurationError, Workflow
from comfy_cloud._files.file_types import BEGINNING
from comfy_cloud._workflows import xml_texts
from comfy_cloud._workflows.bounded_reader import Allowance
from comfy_cloud._workflows.media_files import graph_in, is_media
from comfy_cloud._workflows.raw_search import texts_anywhere

GRAPH: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "🐈 </metadata> ]"}},
}
UI: dict[str, Any] = {"last_node_id": 2, "nodes": [{"id": 1, "type": "EmptyImage"}], "links": []}
P, W = json.dumps(GRAPH, ensure_ascii=False), json.dumps(UI)
BOTH = json.dumps({"prompt": GRAPH, "workflow": UI})
OTHER = json.dumps({"7": {"class_type": "Other", "inputs": {}}})


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def plain(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(buffer, kind)
    return buffer.getvalue()


PNG = plain("PNG")
END = chunk(b"IEND", b"")


def png(*chunks: bytes, after: bytes = b"") -> bytes:
    return PNG.removesuffix(END) + b"".join(chunks) + END + after


def text_chunk(kind: bytes, name: str, text: str) -> bytes:
    return chunk(kind, name.encode() + b"\0" + text.encode())


def box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + kind + content


def tiff(*texts: str, shift: int = 0) -> bytes:
    """EXIF with a text under each of the tags from Make on, whose offsets are wrong by `shift`."""
    entries, content = b"", b""
    start = 8 + 2 + 12 * len(texts) + 4
    for tag, text in enumerate(texts, 0x10F):
        encoded = text.encode() + b"\0"
        entries += struct.pack(">HHII", tag, 2, len(encoded), start + len(content) + shift)
        content += encoded
    return b"MM\0*" + struct.pack(">I", 8) + struct.pack(">H", len(texts)) + entries + bytes(4) + content


def avif(
    exif: bytes, *, version: int = 0, base: bool = False, parts: int = 1, brand: bytes = b"avif"
) -> bytes:
    """An image whose EXIF is an item in `parts` parts behind its metadata."""
    wide = ">I" if version == 2 else ">H"
    size = len(exif) // parts
    lengths = [size] * (parts - 1) + [len(exif) - size * (parts - 1)]

    def metadata(start: int) -> bytes:
        extents = b""
        for number, length in enumerate(lengths):
            at = size * number + (0 if base else start)
            extents += struct.pack(">II", at, length)
        item = struct.pack(wide, 2) + (struct.pack(">H", 0) if version else b"") + struct.pack(">H", 0)
        item += (struct.pack(">I", start) if base else b"") + struct.pack(">H", parts) + extents
        sizes = b"\x44\x40" if base else b"\x44\x00"
        places = box(b"iloc", bytes([version, 0, 0, 0]), sizes, struct.pack(wide, 1), item)
        infos = box(
            b"iinf", bytes(4), struct.pack(">H", 2),
            box(b"infe", b"\2\0\0\0", struct.pack(">HH", 1, 0), b"av01Color\0"),
            box(b"infe", b"\2\0\0\0", struct.pack(">HH", 2, 0), b"ExifExif\0"),
        )  # fmt: skip
        return box(b"meta", bytes(4), box(b"hdlr", bytes(24)), infos, places)

    head = box(b"ftyp", brand, bytes(4), b"mif1")
    start = len(head) + len(metadata(0)) + 8
    return head + metadata(start) + box(b"mdat", exif)


def webp(exif: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + b"EXIF" + struct.pack("<I", len(exif)) + exif


def svg(metadata: str, *, before: str = "") -> bytes:
    return f'{before}<svg xmlns="http://www.w3.org/2000/svg">{metadata}<rect/></svg>'.encode()


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def glb(document: object) -> bytes:
    content = json.dumps(document).encode()
    return b"glTF\2\0\0\0" + struct.pack("<II", 20 + len(content), len(content)) + b"JSON" + content


def safetensors(header: object) -> bytes:
    content = json.dumps(header).encode()
    return struct.pack("<Q", len(content)) + content + bytes(64)


def exr(**texts: str) -> bytes:
    header = b"\x76\x2f\x31\x01\x02\0\0\0" + b"channels\0chlist\0" + struct.pack("<I", 1) + b"\0"
    for name, text in texts.items():
        header += name.encode() + b"\0string\0" + struct.pack("<I", len(text.encode())) + text.encode()
    return header + b"\0" + bytes(100)


def user_comment(order: str, text: bytes, tag: int = 0x9286) -> bytes:
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(f"{order}HI", 42, 8) + struct.pack(f"{order}H", 1)
    return webp(head + struct.pack(f"{order}HHII", tag, 7, len(text), 26) + bytes(4) + text)


EXIF = bytes(4) + tiff(f"workflow:{W}", f"prompt:{P}")
LICENCE = '<?xml version="1.0"?><!-- drawn by hand -->\n'

FILES: dict[str, bytes] = {
    "animated PNG": png(text_chunk(b"comf", "prompt", P), text_chunk(b"comf", "workflow", W)),
    "PNG, behind the end": png(
        after=text_chunk(b"tEXt", "prompt", P) + text_chunk(b"iTXt", "workflow", "\0\0\0\0" + W)
    ),
    "PNG, as JSON behind the end": png(after=b"\nnotes: " + BOTH.encode() + b" end"),
    "AVIF": avif(EXIF),
    "AVIF, introduction": avif(b"\0\0\0\6Exif\0\0" + EXIF[4:], version=1),
    "AVIF, parts": avif(EXIF, version=2, base=True, parts=3),
    "AVIF, sequence": avif(EXIF, brand=b"avis"),
    "HEIF": avif(EXIF, brand=b"heic"),
    "SVG": svg(f"<metadata><![CDATA[{BOTH}]]></metadata>", before="\ufeff"),
    "SVG, escaped": svg(f"<metadata id='m'>{escaped(BOTH)}</metadata>", before=LICENCE),
    "SVG, prefix": svg(f"<g><metadata> {escaped(BOTH)}\n</metadata></g>" + "<path/>" * 20_000),
    "glTF": glb({"asset": {"extras": {"prompt": P, "workflow": W}}, "nodes": [{"mesh": 0}]}),
    "glTF, objects": glb({"asset": {"extras": {"prompt": GRAPH, "workflow": UI}}}),
    "safetensors": safetensors({"__metadata__": {"format": "pt", "prompt": P, "workflow": W}, "t": {}}),
    "WebP, offset too small": webp(tiff(f"workflow:{W}", f"prompt:{P}", shift=-7)),
    "WebP, offset too large": webp(tiff(f"workflow:{W}", f"prompt:{P}", shift=40)),
    "WebP, offset behind the end": webp(tiff(f"Workflow: {W}", f"Prompt: {P}", shift=100_000)),
    "JPEG, offset": b"\xff\xd8\xff\xe1" + struct.pack(">H", 8 + len(EXIF) - 4) + b"Exif\0\0"
    + tiff(f"workflow:{W}", f"prompt:{P}", shift=9) + b"\xff\xd9",
    "EXR": exr(software="x", prompt=P, workflow=W),
    "SVG behind a long comment": svg(
        f"<metadata><![CDATA[{BOTH}]]></metadata>", before=f"<?xml version='1.0'?><!--{'x' * 5000}-->"
    ),
    **{
        f"SVG, encoding {name}": svg(
            f"<metadata>{escaped(BOTH)}</metadata>", before=f"<?xml version='1.0' encoding='{name}'?>"
        )
        for name in ("unheard-of", "zip", "shift_jis", "undefined", "idna", "latin-1")
    },
    "comment of a big-endian writer": user_comment("<", b"UNICODE\0" + BOTH.encode("utf-16-be")),
    "comment of a little-endian writer": user_comment(">", b"UNICODE\0" + BOTH.encode("utf-16-le")),
    "comment with its byte order": user_comment(">", b"UNICODE\0" + BOTH.encode("utf-16")),
    "comment of Windows": user_comment(">", BOTH.encode("utf-16-le"), 0x9C9C),
    "PNG with another graph before": png(
        text_chunk(b"tEXt", "original_prompt", OTHER),
        text_chunk(b"tEXt", "workflow_backup", json.dumps({**UI, "last_node_id": 9})),
        text_chunk(b"tEXt", "all", f"[{P}, {OTHER}]"),
        text_chunk(b"tEXt", "prompt", P),
        text_chunk(b"tEXt", "workflow", W),
    ),
    "safetensors with another graph before": safetensors(
        {"__metadata__": {"comfy": OTHER, "prompt": P, "workflow": W}}
    ),
    "GIF, behind the pixels": plain("GIF") + BOTH.encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_what_is_read(name: str, tmp_path: Path) -> None:
    assert is_media(FILES[name][:BEGINNING])
    assert graph_in(FILES[name]) == (GRAPH, UI)
    (tmp_path / "file").write_bytes(FILES[name])
    loaded = Workflow.load(tmp_path / "file")
    assert (loaded.graph, loaded.ui) == (GRAPH, UI)


@pytest.mark.parametrize(
    "data",
    [
        PNG,
        PNG + b"anything, such as a note",
        PNG + bytes(1000),
        avif(bytes(4) + tiff("a camera")),
        svg("<metadata>made by hand</metadata>"),
        svg(""),
        glb({"asset": {"version": "2.0"}}),
        glb({"asset": 1}),
        safetensors({"__metadata__": {"format": "pt"}}),
        safetensors({}),
    ],
)
def test_files_without_a_graph(data: bytes) -> None:
    assert graph_in(data) == (None, None)


def test_svg_in_an_encoding_that_does_not_exist_is_read_as_utf_8() -> None:
    text = P.replace("EmptyImage", "Größe")
    data = svg(f"<metadata>{escaped(text)}</metadata>", before="<?xml version='1.0' encoding='none'?>")
    assert graph_in(data).graph == json.loads(text)


def test_only_the_beginning_of_xml_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = svg(f"<metadata>{escaped(P)}</metadata>" * 2)
    monkeypatch.setattr(xml_texts, "_MAX_XML", len(data) - 40)
    assert [*xml_texts.xml_texts(data, Allowance())] == [("metadata", P)]


def test_only_a_layout() -> None:
    assert graph_in(png(after=text_chunk(b"tEXt", "workflow", W))) == (None, UI)
    with pytest.raises(ConfigurationError, match="only the workflow in the editor's format"):
        Workflow.load(png(after=text_chunk(b"tEXt", "workflow", W)))


def test_text_is_not_taken_for_a_file() -> None:
    page = b"<!doctype html><html><body>Sign in</body></html>"
    assert not is_media(page)
    # JSON may have a brace where safetensors has one.
    text = json.dumps({"1234": {"class_type": "A", "inputs": {}}}, separators=(",", ":")).encode()
    assert text[8:9] == b"{"
    assert Workflow.load(text).classes() == ["A"]


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (svg(f"<metadata>{'x' * (33 * 2**20)}</metadata>"), "too large"),
        (b"glTF\2\0\0\0\0\0\0\0\xff\xff\xff\xffJSON{}", "ends too early"),
        (b"glTF\2\0\0\0\0\0\0\0\2\0\0\0BIN\0{}", "not JSON"),
        (b"\xff\0\0\0\0\0\0\0{", "ends too early"),
        (struct.pack("<Q", 5) + b"{" + b"[" * 4, "not valid"),
        (avif(EXIF)[:-100], "ends too early"),
    ],
)
def test_damaged_files(data: bytes, part: str) -> None:
    with pytest.raises(ConfigurationError, match=part):
        graph_in(data)


def test_several_graphs_of_other_names_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="contains 2 workflows"):
        graph_in(png(text_chunk(b"tEXt", "all", f"[{P}, {OTHER}]")))


def test_the_last_resort_has_a_bound() -> None:
    data = webp(tiff("a camera")) + (b'{"id":[' + b"1," * 500_000) * 60
    assert list(texts_anywhere(data)) == []
    assert graph_in(data) == (None, None)


def test_entities_are_not_expanded() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(12))
    data = svg("<metadata>&e11;</metadata>", before=f"<!DOCTYPE svg [{entities}]>")
    tracemalloc.start()
    try:
        with pytest.raises(ConfigurationError, match="entities"):
            graph_in(data)
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_randomly_damaged_files_are_read_or_refused(name: str, data: st.DataObject) -> None:
    content = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ConfigurationError):
        graph_in(bytes(content[: data.draw(st.integers(0, len(content)))]))
