"""Which of several things was not found: the server's message may not say it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .exits import NOT_FOUND, CommandError
from .sanitizing import safe_line


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Within it, the message of NotFound begins with `name`, unless it has the name already."""
    from comfy_cloud import NotFound

    try:
        yield
    except NotFound as error:
        if name in str(error):
            raise
        raise CommandError(safe_line(f"{name}: {error}"), NOT_FOUND) from error
