"""What never gets into a recording: keys, cookies, tokens and signatures, wherever they are.

The rule is the client's own (`comfy_cloud._errors.redaction`). Beside it, every secret that was
seen in a header, a parameter or a field is removed from everything else, in all forms in which a
server may write it.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from comfy_cloud._errors.key_forms import REDACTED, KnownKey
from comfy_cloud._errors.redaction import is_secret_field, is_signature, redact
from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.state.json_values import is_array, is_object

_SHORTEST: Final = 8
"""Characters of a secret that is searched for; shorter ones are only removed from their field."""
_LONGEST: Final = 4096
_OVERLAP: Final = 1 << 16
"""Bytes that are looked at twice, so that no secret is missed between two chunks."""
_TEXTS: Final = re.compile(rb"(?:[\t\n\r -~]\x00?){8,}")  # also in UTF-16
_WITH_QUERY: Final = re.compile(r"(?i)(https?://[^\s\"'<>?\\]{1,2000}\?)([^\s\"'<>\\]{1,8000})")
_PNG: Final = b"\x89PNG\r\n\x1a\n"

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
                self.add(value.rpartition(" ")[2])  # after "Bearer"

    def add_from_url(self, url: str) -> None:
        """Learn the secret parameters and signatures of a URL, or of a query after "?"."""
        for name, value in parse_qsl(urlsplit(url).query):
            if is_secret_field(name) or is_signature(name):
                self.add(value)

    def add_from_json(self, value: Any) -> None:
        """Learn the values of secret fields."""
        for name, member in _members(value):
            if isinstance(member, str) and is_secret_field(name):
                self.add(member)

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
        if text.lstrip()[:1] in ("{", "["):
            try:
                value = read_json(content)
            except JsonRefused:
                return self.text(text).encode()
            clean = self.json(value)
            return content if clean == value else json.dumps(clean, ensure_ascii=False).encode()
        if "\0" in text:
            return self._binary(content)
        return self.text(text).encode()

    def large(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """A body of any size without secrets; it keeps its length."""
        window = b""
        for chunk in chunks:
            window = self._covered(window + chunk)
            done = max(0, len(window) - _OVERLAP)
            yield window[:done]
            window = window[done:]
        yield window

    def _binary(self, content: bytes) -> bytes:
        """Content with each secret covered by asterisks, so that nothing else moves."""
        covered = self._covered(content)
        return content if covered == content else _with_checksums(covered)

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
        try:
            for morsel in SimpleCookie(header).values():
                self.add(morsel.value)
        except CookieError:
            self.add(header)


def _without_signed_queries(text: str) -> str:
    """Text in which signed URLs end before their parameters."""

    def shortened(found: re.Match[str]) -> str:
        names = [pair.partition("=")[0] for pair in re.split("&amp;|&", found[2])]
        return found[1] + REDACTED if any(map(is_signature, names)) else found[0]

    return _WITH_QUERY.sub(shortened, text) if "://" in text else text


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


def _with_checksums(content: bytes) -> bytes:
    """A PNG with the checksums of its chunks made again; anything else as it is."""
    if not content.startswith(_PNG):
        return content
    made, position = [_PNG], len(_PNG)
    while position + 12 <= len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        kind_and_data = content[position + 4 : position + 8 + length]
        if len(kind_and_data) < length + 4:
            break
        made += [
            content[position : position + 4],
            kind_and_data,
            zlib.crc32(kind_and_data).to_bytes(4, "big"),
        ]
        position += 12 + length
    return b"".join(made) + content[position:]
