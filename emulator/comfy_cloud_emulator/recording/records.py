"""What a recording contains, and how one line of it is read and written. Pure rules.

A line is one exchange, one websocket, one of its messages, or its end; lines are in the order in
which things began. `after` says how many requests that change something had been sent before: what
has `after` 2 is played once the first two of them were.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.state.json_values import Json, is_array, is_object

VERSION: Final = 1
FORMAT: Final = "comfy-cloud recording"
MOST_INLINE: Final = 16_384
"""Bytes of a body that is written into its line, for people to read."""
READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
LARGEST_STATUS: Final = 599
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
METHOD: Final = re.compile(r"[A-Z]{1,20}")
_HEADER_NAME: Final = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]{1,100}")

Side = Literal["server", "program"]
Failure = Literal["none", "broken", "cut"]
"""Whether a response was complete, never came, or broke off."""


class WrongRecord(ValueError):
    """A line is not one of a recording. The message ends a sentence: "line 3 ..."."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body: its bytes in the line or in a file of the recording, or only their digest.

    - `inline`: the bytes
    - `file`: the name of the file that has them, which is their SHA-256
    - `digest`: what an upload is recognised by; its bytes are not in the recording
    - `has_addresses`: whether it contains addresses that a replay replaces
    """

    inline: bytes | None = None
    file: str | None = None
    digest: str | None = None
    size: int = 0
    has_addresses: bool = False

    def json_form(self) -> Json:
        """As it is in a line."""
        form: Json = {}
        if self.inline is not None:
            form = _inline_form(self.inline)
        elif self.file is not None:
            form = {"file": self.file, "size": self.size}
        elif self.digest is not None:
            form = {"digest": self.digest, "size": self.size}
        return form | ({"addresses": True} if self.has_addresses else {})


@dataclass(slots=True)
class Exchange:
    """One request and its response.

    `parts` are for streams of events: the first byte that came after so many changes, and how many.
    """

    after: int
    method: str
    path: str
    query: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    request_type: str = ""
    request: Body = field(default_factory=Body)
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    response: Body = field(default_factory=Body)
    parts: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    failure: Failure = "none"

    @property
    def changes(self) -> bool:
        """Whether it may have changed something at the server."""
        return self.method not in READS


@dataclass(slots=True)
class Message:
    """One message of a websocket."""

    socket: int
    after: int
    side: Side
    content: Body
    is_text: bool


@dataclass(slots=True)
class Upgrade:
    """A websocket; `status` is 101, or that of the refusal."""

    socket: int
    after: int
    path: str
    query: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    status: int = 101
    response: Body = field(default_factory=Body)


@dataclass(slots=True)
class SocketEnd:
    """The end of a websocket; without a code it broke off."""

    socket: int
    after: int
    side: Side
    code: int | None


Record: TypeAlias = Exchange | Message | Upgrade | SocketEnd


def line_of(record: Record) -> str:
    """A record as a line."""
    return json.dumps(_form_of(record), ensure_ascii=False, separators=(",", ":"))


def record_of(form: Any) -> Record:
    """The record of a decoded line. Raises WrongRecord."""
    if not is_object(form):
        raise WrongRecord("is not a JSON object")
    after = _number(form, "after")
    if "method" in form:
        return _exchange(form, after)
    socket = _number(form, "socket")
    if "path" in form:
        status = _number(form, "status", 101)
        return Upgrade(
            socket, after, _text(form, "path"), _pairs(form, "query"), status, _body(form, "response")
        )
    side = _side(form)
    if "message" in form:
        return Message(socket, after, side, _body(form, "message"), form.get("kind") != "binary")
    if "closed" in form:
        code = form["closed"]
        if code is not None and (type(code) is not int or not 1000 <= code <= 4999):
            raise WrongRecord('has a "closed" that is not a code of a websocket')
        return SocketEnd(socket, after, side, code)
    raise WrongRecord("is neither a request nor part of a websocket")


def _side(form: Json) -> Side:
    match form.get("by"):
        case "server":
            return "server"
        case "program":
            return "program"
        case _:
            raise WrongRecord('has a "by" that is neither "server" nor "program"')


def _form_of(record: Record) -> Json:
    match record:
        case Exchange():
            form: Json = {
                "after": record.after,
                "method": record.method,
                "path": record.path,
                "query": record.query,
                "request_type": record.request_type,
                "request": record.request.json_form(),
                "status": record.status,
                "headers": record.headers,
                "response": record.response.json_form(),
                "parts": record.parts,
                "failure": "" if record.failure == "none" else record.failure,
            }
            return {name: value for name, value in form.items() if value or name in ("after", "status")}
        case Message():
            kind = {} if record.is_text else {"kind": "binary"}
            message = record.content.json_form()
            return {
                "after": record.after,
                "socket": record.socket,
                "by": record.side,
                **kind,
                "message": message,
            }
        case Upgrade():
            form = {
                "after": record.after,
                "socket": record.socket,
                "path": record.path,
                "query": record.query,
                "status": record.status,
                "response": record.response.json_form(),
            }
            return {name: value for name, value in form.items() if value or name in ("after", "socket")}
        case SocketEnd():
            return {
                "after": record.after,
                "socket": record.socket,
                "by": record.side,
                "closed": record.code,
            }


def _exchange(form: Json, after: int) -> Exchange:
    method, failure = _text(form, "method"), form.get("failure", "none")
    if METHOD.fullmatch(method) is None:
        raise WrongRecord("has a method that is not one of HTTP")
    if failure not in ("none", "broken", "cut"):
        raise WrongRecord("has an unknown kind of failure")
    status = _number(form, "status")
    if failure != "broken" and not 200 <= status <= LARGEST_STATUS:
        raise WrongRecord("has a status that is not one of a response")
    headers = _pairs(form, "headers")
    for name, value in headers:
        if _HEADER_NAME.fullmatch(name) is None or any(each in value for each in "\r\n\0"):
            raise WrongRecord("has a header that is not valid")
    parts = form.get("parts", [])
    if not is_array(parts) or not all(_is_part(each) for each in parts):
        raise WrongRecord('has "parts" that are not pairs of numbers')
    return Exchange(
        after,
        method,
        _text(form, "path"),
        _pairs(form, "query"),
        _text(form, "request_type", ""),
        _body(form, "request"),
        status,
        headers,
        _body(form, "response"),
        [(first, changes) for first, changes in parts],
        failure,
    )


def _is_part(value: Any) -> bool:
    return is_array(value) and len(value) == 2 and all(type(each) is int and each >= 0 for each in value)


def _body(form: Json, name: str) -> Body:
    given = form.get(name, {})
    if not is_object(given):
        raise WrongRecord(f'has a "{name}" that is not a body')
    size, addresses = _number(given, "size", 0), given.get("addresses") is True
    if "json" in given:
        return _inline(_written(given["json"], given.get("spaces") is True), addresses)
    if "text" in given:
        return _inline(_text(given, "text").encode("utf-8", "replace"), addresses)
    for kind in ("file", "digest"):
        if kind in given:
            digest = _text(given, kind)
            if DIGEST.fullmatch(digest) is None:
                raise WrongRecord(f'has a "{kind}" that is not the SHA-256 of a body')
            return Body(
                file=digest if kind == "file" else None,
                digest=digest if kind == "digest" else None,
                size=size,
                has_addresses=addresses,
            )
    return Body()


def _inline(content: bytes, has_addresses: bool) -> Body:
    return Body(inline=content, size=len(content), has_addresses=has_addresses)


def _inline_form(content: bytes) -> Json:
    """As JSON if that gives the same bytes again, else as text."""
    text = content.decode()
    if text[:1] in ("{", "["):
        with suppress(JsonRefused, WrongRecord):
            value = read_json(content)
            for spaces in (False, True):
                if _written(value, spaces) == content:
                    return {"json": value} | ({"spaces": True} if spaces else {})
    return {"text": text}


def _written(value: Any, spaces: bool) -> bytes:
    separators = None if spaces else (",", ":")
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=separators).encode()
    except (ValueError, RecursionError) as error:
        raise WrongRecord("has a body that cannot be written as JSON") from error


def _number(form: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = form.get(name, default)
    if type(value) is not int or not 0 <= value < 2**53:
        raise WrongRecord(f'has no number "{name}"')
    return value


def _text(form: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = form.get(name, default)
    if not isinstance(value, str):
        raise WrongRecord(f'has no text "{name}"')
    return value


def _pairs(form: Mapping[str, Any], name: str) -> list[tuple[str, str]]:
    value = form.get(name, [])
    if not is_array(value) or not all(
        is_array(each) and len(each) == 2 and all(isinstance(part, str) for part in each) for each in value
    ):
        raise WrongRecord(f'has a "{name}" that is not pairs of texts')
    return [(first, second) for first, second in value]
