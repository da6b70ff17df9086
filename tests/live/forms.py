"""The two forms of the client behind one interface, so that a step is written once.

A step is a coroutine that awaits `form(...)` for calls and iterates over `form.each(...)`. With the
sync client nothing in it suspends, so it runs without an event loop.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from comfy_cloud import AsyncComfyCloud, ComfyCloud


class Form:
    """One form of the client, and a folder for files."""

    def __init__(self, cloud: Any, folder: Path, is_async: bool) -> None:
        self.cloud = cloud
        self.folder = folder
        self.is_async = is_async

    async def __call__(self, value: Any) -> Any:
        """The result of a call of either client."""
        return await value if inspect.isawaitable(value) else value

    async def each(self, values: Any) -> AsyncIterator[Any]:
        """The items of an iterator of either client."""
        if hasattr(values, "__aiter__"):
            async for value in values:
                yield value
        else:
            for value in values:
                yield value

    @asynccontextmanager
    async def entered(self, manager: Any) -> AsyncIterator[Any]:
        """A block with a context manager of either client."""
        if hasattr(manager, "__aenter__"):
            async with manager as value:
                yield value
        else:
            with manager as value:
                yield value

    async def listed(self, values: Any) -> list[Any]:
        """All items of an iterator of either client."""
        return [value async for value in self.each(values)]


Step = Callable[[Form], Coroutine[Any, Any, str]]


def in_sync_form(url: str, folder: Path, step: Step, **options: Any) -> str:
    """Run a step with the sync client."""
    with ComfyCloud(base_url=url, **options) as cloud:
        running = step(Form(cloud, folder, is_async=False))
        try:
            running.send(None)
        except StopIteration as stop:
            return str(stop.value)
        running.close()
        raise AssertionError("the step waits for something that the sync client does not have")


def in_async_form(url: str, folder: Path, step: Step, **options: Any) -> str:
    """Run a step with the async client."""

    async def run() -> str:
        async with AsyncComfyCloud(base_url=url, **options) as cloud:
            return await step(Form(cloud, folder, is_async=True))

    return asyncio.run(run())
