"""Reading a contract from a file or a URL, and refusing what is not a usable contract.

Only the given address is fetched; references to other documents are refused. Nothing is written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from ..._errors import redaction
from ..._http.address_guard import AddressRefused
from ..._http.bounded_bodies import bound
from ..._http.clients import new_storage_client
from ..._http.content_decoding import BodyRefused, BodyTooLarge
from ..._http.deadlines import TimeLimit
from ..._settings.storage_hosts import AddressPolicy
from .reader import MOST_BYTES, ContractError, read_contract
from .structure import check_structure

_SILENCE_SECONDS = 30.0
_TOTAL_SECONDS = 120.0


def fetched_contract(source: str) -> dict[str, Any]:
    """The OpenAPI 3 document at a path or an http(s) URL, with its form checked.

    Redirects are followed, and no API key is sent. Raises ContractError when the document cannot be
    read, is larger than 20 MB, or does not have the form of an OpenAPI 3 document.
    """
    return contract_in(fetched_bytes(source), shown(source))


def contract_in(content: bytes, name: str) -> dict[str, Any]:
    """The OpenAPI 3 document in `content`, with its form checked; `name` is what errors call it."""
    document = read_contract(content, name)
    try:
        check_structure(document)
    except ContractError as error:
        raise ContractError(f"{name} is not valid OpenAPI: {redaction.one_line(str(error), 600)}") from None
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


def one_line(text: str) -> str:
    """The text as one printable line of at most 200 characters."""
    return redaction.one_line(text, 200)


def fetched_bytes(source: str) -> bytes:
    """The file at a path or an http(s) URL, at most 20 MB.

    Raises ContractError if it cannot be read.
    """
    name = shown(source)
    if "://" not in source:
        return _bytes_of_file(Path(source))
    if source.partition("://")[0].lower() not in ("http", "https"):
        raise ContractError(f"{name}: a contract comes from a file or an http(s) URL")
    limit = TimeLimit(_TOTAL_SECONDS)
    try:
        return _bytes_of_url(source, name, limit)
    except (httpx.InvalidURL, ValueError) as error:
        raise ContractError(f"{name} is not a URL: {error}") from None
    except httpx.TimeoutException:
        if limit.is_over:
            raise ContractError(f"{name} took longer than {_TOTAL_SECONDS:g} s to arrive") from None
        raise ContractError(f"{name} did not respond within {_SILENCE_SECONDS:g} s") from None
    except AddressRefused as error:
        reason = one_line(str(error))
        raise ContractError(
            f"{name} cannot be fetched: {reason}. Save the contract to a file, and give its path"
        ) from None
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


def _bytes_of_url(source: str, name: str, limit: TimeLimit) -> bytes:
    content = bytearray()
    policy = AddressPolicy(source, names_setting=False)
    # The client for signed addresses: it follows redirects and knows no API key and no cookies.
    with (
        new_storage_client(source, 1, _SILENCE_SECONDS, policy) as http,
        limit,
        http.stream("GET", source) as response,
    ):
        if response.status_code != 200:
            raise ContractError(f"{name} returned {response.status_code} {response.reason_phrase}".rstrip())
        try:
            bound(response, MOST_BYTES)  # an encoded body is decoded in steps
            for chunk in response.iter_raw():
                content += chunk
                _check_size(len(content), name)
        except BodyTooLarge:
            _check_size(MOST_BYTES + 1, name)
        except BodyRefused as error:
            raise ContractError(f"{name} cannot be read: {error}") from None
    return bytes(content)


def _check_size(size: int, name: str) -> None:
    if size > MOST_BYTES:
        raise ContractError(f"{name} is larger than {MOST_BYTES // 1024 // 1024} MB: is it a contract?")
