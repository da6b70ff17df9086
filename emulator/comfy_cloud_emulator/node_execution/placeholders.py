"""Drawing the images that stand for a model's work: colours from a key, seed and text."""

from __future__ import annotations

import io
import textwrap
from functools import cache
from hashlib import blake2b
from typing import Final

from PIL import Image, ImageDraw, ImageFont

BANDS: Final = 8
PREVIEW_EDGE: Final = 64
PANEL: Final = (24, 24, 28)
INK: Final = (255, 255, 255)
_MARGIN: Final = 6
_MOST_LETTERS: Final = 300


def draw(key: str, width: int, height: int, seed: int | None, text: str | None) -> Image.Image:
    """An image of colour bands derived from the key, with seed and text on it."""
    image = _bands(key, width, height)
    lines = [] if seed is None else [f"seed {seed}"]
    size = max(10, min(24, width // 24))
    if text:
        lines += textwrap.wrap(text[:_MOST_LETTERS], max(8, 2 * (width - 4 * _MARGIN) // size))
    if lines:
        _write(image, "\n".join(lines), size)
    return image


def _write(image: Image.Image, text: str, size: int) -> None:
    """Text on a dark panel, in the upper left corner."""
    draw = ImageDraw.Draw(image)
    position, font = (2 * _MARGIN, 2 * _MARGIN), _font(size)
    left, top, right, bottom = draw.multiline_textbbox(position, text, font=font)
    draw.rectangle((left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN), fill=PANEL)
    draw.multiline_text(position, text, fill=INK, font=font)


def preview(key: str, fraction: float) -> bytes:
    """A small JPEG of the key's colours, of which the unfinished part is dark."""
    image = _bands(key, PREVIEW_EDGE, PREVIEW_EDGE)
    done = round(PREVIEW_EDGE * min(1.0, max(0.0, fraction)))
    image.paste((24, 24, 24), (0, done, PREVIEW_EDGE, PREVIEW_EDGE))
    content = io.BytesIO()
    image.save(content, "JPEG", quality=70)
    return content.getvalue()


def _bands(key: str, width: int, height: int) -> Image.Image:
    noise = blake2b(key.encode(), digest_size=3 * BANDS).digest()
    strip = Image.frombytes("RGB", (1, BANDS), noise)
    return strip.resize((width, height), Image.Resampling.NEAREST)


@cache
def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)
