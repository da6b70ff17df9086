"""As much of Flask as the cookbook uses: routes are kept, and called by the tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])


class _Arguments(dict[str, str]):
    pass


class _Request:
    def __init__(self) -> None:
        self.args = _Arguments()


request = _Request()


class Response:
    def __init__(self, response: bytes | str = b"", status: int = 200, mimetype: str | None = None) -> None:
        self.data = response
        self.status_code = status
        self.mimetype = mimetype


class Flask:
    def __init__(self, import_name: str) -> None:
        self.import_name = import_name
        self.routes: dict[str, Callable[..., Any]] = {}

    def put(self, rule: str) -> Callable[[_F], _F]:
        def keep(function: _F) -> _F:
            self.routes[rule] = function
            return function

        return keep
