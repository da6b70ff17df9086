"""Images for a terminal, in the best way that it has.

That is Kitty's protocol or sixels (which iTerm2 has too) where the terminal says that it knows
them, and half blocks elsewhere. The package `textual-image` asks the terminal when it is imported.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

_LARGEST = 40_000_000
"""Pixels beyond which an image is not decoded."""


def image_renderable(content: bytes, *, height: int) -> Any:
    """An image for a rich console, of at most so many lines; None if it cannot be shown."""
    if not terminal_has_size():
        return None
    try:
        with _terminal_for_questions():
            from textual_image.renderable import Image
    except ModuleNotFoundError:
        return None
    image = decoded_image(content)
    return None if image is None else _Within(Image(image, width="auto", height="auto"), height)


def decoded_image(content: bytes) -> Any:
    """The image in RGB; None if the content is not one, if it is too large, or without Pillow."""
    try:
        from PIL import Image as PillowImage
    except ModuleNotFoundError:
        return None
    try:
        with PillowImage.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP", "GIF")) as opened:
            if opened.width * opened.height > _LARGEST:
                return None
            return opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, PillowImage.DecompressionBombError):
        return None


def terminal_has_size() -> bool:
    """Whether stdout, if it is a terminal, says how large it is; textual-image divides by that."""
    try:
        size = os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ is not None else 1)
    except (OSError, ValueError):  # not a terminal, or closed
        return True
    return size.columns > 0 and size.lines > 0


def image_console() -> Console:
    """A console on stdout that shows images whatever the settings for colored text are."""
    from rich.console import Console

    with _terminal_for_questions():
        from textual_image.renderable import Image, TGPImage

    # Kitty reads from the color which image it is, so all bits of it must arrive.
    colors: Literal["auto", "truecolor"] = "truecolor" if Image is TGPImage else "auto"
    return Console(
        file=sys.stdout, color_system=colors, no_color=False, legacy_windows=False, highlight=False
    )


@dataclass(frozen=True, slots=True)
class _Within:
    """Keeps an image within a number of lines, and within the width of the console."""

    image: Any
    height: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        bounded = options.copy()
        bounded.max_height = min(self.height, options.max_height)
        with _terminal_for_questions():
            segments = list(console.render(self.image, bounded))
        yield from segments


@contextmanager
def _terminal_for_questions() -> Iterator[None]:
    """While entered, textual-image reads what the terminal answers, also if stdin is a file.

    It would raise an error of termios otherwise.
    """
    # What it warns of is a terminal that does not answer, which many do not.
    logging.getLogger("textual_image").setLevel(logging.ERROR)
    # It calls what a later Pillow removes.
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="textual_image")
    before = sys.__stdin__
    if before is not None and before.isatty():
        yield
        return
    terminal = None
    with suppress(OSError):
        terminal = open("/dev/tty", encoding="ascii", errors="replace")  # noqa: SIM115 - closed below
    sys.__dict__["__stdin__"] = terminal
    try:
        yield
    finally:
        sys.__dict__["__stdin__"] = before
        if terminal is not None:
            terminal.close()
