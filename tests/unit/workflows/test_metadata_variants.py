"""Graphs where other programs put them: XMP, TIFF, packed profiles, parts, other encodings."""

from __future__ import annotations

import html
import io
import json
import struct
import time
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image

from comfy_cloud import ConfigurationError, Workflow

GRAPH: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8}},
    "2": {
        "class_type": "SaveImage",
        "inputs": {"images": ["1", 0], "filename_prefix": 'Grüße 🐈 <a href="x">&amp;</a> \\n'},
    },
}
UI: dict[str, Any] = {"last_node_id": 2, "nodes": [{"id": 1, "type": "EmptyImage"}], "links": []}
P, W = json.dumps(GRAPH), json.dumps(UI)
BOTH = json.dumps({"prompt": GRAPH, "workflow": UI})
B = BOTH.encode()
# Longer than a part of a JPEG can be.
LARGE_UI = {**UI, "extra": {"note": "z" * 150_000}}
LARGE = json.dumps({"prompt": P, "workflow": json.dumps(LARGE_UI)})
OTHER = json.dumps({"7": {"class_type": "Other", "inputs": {}}})


def saved(kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(*chunks: bytes) -> bytes:
    plain = saved("PNG")
    return plain[:33] + b"".join(chunks) + plain[33:]


def text(name: str, content: str) -> bytes:
    return chunk(b"tEXt", name.encode() + b"\0" + content.encode())


def packed(name: str, content: bytes) -> bytes:
    return chunk(b"zTXt", name.encode() + b"\0\0" + zlib.compress(content))


def profile(kind: str, block: bytes) -> bytes:
    digits = block.hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return f"\n{kind}\n{len(block):8}\n{lines}\n".encode()


def xmp(content: str) -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:c="urn:c">'
        f"<rdf:Description {content}</rdf:RDF></x:xmpmeta>" + " " * 50 + '<?xpacket end="w"?>'
    ).encode()


def in_elements(content: str) -> str:
    return content.replace("&", "&amp;").replace("<", "&lt;")


XMP = xmp(f'c:Prompt="{html.escape(P)}" c:Workflow="{html.escape(W)}"/>')
XMP_LIST = xmp(
    f"><c:UserComment><rdf:Alt><rdf:li>{in_elements(BOTH)}</rdf:li></rdf:Alt></c:UserComment>"
    "</rdf:Description>"
)


def tiff(*entries: tuple[int, int, bytes], order: str = "<") -> bytes:
    """EXIF or a TIFF with these tags, types and contents."""
    start = 10 + 12 * len(entries) + 4
    head, content = b"", b""
    for tag, kind, value in entries:
        head += struct.pack(f"{order}HHII", tag, kind, len(value), start + len(content))
        content += value
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return (
        mark
        + struct.pack(f"{order}I", 8)
        + struct.pack(f"{order}H", len(entries))
        + head
        + bytes(4)
        + content
    )


EXIF = tiff((0x10F, 2, b"workflow:" + W.encode() + b"\0"), (0x110, 2, b"prompt:" + P.encode() + b"\0"))


