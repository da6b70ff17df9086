"""Images with Pillow: checking uploads, opening them, and the variants that the view route makes.

Every image of a client is opened here: only formats of an allow-list, and only within the limits,
which are read from the head of the file before anything is decoded. Pillow is imported with the
first image, because it takes longer than the rest of a start.
"""

from __future__ import annotations

import io
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from . import webp_size
from .pixel_budget import PixelBudget

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_UPLOAD: Final = 52_428_800
"""Largest upload in bytes."""
MAX_EDGE: Final = 16_384
"""Largest width or height in pixels."""
MAX_PIXELS: Final = 67_108_864
"""Largest number of pixels of an image."""
JPEG_QUALITY: Final = 85

_SUFFIXES: Final = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "WEBP": ".webp",
    "GIF": ".gif",
    "BMP": ".bmp",
    "TIFF": ".tiff",
}
FORMATS: Final = tuple(_SUFFIXES)
"""What is opened. Pillow knows many more; for EPS it runs another program, Ghostscript."""
_TILE_TAGS: Final = (322, 323)
"""Width and height of the tiles of a TIFF; Pillow allocates whole tiles."""

# Images of all requests and jobs together are decoded within this budget: large ones one by one.
_BUDGET: Final = PixelBudget(MAX_PIXELS)


class ImageRefused(ValueError):
    """The bytes are not an image, or the image is too large; the message says which."""


class ImageFacts(NamedTuple):
    """Size in pixels, and the extension that matches the format."""

    width: int
    height: int
    suffix: str


def check(content: BinaryIO) -> ImageFacts:
    """Check an image without decoding all of it. Rewinds the file. Raises ImageRefused."""
    image = _opened(content)
    facts = ImageFacts(*image.size, _SUFFIXES.get(image.format or "", ""))
    with _refusing_damage():
        image.verify()
    content.seek(0)
    return facts


@contextmanager
def decoded(content: BinaryIO) -> Generator[Image]:
    """The decoded first frame of an image.

    Its pixels count towards the budget until the end of the block. Raises ImageRefused.
    """
    image = _opened(content)
    with _BUDGET.of(image.width * image.height), image:
        with _refusing_damage():
            image.load()
        yield image


def channel(content: BinaryIO, name: str) -> bytes:
    """A view of a PNG, as PNG: `rgb` without transparency, `a` or `alpha` only the transparency.

    Raises ImageRefused when the content is not a PNG.
    """
    from PIL import Image

    with decoded(content) as image:
        if image.format != "PNG":
            raise ImageRefused("channel: only a PNG can be split")
        if name == "rgb":
            return _png(in_mode(image, "RGB"))
        alpha = in_mode(image, "RGBA").getchannel("A")
        result = Image.new("RGBA", image.size)
        result.putalpha(alpha)
        return _png(result)


def fitted_jpeg(content: BinaryIO, edge: int) -> bytes:
    """The image as JPEG, scaled down to fit a square of this edge. Raises ImageRefused."""
    with decoded(content) as image:
        small = in_mode(image, "RGB")
        small.thumbnail((edge, edge))
    target = io.BytesIO()
    small.save(target, "JPEG", quality=JPEG_QUALITY)
    return target.getvalue()


def color_preview(seed: bytes) -> bytes:
    """A small WebP of a single colour: the first three bytes of `seed`."""
    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", (64, 64), (seed[0], seed[1], seed[2])).save(target, "WEBP", lossless=True)
    return target.getvalue()


def in_mode(image: Image, mode: str) -> Image:
    """The image in a mode; itself when it has that mode, since a copy may be large."""
    return image if image.mode == mode else image.convert(mode)


def _opened(content: BinaryIO) -> Image:
    """An image within the limits, not decoded yet. Raises ImageRefused."""
    from PIL import Image, UnidentifiedImageError

    size = content.seek(0, io.SEEK_END)
    content.seek(0)
    if size > MAX_UPLOAD:
        raise ImageRefused(f"the image has {size} bytes; the limit is {MAX_UPLOAD} (50 MB)")
    # Opening a WebP already allocates its whole canvas.
    _refuse_large(*(webp_size.of(content) or (0, 0)))
    try:
        image = Image.open(content, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRefused(f"the image is far too large; the limit is {MAX_PIXELS} pixels") from error
    except UnidentifiedImageError as error:
        shown = ", ".join(FORMATS)
        raise ImageRefused(f"the file is not a readable image; send one of {shown}") from error
    except Exception as error:
        raise ImageRefused("the file is not a readable image") from error
    _refuse_large(*image.size)
    tags = getattr(image, "tag_v2", None)
    if tags is not None:
        with _refusing_damage():
            _refuse_large(*(int(tags.get(tag, 0)) for tag in _TILE_TAGS))
    return image


def _refuse_large(width: int, height: int) -> None:
    if max(width, height) > MAX_EDGE:
        raise ImageRefused(f"the image has {width}x{height} pixels; the limit for an edge is {MAX_EDGE}")
    if width * height > MAX_PIXELS:
        raise ImageRefused(f"the image has {width * height} pixels; the limit is {MAX_PIXELS}")


@contextmanager
def _refusing_damage() -> Generator[None]:
    """Turn whatever a decoder raises into ImageRefused."""
    try:
        yield
    except ImageRefused:
        raise
    except Exception as error:
        # Decoders of damaged files raise far more than OSError: struct.error, KeyError, zlib.error.
        raise ImageRefused("the image is damaged") from error


def _png(image: Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()
