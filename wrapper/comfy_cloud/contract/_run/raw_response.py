"""Responses as the server sent them, and the beginning of streams that do not end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from .._checks.bodies import read_json


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A whole response, as the server sent it; a part of one where it is an endless stream."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    is_whole: bool = True

    @property
    def is_good(self) -> bool:
        """Whether the status is below 400."""
        return self.status < 400

    @property
    def json(self) -> Any:
        """The JSON value of the body; None for anything that is not JSON."""
        try:
            return read_json(self.content)
        except ValueError:
            return None


class PartialStream:
    """What has arrived of a stream of events; it is not lost when the stream does not end."""

    def __init__(self) -> None:
        self._response: httpx.Response | None = None
        self._headers = httpx.Headers()
        self._pieces: list[bytes] = []

    def watch(self, response: httpx.Response, headers: httpx.Headers) -> None:
        """Keep what is read of a response. `headers` are those that the server sent."""
        inner: Any = response.stream
        self._response, self._headers = response, headers

        def pieces() -> Iterator[bytes]:
            for piece in inner:
                self._pieces.append(piece)
                yield piece

        response.stream = _Watched(pieces(), inner)

    def as_raw(self) -> RawResponse | None:
        """The response with what has arrived; None when nothing is watched."""
        if self._response is None:
            return None
        content = b"".join(self._pieces)
        return RawResponse(self._response.status_code, self._headers, content, is_whole=False)


class _Watched(httpx.SyncByteStream):
    def __init__(self, pieces: Iterator[bytes], inner: Any) -> None:
        self._pieces = pieces
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        """Close the stream below."""
        self._inner.close()
