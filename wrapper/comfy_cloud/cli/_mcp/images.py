"""The images of a job for an agent: few, small, and never decoded when they are huge. I/O."""

from __future__ import annotations

import io

from .._console.exits import CommandError

MOST_IMAGES = 8
LARGEST_SIDE = 1_536
LARGEST_BYTES = 1_000_000
"""Bytes of one image that is returned."""
LARGEST_SOURCE = 64 * 1024 * 1024
"""Bytes of an original that is read."""
_LARGEST_AREA = 40_000_000
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_QUALITIES = (85, 70, 50)


def small_jpeg(content: bytes, side: int) -> tuple[bytes, tuple[int, int], tuple[int, int]]:
    """An image as JPEG whose longer side is at most `side` pixels, of at most LARGEST_BYTES.

    Returns it with its size and that of the original; transparency becomes white. Raises
    CommandError if it is not an image that can be read, or has too many pixels.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as found:
            original = found.size
            if original[0] * original[1] > _LARGEST_AREA:
                raise CommandError(f"it has {original[0]} x {original[1]} pixels, too many to be shown")
            found.draft("RGB", (side, side))
            picture = found.convert("RGBA" if found.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise CommandError(f"it cannot be read as an image: {error}") from None
    if picture.mode == "RGBA":
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture).convert("RGB")
    picture.thumbnail((side, side))
    while True:
        for quality in _QUALITIES:
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=quality)
            if buffer.tell() <= LARGEST_BYTES:
                return buffer.getvalue(), picture.size, original
        picture.thumbnail((max(1, picture.width // 2), max(1, picture.height // 2)))
