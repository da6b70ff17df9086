"""The live stream of the page: server-sent events, looked for a few times a second.

One event per section that changed, named like it. A page that reads slowly is simply told less often: nothing is made
before the last events have left.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from .feed import Feed, SectionUpdate
from .overview import Overview

TICK: Final = 0.2
"""Seconds between two looks."""
SILENCE: Final = 10.0
"""Seconds after which a line is sent although nothing happened, so that both sides notice a dead connection."""


async def events(
    overview: Overview, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> AsyncGenerator[bytes, None]:
    """The stream as bytes, without end. It begins with everything there is."""
    feed = Feed(overview)
    silent = 0.0
    with overview.progress.watched():
        while True:
            news = b"".join(map(encoded, feed.updates()))
            silent = 0.0 if news else silent + TICK
            if silent >= SILENCE:
                news, silent = b": still here\n\n", 0.0
            if news:
                yield news
            await sleep(TICK)


def encoded(news: SectionUpdate) -> bytes:
    """One event. JSON as orjson writes it holds no line break."""
    return b"event: %b\ndata: %b\n\n" % (news.section.encode(), news.value)
