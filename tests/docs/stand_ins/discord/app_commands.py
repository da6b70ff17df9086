"""The commands of a bot: kept by their names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Awaitable[None]])


class CommandTree:
    def __init__(self, client: Any) -> None:
        self.client = client
        self.commands: dict[str, Callable[..., Awaitable[None]]] = {}

    def command(self, *, name: str, description: str) -> Callable[[_F], _F]:
        def keep(function: _F) -> _F:
            self.commands[name] = function
            return function

        return keep

    async def sync(self) -> None: ...
