"""Reading a contract from a file or a URL, and refusing what is no usable contract.

It compares nothing and writes nothing. Only the given address is fetched: references to other documents are refused.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from .documents import ContractError, read_contract
from .structure import check_structure

MOST_BYTES = 20 * 1024 * 1024
_SECONDS_OF_SILENCE = 30.0
_SECONDS_IN_ALL = 120.0


def fetched_contract(source: str) -> dict[str, Any]:
    """The OpenAPI 3 document at a path or an http(s) URL, its form checked.

    Raises ContractError when it cannot be had, is larger than 20 MB, or has not the form of an OpenAPI 3 document.
    """
    return contract_in(fetched_bytes(source), shown(source))


def contract_in(content: bytes, name: str) -> dict[str, Any]:
    """The OpenAPI 3 document in `content`, its form checked; `name` is what errors call it."""
    document = read_contract(content, name)
    try:
        check_structure(document)
    except ContractError as error:
        raise ContractError(f"{name} is not valid OpenAPI: {one_line(str(error))}") from None
    except RecursionError:
        raise ContractError(f"{name} is nested too deeply to be a contract") from None
    return document


def shown(source: str) -> str:
    """The source as messages show it: without the user, password and query that a URL may hold."""
    if "://" not in source:
        return source
    try:
        parts = urlsplit(source)
        host = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        return "the URL"
    return f"{parts.scheme}://{host}{parts.path}"


def fetched_bytes(source: str) -> bytes:
    """The file at a path or an http(s) URL, at most 20 MB. Raises ContractError when it cannot be read."""
    name = shown(source)
    if "://" not in source:
        return _bytes_of_file(Path(source))
    if source.partition("://")[0].lower() not in ("http", "https"):
        raise ContractError(f"{name}: a contract comes from a file or an http(s) URL")
    try:
        return _bytes_of_url(source, name)
    except httpx.InvalidURL as error:
        raise ContractError(f"{name} is not a URL: {error}") from None
    except httpx.TimeoutException:
        raise ContractError(f"{name} did not answer within {_SECONDS_OF_SILENCE:g} s") from None
    except httpx.HTTPError as error:
        reason = one_line(str(error)) if isinstance(error, httpx.ConnectError) else type(error).__name__
        raise ContractError(f"{name} cannot be fetched: {reason}") from None


def _bytes_of_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ContractError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    _check_size(len(content), str(path))
    return content


def _bytes_of_url(source: str, name: str) -> bytes:
    deadline = time.monotonic() + _SECONDS_IN_ALL
    content = bytearray()
    with httpx.stream("GET", source, follow_redirects=True, timeout=_SECONDS_OF_SILENCE) as response:
        if response.status_code != 200:
            raise ContractError(f"{name} answers {response.status_code} {response.reason_phrase}".rstrip())
        for chunk in response.iter_bytes():
            content += chunk
            _check_size(len(content), name)
            if time.monotonic() > deadline:
                raise ContractError(f"{name} took longer than {_SECONDS_IN_ALL:g} s to arrive")
    return bytes(content)


def _check_size(size: int, name: str) -> None:
    if size > MOST_BYTES:
        raise ContractError(f"{name} is larger than {MOST_BYTES // 1024 // 1024} MB: is it a contract?")


def one_line(text: str) -> str:
    """The text in one line of at most 200 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:200]}…"
