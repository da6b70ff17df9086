"""Which of several things was not found: the server's message may not say it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .exits import NOT_FOUND, CommandError
from .sanitizing import safe_line


@contextmanager
def naming(name: str, advice: str = "") -> Iterator[None]:
    """Within it, the message of NotFound begins with `name`, unless it has the name already.

    `advice` says at its end what to try.
    """
    from comfy_cloud import NotFound

    try:
        yield
    except NotFound as error:
        if name in str(error) and not advice:
            raise
        message = str(error) if name in str(error) else f"{name}: {error}"
        raise CommandError(safe_line(f"{message}{advice}"), NOT_FOUND) from error
