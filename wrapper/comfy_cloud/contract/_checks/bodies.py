"""Strict readers for HTTP bodies: media types, JSON, multipart forms.

They are strict where HTTP clients are lenient: NaN is not JSON, and a form without its closing
boundary is an error. Pure.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.message import Message
from typing import Any, NoReturn

import orjson


@dataclass(frozen=True)
class FormPart:
    """One part of a multipart form. A plain field has no file name."""

    name: str
    file_name: str | None
    media_type: str | None
    content: bytes


def media_type_of(content_type: str | None) -> str | None:
    """The media type in a Content-Type header, in lower case, without its parameters."""
    return content_type.partition(";")[0].strip().lower() if content_type else None


def best_media_type(offered: dict[str, Any], media_type: str) -> str | None:
    """The key of `offered` that covers a media type: itself, else `type/*`, else `*/*`."""
    for candidate in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if candidate in offered:
            return candidate
    return None


def read_json(body: bytes) -> Any:
    """The JSON value of a body. Raises ValueError for anything that is not JSON, NaN included."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(body, parse_constant=_refuse)  # whole numbers beyond 64 bits are JSON too
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def read_form(content_type: str, body: bytes) -> list[FormPart]:
    """The parts of a multipart form. Raises ValueError when the body is not one."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise ValueError("the Content-Type names no boundary")
    first, *blocks = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1"))
    if first.strip() or not blocks or not blocks[-1].startswith(b"--"):
        raise ValueError("the body is not closed by its boundary")
    return [_part_of(block) for block in blocks[:-1]]


def _part_of(block: bytes) -> FormPart:
    head, separator, content = block.partition(b"\r\n\r\n")
    if not separator:
        raise ValueError("a part has no header")
    headers = Message()
    for line in head.decode("utf-8").strip("\r\n").split("\r\n"):
        header, _, value = line.partition(":")
        headers[header.strip()] = value.strip()
    name = headers.get_param("name", header="content-disposition")
    file_name = headers.get_param("filename", header="content-disposition")
    if not isinstance(name, str):
        raise ValueError("a part has no name")
    content_type = media_type_of(headers.get("content-type"))
    return FormPart(name, file_name if isinstance(file_name, str) else None, content_type, content)
