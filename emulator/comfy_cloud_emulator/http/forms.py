"""Reading multipart forms: text fields, and files that stay on disk while they are read.

Every function raises `ApiProblem` for invalid input. The routes decide what the fields mean.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Any, BinaryIO, Final

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.responses import ApiProblem
from comfy_cloud_emulator.state.json_values import is_array, is_object

MULTIPART: Final = "multipart/form-data"
CHUNK: Final = 1 << 20
"""Bytes of a file read at a time."""
_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([^\s\";]*)", re.IGNORECASE)


def media_type_of(request: Request) -> str:
    """The media type of the body in lower case, without parameters; empty if there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


@asynccontextmanager
async def form_of(request: Request) -> AsyncGenerator[FormData]:
    """The form in the body; its files are closed at the end of the block."""
    if media_type_of(request) != MULTIPART:
        raise ApiProblem(400, f"send the file as {MULTIPART}")
    form = await parsed_form(request)
    try:
        yield form
    finally:
        await form.close()


async def parsed_form(request: Request) -> FormData:
    """The form in the body; the caller closes it."""
    charset = _CHARSET.search(request.headers.get("content-type", ""))
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        # Some charsets of Python make texts that cannot be encoded again.
        raise ApiProblem(400, "the form cannot be read: send it in the charset utf-8")
    try:
        return await request.form()
    except (HTTPException, MultiPartException) as error:
        detail = error.detail if isinstance(error, HTTPException) else error.message
        raise ApiProblem(400, f"the form cannot be read: {detail}") from error
    except ApiProblem:
        raise
    except Exception as error:
        raise ApiProblem(400, "the form cannot be read") from error


def file_field(form: FormData, name: str) -> UploadFile | None:
    """A file field, or None when it is absent. A field without a file name is refused."""
    value = form.get(name)
    if isinstance(value, str):
        raise ApiProblem(400, f"{name}: expected a file, with a file name")
    return value


def text_field(form: FormData, name: str) -> str | None:
    """A text field, or None when it is absent or empty."""
    value = form.get(name)
    if isinstance(value, UploadFile):
        raise ApiProblem(400, f"{name}: expected text, got a file")
    return value or None


def json_field(form: FormData, name: str) -> dict[str, Any]:
    """A JSON object given as text; empty when it is absent."""
    text = text_field(form, name)
    if text is None:
        return {}
    value = _json(name, text)
    if not is_object(value):
        raise ApiProblem(400, f"{name}: expected a JSON object as text")
    return value


def json_list_field(form: FormData, name: str) -> list[str]:
    """A JSON list of strings given as text; empty when it is absent."""
    text = text_field(form, name)
    if text is None:
        return []
    value = _json(name, text)
    if not is_array(value) or not all(isinstance(item, str) for item in value):
        raise ApiProblem(400, f'{name}: expected a JSON list of strings as text, such as ["input"]')
    return value


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """The content of a file from its start, in chunks."""
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def _json(name: str, text: str) -> Any:
    try:
        return read_json(text)
    except JsonRefused as error:
        raise ApiProblem(400, f"{name}: the text is {error}") from error
