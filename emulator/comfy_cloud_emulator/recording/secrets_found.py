"""What never gets into a recording: keys, cookies, tokens and signatures, wherever they are.

The rule is the client's own (`comfy_cloud._errors.redaction`). Beside it, every secret that was
seen in a header, a parameter or a field is removed from everything else, in all forms in which a
server may write it.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import orjson

from comfy_cloud._errors.key_forms import REDACTED, KnownKey
from comfy_cloud._errors.redaction import is_secret_field, is_signature, redact
from comfy_cloud_emulator.http.json_reading import MOST_CONTAINERS, JsonRefused, read_json
from comfy_cloud_emulator.state.json_values import is_array, is_object

from .png_texts import with_clean_texts

_SHORTEST: Final = 8
"""Characters of a secret that is searched for; shorter ones are only removed from their field."""
_LONGEST: Final = 4096
_OVERLAP: Final = 1 << 16
"""Bytes that are looked at twice, so that no secret is missed between two chunks."""
_TEXTS: Final = re.compile(rb"(?:[\t\n\r -~]\x00?){8,}")  # also in UTF-16
_SEPARATOR: Final = re.compile(r"&amp;|&|\\{1,8}u0026")
_WITH_QUERY: Final = re.compile(
    r"(?i)(https?:(?:\\{0,8}/){2}(?:[^\s\"'<>?h]|h(?!ttps?:)){1,2000}+\?)((?:[^\s\"'<>\\]|\\{1,8}u0026){1,8000})"
)
_BOM: Final = b"\xef\xbb\xbf"
_MAY_BE_LENIENT: Final = re.compile(rb"NaN|Infinity|\\ud|^\xef\xbb\xbf")
"""What the usual reader refuses, and others write: such numbers, half characters, a mark at the
beginning."""

__all__ = ["REDACTED", "SecretsFound"]


class SecretsFound:
    """The secrets that are known so far, and texts without them."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known: dict[str, KnownKey] = {}
        for each in known:
            self.add(each)

    def add(self, value: str) -> None:
        """Remove this value from everything."""
        if _SHORTEST <= len(value) <= _LONGEST and value != REDACTED:
            self._known.setdefault(value, KnownKey(value))

    def add_from_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Learn the keys and cookies of a request or response."""
        for name, value in headers:
            if name in ("cookie", "set-cookie"):
                self._add_cookies(value)
            elif is_secret_field(name):
                self.add(value)
                scheme, _, token = value.rpartition(" ")
                self.add(token)  # after "Bearer"
                if scheme.lower() == "basic":
                    self._add_password(token)

    def add_from_url(self, url: str) -> None:
        """Learn the secret parameters and signatures of a URL, or of a query after "?"."""
        for name, value in parse_qsl(urlsplit(url).query):
            if is_secret_field(name) or is_signature(name):
                self.add(value)

    def add_from_json(self, value: Any) -> None:
        """Learn the values of secret fields, and the signatures of URLs."""
        for name, member in _members(value):
            if is_secret_field(name):
                for text in _texts(member):
                    self.add(text)
        for text in _texts(value):
            if "://" in text and "?" in text:
                with suppress(ValueError):  # not a URL
                    self.add_from_url(text)

    def add_from_body(self, content: bytes) -> None:
        """Learn the secrets of a JSON body."""
        value = _json_value(content)
        if value is not None:
            self.add_from_json(value)

    def text(self, text: str) -> str:
        """Text without secrets."""
        return _without_signed_queries(redact(self._without_known(text)))

    def json(self, value: Any) -> Any:
        """A JSON value without secrets."""
        # Usually there is nothing to find, which the text as a whole says several times as fast.
        written = json.dumps(value, ensure_ascii=False)
        if self.text(written) == written and not any(is_secret_field(name) for name, _ in _members(value)):
            return value
        return self._without_texts(redact(value))

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Headers or parameters without secrets."""
        return [
            (
                self.text(name),
                REDACTED if is_secret_field(name) or is_signature(name) else self.text(value),
            )
            for name, value in pairs
        ]

    def body(self, content: bytes) -> bytes:
        """A body without secrets. JSON stays JSON, and other content keeps its length."""
        try:
            text = content.decode()
        except UnicodeDecodeError:
            return self._binary(content)
        value = _json_value(content)
        if value is None:
            return self._binary(content) if "\0" in text else self.text(text).encode()
        clean = self.json(value)
        # Of members with the same name, a value has only the last; the others were not looked at.
        is_same = clean == value and not _has_repeated_names(content, value)
        return content if is_same else json.dumps(clean, ensure_ascii=False).encode("utf-8", "replace")

    def large(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """A body of any size without secrets; it keeps its length."""
        # What was given out stays in the window as it was: of a secret that begins in it, the rest
        # could not be recognised otherwise.
        window, given = b"", 0
        for chunk in chunks:
            window += chunk
            done = len(window) - _OVERLAP
            if done > given:
                yield self._covered(window)[given:done]
                begin = max(0, done - _OVERLAP)
                window, given = window[begin:], done - begin
        yield self._covered(window)[given:]

    def _binary(self, content: bytes) -> bytes:
        """Content with each secret covered by asterisks, so that nothing else moves."""
        covered = with_clean_texts(self._covered(content), self._covered)
        return content if covered == content else covered

    def _covered(self, content: bytes) -> bytes:
        """Content without secrets in what may be text: the rest is most of an image."""
        return _TEXTS.sub(lambda found: self._covered_text(found[0]), content)

    def _covered_text(self, content: bytes) -> bytes:
        text = content.decode("latin-1")
        for known in self._known.values():
            text = _covered(text, known.redact(text))
        return _covered(text, redact(text)).encode("latin-1")

    def _without_texts(self, value: Any) -> Any:
        """A JSON value with each of its texts cleaned. `redact` has bounded its depth."""
        if isinstance(value, str):
            return self.text(value)
        if is_object(value):
            return {self.text(name): self._without_texts(member) for name, member in value.items()}
        return [self._without_texts(each) for each in value] if is_array(value) else value

    def _without_known(self, text: str) -> str:
        for known in sorted(self._known.values(), key=len, reverse=True):
            text = known.redact(text)
        return text

    def _add_cookies(self, header: str) -> None:
        with suppress(CookieError):
            for morsel in SimpleCookie(header).values():
                self.add(morsel.value)
        for pair in header.split(";"):  # all of them: SimpleCookie stops at what it does not know
            self.add(pair.partition("=")[2].strip().strip('"'))

    def _add_password(self, token: str) -> None:
        with suppress(ValueError):  # not base64
            self.add(b64decode(token, validate=True).decode("utf-8", "replace").partition(":")[2])


def _json_value(content: bytes) -> Any:
    """The object or array that a body is, also one with NaN, as Python writes it; else None."""
    beginning = content[:100].removeprefix(_BOM).lstrip()[:1]
    if beginning not in (b"{", b"["):
        return None
    with suppress(JsonRefused):
        return read_json(content)
    if not _MAY_BE_LENIENT.search(content) or content.count(b"[") + content.count(b"{") > MOST_CONTAINERS:
        return None
    with suppress(ValueError, RecursionError):
        value = json.loads(content)
        json.dumps(value)  # which takes fewer levels
        return value
    return None


def _has_repeated_names(content: bytes, value: Any) -> bool:
    """Whether an object in a JSON text has two members with the same name."""
    with suppress(orjson.JSONEncodeError):
        if orjson.dumps(value) == content:
            return False
    found = False

    def noted(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len({name for name, _ in pairs}) != len(pairs)

    json.loads(content, object_pairs_hook=noted)
    return found


def _texts(value: Any) -> Iterator[str]:
    """All texts in a JSON value."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            yield found
        elif is_object(found):
            waiting += found.values()
        elif is_array(found):
            waiting += found


def _without_signed_queries(text: str) -> str:
    """Text in which signed URLs end before their parameters."""

    def shortened(found: re.Match[str]) -> str:
        names = [pair.partition("=")[0] for pair in _SEPARATOR.split(found[2])]
        return found[1] + REDACTED if any(map(is_signature, names)) else found[0]

    return _WITH_QUERY.sub(shortened, text) if "?" in text and "http" in text else text


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of all objects in a JSON value. Without recursion: it may be deep."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if is_object(found):
            yield from found.items()
            waiting += found.values()
        elif is_array(found):
            waiting += found


def _covered(text: str, without: str) -> str:
    """The text with asterisks where `without` says that something was removed."""
    if without == text:
        return text
    parts = without.split(REDACTED)
    covered, position = parts[0], len(parts[0])
    for index, part in enumerate(parts[1:], 1):
        is_last = index == len(parts) - 1
        begin = len(text) - len(part) if is_last else text.find(part, position)
        # What lies between two removed pieces is not unique if it is empty: then both are one.
        begin = max(begin, position)
        covered += "*" * (begin - position) + text[begin : begin + len(part)]
        position = begin + len(part)
    return covered
