"""Reading the catalogue of a server: from a file, from the server itself, or from an object.

The document has bounds, like everything that comes from outside. A URL is fetched once, and only
where it leads: no redirect is followed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident
from time import monotonic
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from comfy_cloud_emulator.http.json_reading import MOST_CONTAINERS, MOST_LEVELS, JsonRefused, read_json
from comfy_cloud_emulator.state.json_values import is_object

from .catalogue import Catalogue
from .object_info import server_catalogue

ObjectInfo: TypeAlias = str | Path | Mapping[str, Any]
"""A file, a URL that starts with http:// or https://, or the object itself."""
LARGEST: Final = 128 << 20
"""Bytes of a document. That of a server with a thousand node packs has about 50 MB."""
MOST_VALUES: Final = 8_000_000
"""Values in a document, roughly: its commas. A value takes more memory than its bytes."""
OPERATION: Final = "/api/object_info"
_SECONDS: Final = 60.0
"""A server with many node packs takes some seconds to describe them."""


def read_catalogue(source: ObjectInfo | Catalogue) -> Catalogue:
    """The catalogue of a server. One that was read already is returned as it is.

    A URL without a path is that of the server, and `/api/object_info` is added.

    Raises ValueError, with a message that names the source, when it cannot be read or is not a
    catalogue.
    """
    if isinstance(source, Catalogue):
        return source
    if isinstance(source, Mapping):
        return _catalogue("object_info", _encoded(source))
    text = str(source)
    if isinstance(source, str) and text.lower().startswith(("http://", "https://")):
        name = _shown(text)
        return _catalogue(name, _fetched(text, name))
    return _catalogue(_printable(text), _from_file(Path(source)))


def _catalogue(name: str, content: bytes) -> Catalogue:
    if len(content) > LARGEST:
        raise ValueError(f"{name} has more than {LARGEST >> 20} MiB, so its node classes are not read")
    if content.count(b",") > MOST_VALUES:
        raise ValueError(f"{name} has more than {MOST_VALUES} values, so its node classes are not read")
    try:
        document = _decoded(content)
        if not is_object(document):
            raise ValueError("it is not a JSON object")
        return server_catalogue(document, content)
    except ValueError as error:
        reason = f"it is {error}" if isinstance(error, JsonRefused) else str(error)
        raise ValueError(
            f"{name} is not a node catalogue: {reason}; expected what GET {OPERATION} returns"
        ) from error


def _decoded(content: bytes) -> Any:
    try:
        return read_json(content)
    except JsonRefused as error:
        if str(error) != "not JSON":
            raise
    # Servers written in Python send NaN and Infinity, which are not JSON.
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise JsonRefused("not JSON") from error
    if not _is_bounded(value):
        raise JsonRefused(f"JSON with more than {MOST_CONTAINERS} arrays and objects, or nested too deeply")
    return value


def _is_bounded(value: Any) -> bool:
    level, containers = [value], 0
    for _ in range(MOST_LEVELS):
        below: list[Any] = []
        for each in level:
            members = each.values() if isinstance(each, dict) else each
            below += [member for member in members if isinstance(member, (dict, list))]
        containers += len(below)
        if not below or containers > MOST_CONTAINERS:
            return containers <= MOST_CONTAINERS
        level = below
    return False


def _encoded(document: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(dict(document)).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"object_info cannot be written as JSON: {error}") from error


def _from_file(path: Path) -> bytes:
    try:
        with path.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"cannot read the node classes in {_printable(path)}: {reason}") from error


def _printable(text: object) -> str:
    """A text for messages, without what a terminal would obey."""
    return "".join(char if char.isprintable() else "?" for char in str(text))


def _fetched(url: str, name: str) -> bytes:
    import httpx

    end = monotonic() + _SECONDS
    content = bytearray()
    try:
        with (
            _without_log(),
            httpx.stream(
                "GET", _address(url), headers={"Accept-Encoding": "identity"}, timeout=_SECONDS / 2
            ) as response,
        ):
            if response.status_code != 200:
                raise ValueError(_refusal(name, response.status_code))
            # httpx would decode a whole chunk at once: a few bytes can become gigabytes.
            if response.headers.get("content-encoding", "identity") != "identity":
                raise ValueError(
                    f"{name} sent its node catalogue compressed, although that was not asked for"
                )
            for chunk in response.iter_raw():
                content += chunk
                if len(content) > LARGEST:
                    break
                if monotonic() > end:
                    raise ValueError(f"{name} took more than {_SECONDS:g} seconds to send its node classes")
    except httpx.InvalidURL:
        invalid = ValueError(f"cannot fetch the node classes from {name}: this is not a valid URL")
    except (httpx.HTTPError, UnicodeError) as error:
        reason = str(error) or type(error).__name__
        raise ValueError(f"cannot fetch the node classes from {name}: {reason}") from error
    else:
        return bytes(content)
    raise invalid  # outside of the handler: what httpx says may be a part of a password


@contextmanager
def _without_log() -> Iterator[None]:
    """Keep the URLs that this thread requests out of httpx's log: one may contain a password."""
    thread, logger = get_ident(), logging.getLogger("httpx")

    def is_of_another(record: logging.LogRecord) -> bool:
        return record.thread != thread

    logger.addFilter(is_of_another)
    try:
        yield
    finally:
        logger.removeFilter(is_of_another)


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url  # httpx refuses it
    return parts._replace(path=OPERATION).geturl() if parts.path in ("", "/") else url


def _refusal(name: str, status: int) -> str:
    more = ""
    if status in (401, 403):
        more = "; if it needs a key, save its catalogue to a file and give that"
    elif 300 <= status < 400:
        more = "; redirects are not followed, so give the address that it leads to"
    return f"{name} responded with {status} instead of its node catalogue{more}"


def _shown(url: str) -> str:
    """A URL as messages may contain it: without a password, query or fragment."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        if "@" in url and "@" not in parts.netloc:
            return "the URL"  # a password with a slash looks like a host, a port and a path
        return _printable(f"{parts.scheme}://{host}{parts.path}")
    except ValueError:
        return "the URL"
