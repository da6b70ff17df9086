"""The library's warnings while a command runs jobs, such as what became of an interrupted one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .._console.wording import in_command_words


@contextmanager
def library_warnings(show: Callable[[str], None]) -> Iterator[None]:
    """Pass the library's warnings to `show` instead of a log."""
    handler = _Handler(show)
    logger = logging.getLogger("comfy_cloud")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class _Handler(logging.Handler):
    def __init__(self, show: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._show = show

    def emit(self, record: logging.LogRecord) -> None:
        """Show one warning."""
        self._show(in_command_words(record.getMessage()))
