"""Images for a rich console, in the best way that the terminal has: sixels, kitty's, half blocks.

The package `textual-image` (extra `preview`) draws them. It asks the terminal what it knows, on
stdout, and reads the reply from stdin. I/O.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from .._console.streams import on_terminal

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.measure import Measurement

_LARGEST_IMAGE = 40_000_000
"""Pixels beyond which an image is not decoded for a preview."""


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
    if not can_ask_terminal() or not has_size():
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


def has_size() -> bool:
    """Whether stdout, if it is a terminal, says how large it is: textual-image divides by that."""
    try:
        size = os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ is not None else 1)
    except (OSError, ValueError):  # not a terminal, or closed
        return True
    return size.columns > 0 and size.lines > 0


def image_class_in_any_case() -> Callable[..., Any]:
    """The class of images for a terminal that may only be asked over its device.

    That is so where stdin is a file. Where even that is not possible, it is half blocks.
    """
    import logging
    import warnings

    # What it warns of is a terminal that does not reply, which many do not.
    logging.getLogger("textual_image").setLevel(logging.ERROR)
    # It calls what a later Pillow removes.
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="textual_image")
    with _stdin_of_terminal():
        from textual_image._terminal import get_cell_size
        from textual_image.renderable import Image

        with suppress(Exception):  # whatever a terminal replies
            get_cell_size()
    found: Callable[..., Any] = Image
    return found


@contextmanager
def _stdin_of_terminal() -> Iterator[None]:
    """While entered, textual-image does not read a file or a pipe, which raises termios.error."""
    before = sys.__stdin__
    if before is not None and before.isatty():
        yield
        return
    with ExitStack() as stack:
        terminal = None
        with suppress(OSError):
            terminal = stack.enter_context(open("/dev/tty", encoding="ascii", errors="replace"))
        sys.__dict__["__stdin__"] = terminal
        try:
            yield
        finally:
            sys.__dict__["__stdin__"] = before


def preview_image(content: bytes, make: Callable[..., Any], *, height: int) -> PreviewImage | None:
    """The image, at most `height` lines high; None if it is not one, or is too large."""
    try:
        from PIL import Image as PillowImage
    except ModuleNotFoundError:
        return None
    try:
        with PillowImage.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP", "GIF")) as opened:
            if opened.width * opened.height > _LARGEST_IMAGE:
                return None
            image = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, PillowImage.DecompressionBombError):
        return None
    return PreviewImage(make(image, width="auto", height="auto"), height)


class PreviewImage:
    """An image that is encoded once for each width, however often it is drawn."""

    def __init__(self, image: Any, height: int) -> None:
        self._image = image
        self._height = height
        self._drawn: tuple[tuple[int, int], list[Any]] | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        bounded = self._bounded(options)
        size = (bounded.max_width, bounded.max_height)
        if self._drawn is None or self._drawn[0] != size:
            self._drawn = (size, list(console.render(self._image, bounded)))
        yield from self._drawn[1]

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        found: Measurement = self._image.__rich_measure__(console, self._bounded(options))
        return found

    def _bounded(self, options: ConsoleOptions) -> ConsoleOptions:
        """A height for textual-image itself would distort an image that is too wide for it."""
        bounded = options.copy()
        bounded.max_height = min(self._height, options.max_height)
        return bounded

    def forget(self) -> None:
        """Let the terminal forget it, where a terminal keeps images, as kitty does."""
        number = getattr(self._image, "terminal_image_id", None)
        if number is not None:
            sys.stdout.write(f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\")
            sys.stdout.flush()
