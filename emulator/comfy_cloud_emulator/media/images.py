"""Looking at pictures with Pillow: checking uploads, and the variants that the view route makes.

Pillow is imported when the first picture is looked at, since it takes longer than everything else of a start.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_UPLOAD: Final = 52_428_800
"""Bytes of an uploaded picture at most."""
MAX_EDGE: Final = 16_384
"""Pixels per edge at most."""
MAX_PIXELS: Final = 67_108_864
"""Pixels of the whole picture at most."""
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
    """The bytes are no picture, or one that is too large; the message says which."""


class ImageFacts(NamedTuple):
    """Size in pixels, and the extension that fits the format."""

    width: int
    height: int
    suffix: str


def check(content: BinaryIO) -> ImageFacts:
    """Look at a picture without decoding all of it. Raises ImageRefused. Leaves the file at its beginning."""
    size = content.seek(0, io.SEEK_END)
    content.seek(0)
    if size > MAX_UPLOAD:
        raise ImageRefused(f"the picture has {size} bytes; at most {MAX_UPLOAD} (50 MB) are taken")
    picture = _opened(content)
    try:
        width, height = picture.size
        if max(width, height) > MAX_EDGE:
            raise ImageRefused(f"the picture has {width}x{height} pixels; an edge may have {MAX_EDGE}")
        if width * height > MAX_PIXELS:
            raise ImageRefused(f"the picture has {width * height} pixels; at most {MAX_PIXELS} are taken")
        facts = ImageFacts(width, height, _SUFFIXES.get(picture.format or "", ""))
        picture.verify()
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, ImageRefused):
            raise
        raise ImageRefused("the picture is damaged") from error
    content.seek(0)
    return facts


def channel(content: bytes, name: str) -> bytes:
    """One view of a PNG, as PNG: `rgb` without transparency, `a` or `alpha` the transparency alone.

    Raises ImageRefused when the content is no PNG.
    """
    from PIL import Image

    picture = _opened(io.BytesIO(content))
    if picture.format != "PNG":
        raise ImageRefused("channel: only a PNG can be split")
    if name == "rgb":
        return _png(picture.convert("RGB"))
    alpha = picture.convert("RGBA").getchannel("A")
    shown = Image.new("RGBA", picture.size)
    shown.putalpha(alpha)
    return _png(shown)


def fitted(content: bytes, edge: int) -> bytes:
    """The picture as JPEG, made smaller where it is larger than a square of this edge. Raises ImageRefused."""
    picture = _opened(io.BytesIO(content)).convert("RGB")
    picture.thumbnail((edge, edge))
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=JPEG_QUALITY)
    return target.getvalue()


def color_preview(seed: bytes) -> bytes:
    """A small WebP of one colour that is drawn from the seed, of three bytes or more."""
    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", (64, 64), (seed[0], seed[1], seed[2])).save(target, "WEBP", lossless=True)
    return target.getvalue()


def _opened(content: BinaryIO) -> Image:
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRefused(f"the picture is far too large; at most {MAX_PIXELS} pixels are taken") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ImageRefused("the file is no picture that can be read") from error


def _png(picture: Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()
