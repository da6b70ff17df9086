"""The threads in which requests decode images: a few, so that their memory has a bound.

More requests wait on the event loop, where a waiting one holds no image and no thread.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

DECODERS: Final = 4
"""Images that the requests of one server decode at a time."""

_Result = TypeVar("_Result")
_LIMITER: Final[RunVar[CapacityLimiter]] = RunVar("comfy_cloud_emulator.decoders")


async def run_decoder(function: Callable[..., _Result], *args: Any, **options: Any) -> _Result:
    """Call a function that decodes images in one of the threads, and return its result."""
    try:
        limiter = _LIMITER.get()
    except LookupError:
        limiter = CapacityLimiter(DECODERS)
        _LIMITER.set(limiter)
    return await to_thread.run_sync(partial(function, *args, **options), limiter=limiter)
