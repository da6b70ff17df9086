"""As much of discord.py as the cookbook uses: nothing is sent to Discord."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import app_commands as app_commands


class AllowedMentions:
    @classmethod
    def none(cls) -> AllowedMentions:
        return cls()


class Intents:
    @classmethod
    def none(cls) -> Intents:
        return cls()


class Client:
    token = ""

    def __init__(self, *, intents: Intents, allowed_mentions: AllowedMentions) -> None:
        self.intents = intents

    async def setup_hook(self) -> None: ...

    async def close(self) -> None: ...

    def run(self, token: str) -> None:
        type(self).token = token


class File:
    def __init__(self, fp: Path) -> None:
        self.fp = fp


class _Webhook:
    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send(self, content: str = "", *, file: File | None = None) -> None:
        self.sent.append(file or content)


class _Response:
    async def defer(self, *, thinking: bool = False) -> None: ...


class Interaction:
    def __init__(self, id: int) -> None:
        self.id = id
        self.response = _Response()
        self.followup = _Webhook()