def part(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def jpeg(*parts: bytes) -> bytes:
    plain = saved("JPEG")
    return plain[:2] + b"".join(parts) + plain[2:]


def pieces(content: bytes) -> list[bytes]:
    return [content[at : at + 65_000] for at in range(0, len(content), 65_000)]


def glb(document: object) -> bytes:
    content = json.dumps(document).encode()
    return b"glTF\2\0\0\0" + struct.pack("<II", 20 + len(content), len(content)) + b"JSON" + content


def page(serial: int, *lengths: int, content: bytes) -> bytes:
    return (
        b"OggS" + bytes(10) + struct.pack("<I", serial) + bytes(8) + bytes([len(lengths), *lengths]) + content
    )


def ogg_of_two_streams() -> bytes:
    comments = b"".join(
        struct.pack("<I", len(line)) + line for line in (b"prompt=" + P.encode(), b"workflow=" + W.encode())
    )
    packet = b"OpusTags" + struct.pack("<I", 0) + struct.pack("<I", 2) + comments
    first = packet[:255]
    rest = packet[255:]
    lengths = [255] * (len(rest) // 255) + [len(rest) % 255]
    return (
        page(1, 8, content=b"OpusHead")
        + page(2, 3, content=b"abc")
        + page(1, 255, content=first)
        + page(2, 3, content=b"def")
        + page(1, *lengths, content=rest)
    )


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def movie(*boxes: tuple[bytes, bytes]) -> bytes:
    return box(b"ftyp", b"isom\0\0\0\0") + b"".join(box(*each) for each in boxes)


PREFIXED = f'<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:metadata>{in_elements(BOTH)}</s:metadata></s:svg>'
A1111 = f"a cat\nNegative prompt: dog\nSteps: 4, Workflow: {W}, Prompt: {P}"

FILES: dict[str, bytes] = {
    "PNG, XMP": png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)),
    "PNG, XMP, packed": png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(XMP_LIST))),
    "PNG, EXIF": png(chunk(b"eXIf", EXIF)),
    "PNG, profile exif": png(packed("Raw profile type exif", profile("exif", b"Exif\0\0" + EXIF))),
    "PNG, profile APP1": png(packed("Raw profile type APP1", profile("generic profile", b"Exif\0\0" + EXIF))),
    "PNG, profile xmp": png(text("Raw profile type xmp", profile("xmp", XMP).decode())),
    "PNG, parameters": png(text("parameters", A1111)),
    "PNG, several prompts": png(text("prompt", OTHER), text("prompt", P), text("workflow", W)),
    "PNG, damaged text before": png(chunk(b"zTXt", b"x\0\0no"), text("prompt", P), text("workflow", W)),
    "PNG, broken prompt before": png(text("prompt", '{"1":'), text("prompt", P), text("workflow", W)),
    "WebP, XMP": saved("WEBP", xmp=XMP),
    "JPEG, XMP": saved("JPEG", xmp=XMP_LIST),
    "AVIF, XMP": saved("AVIF", xmp=XMP),
    "TIFF, description": tiff((0x10E, 2, BOTH.encode() + b"\0"), order=">"),
    "TIFF, XMP": saved("TIFF", tiffinfo={700: XMP}),
    "TIFF, make": EXIF,
    "EXIF, one entry is damaged": jpeg(
        part(0xE1, b"Exif\0\0" + tiff((0x10E, 2, BOTH.encode()), (0x131, 2, b"x" * 9))[:-5])
    ),
    "EXIF, comment without encoding": jpeg(part(0xE1, b"Exif\0\0" + tiff((0x9286, 7, BOTH.encode())))),
    "EXIF, Unicode that is UTF-8": jpeg(
        part(0xE1, b"Exif\0\0" + tiff((0x9286, 7, b"UNICODE\0" + BOTH.encode())))
    ),
    "EXIF, title of Windows": jpeg(
        part(0xE1, b"Exif\0\0" + tiff((0x9C9B, 1, BOTH.encode("utf-16-le"))))
    ),
    "JPEG, captions": jpeg(part(0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\1\0\x1c\2\x78\1\0" + B)),
    "GIF, comment": saved("GIF", comment=BOTH.encode()),
    "GIF, XMP": saved("GIF")[:-1] + b"!\xff\x0bXMP DataXMP" + XMP + b"\1" + bytes(range(255, -1, -1)) + b";",
    "SVG, prefix": PREFIXED.encode(),
    "SVG, attribute": f'<svg xmlns="x" data-a="{html.escape(P)}" data-b="{html.escape(W)}"/>'.encode(),
    "SVG, elements": f"<svg><metadata><prompt>{in_elements(P)}</prompt><workflow>{in_elements(W)}</workflow>"
    "</metadata></svg>".encode(),
    "SVG, UTF-16": f"<svg><metadata><![CDATA[{BOTH}]]></metadata></svg>".encode("utf-16"),
    "glTF, text": glb({"asset": {"extras": BOTH}, "nodes": [{"mesh": 0}]}),
    "glTF, scene": glb({"asset": {}, "scenes": [{"nodes": [0], "extras": {"prompt": P, "workflow": W}}]}),
    "MP4, XMP": movie((b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + XMP)),
    "MP4, a track": movie((b"moov", box(b"trak", box(b"udta", box(b"\xa9cmt", bytes(4) + B))))),
    "MP3, comment": b"ID3\3\0\0" + bytes([0, 0, (len(BOTH) + 15) >> 7, (len(BOTH) + 15) & 127])
    + b"COMM" + struct.pack(">I", len(BOTH) + 5) + b"\0\0\0eng\0" + BOTH.encode(),
    "Ogg, two streams": ogg_of_two_streams(),
    "WAV": b"RIFF\0\1\0\0WAVELIST\0\0\0\0INFOICMT" + struct.pack("<I", len(BOTH)) + BOTH.encode() + bytes(9),
    "WAV, UTF-16": b"RIFF\0\1\0\0WAVEid3 " + ("prompt\0" + P).encode("utf-16") + b"\0\0\0"
    + ("workflow\0" + W).encode("utf-16"),
    "BMP, behind the pixels": saved("BMP") + BOTH.encode(),
    "unknown, escaped": b"\0\1\2\xff" + json.dumps({"notes": BOTH}).encode(),
    "unknown, in XML": b"\0\1\2\xff<a b='" + html.escape(BOTH).encode() + b"'>",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_where_a_graph_is_found(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(FILES[name])
    for source in (FILES[name], tmp_path / "file"):
        loaded = Workflow.load(source)
        assert (loaded.graph, loaded.ui) == (GRAPH, UI)


@pytest.mark.parametrize(
    "parts",
    [
        [part(0xFE, piece) for piece in pieces(LARGE.encode())],
        [
            part(0xE1, b"Exif\0\0" + piece)
            for piece in pieces(tiff((0x9286, 7, b"ASCII\0\0\0" + LARGE.encode())))
        ],
        [part(0xED, b"Photoshop 3.0\0" + piece) for piece in pieces(b"8BIM\4\4\0\0" + LARGE.encode())],
        [
            part(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp('c:HasExtendedXMP="0"/>')),
            *(
                part(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + bytes(8) + piece)
                for piece in pieces(xmp(f'c:all="{html.escape(LARGE)}"/>'))
            ),
        ],
    ],
    ids=["comment", "EXIF", "captions", "XMP"],
)
def test_what_is_longer_than_a_part_of_a_jpeg(parts: list[bytes]) -> None:
    loaded = Workflow.load(jpeg(*parts))
    assert (loaded.graph, loaded.ui) == (GRAPH, LARGE_UI)


def test_several_graphs_in_a_file_are_named() -> None:
    with pytest.raises(ConfigurationError, match=r"2 different workflows.*first, second"):
        Workflow.load(png(text("first", P), text("second", OTHER)))
    assert Workflow.load(png(text("first", P), text("second", P))).graph == GRAPH


def test_a_file_without_a_workflow_is_not_said_to_be_of_another_program() -> None:
    with pytest.raises(ConfigurationError, match="contains no workflow that could be found") as raised:
        Workflow.load(png())
    assert "not made by" not in str(raised.value)


NODE = '{"1":{"class_type":'


@pytest.mark.parametrize(
    "content",
    [
        b"class_type" + b"{" * 2**20,
        b"class_type{" + b" " * 2**20,
        b"class_type" + (b"{" + b" " * 1000) * 2000,
        b"class_type" + b'{"a":' * 2**19,
        NODE.encode() * 2**15,
        NODE.replace('"', '\\"').encode() * 2**15,
        html.escape(NODE).encode() * 2**14,
        quote(NODE).encode() * 2**14,
        NODE.encode("utf-16-le") * 2**14,
        b"class_type{" + b"\\" * 2**20,
    ],
    ids=["braces", "space", "spaces", "nested", "nodes", "escaped", "XML", "URL", "UTF-16", "backslashes"],
)
@pytest.mark.parametrize("before", [b"\x89PNG\r\n\x1a\n", b"a text "])
def test_the_search_is_bounded(before: bytes, content: bytes) -> None:
    started = time.process_time()
    with pytest.raises(ConfigurationError):
        Workflow.load(before + content)
    assert time.process_time() - started < 10


def test_boxes_that_nest_deeply_are_read_or_refused() -> None:
    content = b""
    for _ in range(3000):
        content = box(b"udta", content)
    with pytest.raises(ConfigurationError, match="contains no workflow"):
        Workflow.load(movie() + content)
