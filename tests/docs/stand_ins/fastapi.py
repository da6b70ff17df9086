"""As much of FastAPI as the cookbook uses: routes are kept, and called by the tests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import SimpleNamespace
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])


class HTTPException(Exception):
    def __init__(self, status_code: int, detail: str = "") -> None:
        super().__init__(status_code, detail)
        self.status_code = status_code
        self.detail = detail


class Response:
    def __init__(
        self, content: bytes | str = b"", status_code: int = 200, media_type: str | None = None
    ) -> None:
        self.body = content
        self.status_code = status_code
        self.media_type = media_type


class FastAPI:
    def __init__(self, *, lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> None:
        self.lifespan = lifespan
        self.state = SimpleNamespace()
        self.routes: dict[str, Callable[..., Any]] = {}

    def put(self, path: str) -> Callable[[_F], _F]:
        def keep(function: _F) -> _F:
            self.routes[path] = function
            return function

        return keep


class Request:
    def __init__(self, app: FastAPI) -> None:
        self.app = app
