"""The image of a run that goes on, drawn many times a second while others come.

`images` shows a single image. I/O: it asks the terminal what images it knows.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .._console.streams import on_terminal
from .images import decoded_image

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.measure import Measurement


def can_ask_terminal() -> bool:
    """Whether the terminal can be asked: both streams are it, and this program is in front.

    A program in the background would be stopped for it.
    """
    if not (on_terminal() and sys.stdin is not None and on_terminal(sys.stdin)):
        return False
    if not hasattr(os, "tcgetpgrp"):
        return True
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False


def has_true_color() -> bool:
    """Whether this is a terminal whose images are named by an exact color, as kitty's are.

    Over ssh, rich does not see that such a terminal has all colors, and would change the name.
    """
    return os.environ.get("TERM", "").endswith(("-kitty", "-ghostty"))


def image_class() -> Callable[..., Any] | None:
    """The class of images that suits this terminal, which is asked; None if it shows none."""
    if not can_ask_terminal():
        return None
    try:
        from textual_image._terminal import get_cell_size
        from textual_image.renderable import Image
    except ModuleNotFoundError:
        return None
    # The first call asks the terminal, which must not happen while it is drawn on.
    with suppress(Exception):  # whatever a terminal replies, the run goes on
        get_cell_size()
    return Image


def preview_image(content: bytes, make: Callable[..., Any], *, height: int) -> PreviewImage | None:
    """The image, `height` lines high; None if the content is not one, or is too large."""
    image = decoded_image(content)
    if image is None:
        return None
    return PreviewImage(make(image, width="auto", height=height))


class PreviewImage:
    """An image that is encoded once for each width, however often it is drawn."""

    def __init__(self, image: Any) -> None:
        self._image = image
        self._drawn: tuple[tuple[int, int], list[Any]] | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        size = (options.max_width, options.max_height)
        if self._drawn is None or self._drawn[0] != size:
            self._drawn = (size, list(console.render(self._image, options)))
        yield from self._drawn[1]

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        found: Measurement = self._image.__rich_measure__(console, options)
        return found

    def forget(self) -> None:
        """Let the terminal forget it, where a terminal keeps images, as kitty does."""
        number = getattr(self._image, "terminal_image_id", None)
        if number is not None:
            sys.stdout.write(f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\")
            sys.stdout.flush()
