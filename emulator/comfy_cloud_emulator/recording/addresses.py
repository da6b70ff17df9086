"""Which addresses in a response are replaced, so that a program stays with the recorder.

What leads to the server itself leads to the recorder. A signed URL of a storage becomes a path of
the recorder, which remembers where it led. In the file both have the host `recording.invalid`,
which a replay replaces by its own. Pure rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urljoin, urlsplit

from comfy_cloud._errors.redaction import is_signature
from comfy_cloud_emulator.state.json_values import is_array, is_object

PLACEHOLDER: Final = "http://recording.invalid"
"""The origin in the file that a replay replaces by its own."""
FILES: Final = "/_recorded/"
"""Prefix of the paths that stand for signed URLs."""
_LONGEST_NAME: Final = 100
_UNUSUAL: Final = re.compile(r"[^\w.() -]")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Addresses:
    """The addresses of one recording: `base_url` is the server's, `own` the recorder's."""

    def __init__(self, base_url: str, own: str) -> None:
        self._base_url = base_url
        self._own = own
        self._origin = _origin_of(base_url)
        self._numbers: dict[str, str] = {}  # path of the recorder by signed URL
        self._urls: dict[str, str] = {}

    def signed_url(self, path: str) -> str | None:
        """The URL that a path of the recorder stands for; None if it was never given out."""
        return self._urls.get(path)

    def location(self, target: str, location: str) -> str:
        """Where a redirect leads; `target` is the path of the request."""
        try:
            url = urljoin(self._base_url + target, location)
            origin = _origin_of(url)
        except ValueError:
            return location
        if origin == self._origin:
            return self._own_address(url)
        return self._own + self._path_for(url) if url.startswith(("http://", "https://")) else location

    def in_json(self, value: Any) -> bool:
        """Replace the addresses in a JSON value, in place; returns whether there were any."""
        return _replace(value, self._replaced)

    def _replaced(self, text: str) -> str:
        if not text.startswith(("http://", "https://")) or any(each.isspace() for each in text):
            return text
        try:
            if _origin_of(text) == self._origin:
                return self._own_address(text)
            names = [name for name, _ in parse_qsl(urlsplit(text).query)]
        except ValueError:
            return text
        return self._own + self._path_for(text) if any(map(is_signature, names)) else text

    def _own_address(self, url: str) -> str:
        rest = url.split("://", 1)[1]
        position = min((found for each in "/?#" if (found := rest.find(each)) >= 0), default=len(rest))
        path = rest[position:]
        base_path = urlsplit(self._base_url).path.rstrip("/")
        return self._own + (path.removeprefix(base_path) if base_path else path)

    def _path_for(self, url: str) -> str:
        if url not in self._numbers:
            path = f"{FILES}{len(self._urls) + 1}/{_name_of(url)}"
            self._numbers[url] = path
            self._urls[path] = url
        return self._numbers[url]


def for_file(text: str, own: str) -> str:
    """Text of a response as it is in the file."""
    return text.replace(own, PLACEHOLDER)


def for_replay(text: str, own: str) -> str:
    """Text of the file as the replay at `own` sends it."""
    return text.replace(PLACEHOLDER, own)


def _name_of(url: str) -> str:
    """A name for people, from the end of a URL's path."""
    name = _UNUSUAL.sub("_", unquote(urlsplit(url).path.rpartition("/")[2]))
    return quote(name[-_LONGEST_NAME:].lstrip(".") or "file")


def _origin_of(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _replace(root: Any, change: Callable[[str], str]) -> bool:
    waiting, is_changed = [root], False
    while waiting:
        container = waiting.pop()
        if not is_object(container) and not is_array(container):
            continue
        members: list[tuple[Any, Any]] = list(
            container.items() if is_object(container) else enumerate(container)
        )
        for name, member in members:
            if isinstance(member, str):
                changed = change(member)
                if changed != member:
                    container[name], is_changed = changed, True
            else:
                waiting.append(member)
    return is_changed
