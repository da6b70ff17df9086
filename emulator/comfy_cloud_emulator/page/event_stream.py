"""The live stream of the page: server-sent events, several times a second.

One event per section that changed, named like it. A page that reads slowly gets fewer updates:
nothing is made before the last events have left.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from .feed import Feed, SectionUpdate
from .overview import Overview

TICK: Final = 0.2
"""Seconds between two checks for changes."""
SILENCE: Final = 10.0
"""Seconds without changes after which a comment is sent, to detect dead connections."""


async def events(
    overview: Overview, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> AsyncGenerator[bytes, None]:
    """The stream as bytes, without end. It starts with every section."""
    feed = Feed(overview)
    silent = 0.0
    with overview.progress.watched():
        while True:
            news = b"".join(map(encode_update, feed.updates()))
            silent = 0.0 if news else silent + TICK
            if silent >= SILENCE:
                news, silent = b": still here\n\n", 0.0
            if news:
                yield news
            await sleep(TICK)


def encode_update(news: SectionUpdate) -> bytes:
    """One event. The JSON that orjson writes contains no line break."""
    return b"event: %b\ndata: %b\n\n" % (news.section.encode(), news.value)
