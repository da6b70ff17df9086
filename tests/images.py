"""Images for tests, in one color."""

from __future__ import annotations

import io

from PIL import Image


def png(
    color: str | int | tuple[int, ...] = "red", mode: str = "RGB", size: tuple[int, int] = (8, 8)
) -> bytes:
    """A PNG file in one color."""
    file = io.BytesIO()
    Image.new(mode, size, color).save(file, "PNG")
    return file.getvalue()
