"""Multipart forms: their content, how they are read, and that no content can add a part."""

from __future__ import annotations

import io
from email.message import Message
from email.parser import BytesParser
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._files.progress import CountingReader
from comfy_cloud._http.forms import Form
from comfy_cloud_api.types import Part


def read_all(form: Form, size: int = 7) -> bytes:
    return b"".join(iter(lambda: form.read(size), b""))


def parsed(form: Form) -> list[Message]:
    head = f"Content-Type: {form.content_type}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + read_all(form))
    assert message.is_multipart()
    return message.get_payload()  # type: ignore[return-value]


def test_a_form_is_what_httpx_would_send() -> None:
    file = io.BytesIO(b"x" * 100)
    file.seek(50)  # sent from its start nevertheless
    parts: list[Part] = [
        ("image", ('gr\u00fc"\\\r\n.png', file, "image/png")),
        ('na"me', (None, "t\u00e4xt", None)),
        ("json", (None, b"{}", "application/json")),
        ("raw", ("a", b"", None)),
        ("headed", ("a", b"", "a/b", {"X-Limit": "7", "X-More": "m"})),
        ("field", (None, b"f", None, {"X-Limit": "7"})),
    ]
    form = Form(parts)
    body = read_all(form)
    assert form.length == len(body)
    request = httpx.Request("POST", "http://host", files=parts, headers={"content-type": form.content_type})
    assert body == request.read()


@pytest.mark.parametrize("code", range(128))
def test_every_ascii_character_of_a_name_is_escaped_as_by_httpx(code: int) -> None:
    parts: list[Part] = [(f"a{chr(code)}b", (f"c{chr(code)}d", b"", "text/plain"))]
    form = Form(parts)
    request = httpx.Request("POST", "http://host", files=parts, headers={"content-type": form.content_type})
    assert read_all(form) == request.read()


@given(st.lists(st.tuples(st.text(), st.none() | st.text(), st.binary(max_size=50))), st.integers(1, 60))
def test_no_name_and_no_content_adds_a_part(parts: list[tuple[str, str | None, bytes]], size: int) -> None:
    form = Form([(name, (file, io.BytesIO(content), "a/b\r\nX: y")) for name, file, content in parts])
    body = read_all(form, size)
    assert len(body) == form.length
    assert body.count(b"--" + form.boundary.encode()) == len(parts) + 1
    assert b"\r\nX: y" not in body.replace(b"a/bX: y", b"")


def test_each_form_has_a_new_boundary() -> None:
    assert len({Form([]).boundary for _ in range(20)}) == 20


def test_progress_is_reported_for_the_file() -> None:
    seen: list[tuple[int, int | None]] = []
    reader: Any = CountingReader(io.BytesIO(b"x" * 10), 10, lambda done, total: seen.append((done, total)))
    form = Form([("a", (None, "text", None)), ("file", ("a", reader, None))])
    while form.read(4):
        form.report_progress()
    assert seen == [(4, 10), (8, 10), (10, 10)]


@pytest.mark.parametrize("size", [1, 1000, -1])
def test_any_size_of_pieces(size: int) -> None:
    form = Form([("file", ("a", io.BytesIO(b"abc" * 100), "text/plain"))])
    assert b"abc" * 100 in read_all(form, size)
    assert form.read(size) == b""
