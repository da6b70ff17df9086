"""Images with Pillow: checking uploads, and the variants that the view route makes.

Pillow is imported with the first image, because it takes longer than the rest of a start.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

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


class ImageRefused(ValueError):
    """The bytes are not an image, or the image is too large; the message says which."""


class ImageFacts(NamedTuple):
    """Size in pixels, and the extension that matches the format."""

    width: int
    height: int
    suffix: str


def check(content: BinaryIO) -> ImageFacts:
    """Check an image without decoding all of it. Rewinds the file. Raises ImageRefused."""
    size = content.seek(0, io.SEEK_END)
    content.seek(0)
    if size > MAX_UPLOAD:
        raise ImageRefused(f"the image has {size} bytes; the limit is {MAX_UPLOAD} (50 MB)")
    image = _opened(content)
    try:
        width, height = image.size
        if max(width, height) > MAX_EDGE:
            raise ImageRefused(f"the image has {width}x{height} pixels; the limit for an edge is {MAX_EDGE}")
        if width * height > MAX_PIXELS:
            raise ImageRefused(f"the image has {width * height} pixels; the limit is {MAX_PIXELS}")
        facts = ImageFacts(width, height, _SUFFIXES.get(image.format or "", ""))
        image.verify()
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, ImageRefused):
            raise
        raise ImageRefused("the image is damaged") from error
    content.seek(0)
    return facts


def channel(content: bytes, name: str) -> bytes:
    """A view of a PNG, as PNG: `rgb` without transparency, `a` or `alpha` only the transparency.

    Raises ImageRefused when the content is not a PNG.
    """
    from PIL import Image

    image = _opened(io.BytesIO(content))
    if image.format != "PNG":
        raise ImageRefused("channel: only a PNG can be split")
    if name == "rgb":
        return _png(image.convert("RGB"))
    alpha = image.convert("RGBA").getchannel("A")
    result = Image.new("RGBA", image.size)
    result.putalpha(alpha)
    return _png(result)


def fitted_jpeg(content: bytes, edge: int) -> bytes:
    """The image as JPEG, scaled down to fit a square of this edge. Raises ImageRefused."""
    image = _opened(io.BytesIO(content)).convert("RGB")
    image.thumbnail((edge, edge))
    target = io.BytesIO()
    image.save(target, "JPEG", quality=JPEG_QUALITY)
    return target.getvalue()


def color_preview(seed: bytes) -> bytes:
    """A small WebP of a single colour: the first three bytes of `seed`."""
    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", (64, 64), (seed[0], seed[1], seed[2])).save(target, "WEBP", lossless=True)
    return target.getvalue()


def _opened(content: BinaryIO) -> Image:
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRefused(f"the image is far too large; the limit is {MAX_PIXELS} pixels") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ImageRefused("the file is not a readable image") from error


def _png(image: Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()
