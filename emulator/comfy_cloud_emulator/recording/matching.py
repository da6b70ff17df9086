"""When a request is one that was recorded: by method, path, parameters and body. Pure rules.

Parameters are compared in any order, and JSON by its meaning. What differs in every run does not
count: the ids that clients give themselves, nonces, and secrets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from comfy_cloud._errors.redaction import is_secret_field, is_signature, redact
from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.state.json_values import is_array, is_object

VOLATILE: Final = frozenset({"client_id", "clientid", "rand"})
"""Members of JSON and parameters that do not count, and everything that ends in "nonce"."""
MOST_JSON: Final = 1 << 25
"""Bytes of a body that is compared by its meaning; a larger one byte by byte."""
_BOUNDARY: Final = re.compile(r'(?i)^multipart/.*\bboundary="?([^";,\s]{1,200})"?')
_FIXED: Final = b"boundary"
_MOST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Identity:
    """What a request is recognised by. `value` is its JSON, for saying what differs."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: str
    value: Any = None

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for requests that are the same."""
        return self.method, self.path, self.query, self.body


class BodyDigest:
    """The digest of a body that is not JSON, while it passes. A form has a fixed boundary in it."""

    def __init__(self, media_type: str) -> None:
        found = _BOUNDARY.match(media_type)
        self._boundary = None if found is None else found[1].encode("latin-1", "replace")
        self._sha256 = sha256()
        self._rest = b""
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Add bytes."""
        self.size += len(chunk)
        if self._boundary is None:
            self._sha256.update(chunk)
            return
        content = (self._rest + chunk).replace(self._boundary, _FIXED)
        kept = len(self._boundary) - 1
        done = max(0, len(content) - kept)
        self._sha256.update(content[:done])
        self._rest = content[done:]

    def result(self) -> str:
        """The digest of all bytes."""
        whole = self._sha256.copy()
        whole.update(self._rest)
        return whole.hexdigest()


def is_json(media_type: str, beginning: bytes) -> bool:
    """Whether a body is compared as JSON: by its type, or as curl sends it without one."""
    kind = media_type.partition(";")[0].strip().lower()
    if kind.endswith(("/json", "+json")):
        return True
    return kind in ("", "text/plain", "application/x-www-form-urlencoded") and beginning.lstrip()[:1] in (
        b"{",
        b"[",
    )


def identity_of_json(
    method: str, path: str, query: Iterable[tuple[str, str]], content: bytes, ignored: Collection[str]
) -> Identity:
    """The identity of a request with a JSON body, which has no secrets any more."""
    pairs = _pairs(query, ignored)
    if not content:
        return Identity(method, path, pairs, "")
    try:
        value = _without(redact(read_json(content)), ignored)
        body = json.dumps(value, sort_keys=True, default=str)
    except (JsonRefused, ValueError, RecursionError):
        return Identity(method, path, pairs, sha256(content).hexdigest())
    return Identity(method, path, pairs, sha256(body.encode("utf-8", "replace")).hexdigest(), value)


def identity_of_digest(
    method: str, path: str, query: Iterable[tuple[str, str]], digest: str, ignored: Collection[str]
) -> Identity:
    """The identity of a request with any other body."""
    return Identity(method, path, _pairs(query, ignored), digest)


def difference(here: Identity, recorded: Identity) -> str:
    """What makes two requests with the same method and path different, in a few words."""
    if here.query != recorded.query:
        asked, there = set(here.query), set(recorded.query)
        texts = [f"{name}={_short(value)} is not in the recording" for name, value in sorted(asked - there)]
        texts += [f"{name}={_short(value)} is missing" for name, value in sorted(there - asked)]
        return "the parameter " + "; ".join(texts[:3]) if texts else "a parameter is repeated"
    if here.value is not None and recorded.value is not None:
        found = next(_differences(here.value, recorded.value, ""), None)
        if found is not None:
            place, ours, theirs = found
            return f"in the body, {place} is {ours}, and was {theirs}"
    return "the body has other bytes"


def nearest(here: Identity, recorded: Sequence[Identity]) -> Identity | None:
    """The recorded request that resembles this one most."""
    return max(recorded, key=lambda each: _resemblance(here, each), default=None)


def _resemblance(here: Identity, other: Identity) -> tuple[bool, int, bool, int]:
    ours, theirs = here.path.split("/"), other.path.split("/")
    same = sum(first == second for first, second in zip(ours, theirs, strict=False))
    is_same_path = here.path == other.path
    differences = 0
    if is_same_path and here.value is not None and other.value is not None:
        for _ in zip(range(20), _differences(here.value, other.value, ""), strict=False):
            differences += 1
    return is_same_path, same - abs(len(ours) - len(theirs)), here.method == other.method, -differences


def _is_volatile(name: str, ignored: Collection[str]) -> bool:
    lower = name.lower()
    return lower in VOLATILE or lower.endswith("nonce") or name in ignored


def _pairs(query: Iterable[tuple[str, str]], ignored: Collection[str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        sorted(
            (name, value)
            for name, value in query
            if not (_is_volatile(name, ignored) or is_secret_field(name) or is_signature(name))
        )
    )


def _without(root: Any, ignored: Collection[str]) -> Any:
    """A JSON value without members of these names, and with whole floats as integers."""
    if is_object(root):
        return {
            name: _without(value, ignored) for name, value in root.items() if not _is_volatile(name, ignored)
        }
    if is_array(root):
        return [_without(each, ignored) for each in root]
    return int(root) if isinstance(root, float) and root.is_integer() else root


def _differences(here: Any, recorded: Any, place: str) -> Iterator[tuple[str, str, str]]:
    if is_object(here) and is_object(recorded):
        for name in dict.fromkeys((*here, *recorded)):
            inside = f"{place}/{name}"
            if name not in here:
                yield inside, "missing", _short(recorded[name])
            elif name not in recorded:
                yield inside, _short(here[name]), "missing"
            else:
                yield from _differences(here[name], recorded[name], inside)
    elif is_array(here) and is_array(recorded) and len(here) == len(recorded):
        for index, (ours, theirs) in enumerate(zip(here, recorded, strict=True)):
            yield from _differences(ours, theirs, f"{place}/{index}")
    elif here != recorded or isinstance(here, bool) != isinstance(recorded, bool):
        yield place or "/", _short(here), _short(recorded)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 3]}..."
