"""Small images of outputs, from files on this machine or from the service. I/O.

Nothing is decoded before its size is known to be within the bounds, and only in formats that
Pillow reads without another program. What is not an image has no thumbnail; nothing raises.
"""

# pyright: reportUnknownLambdaType=false
from __future__ import annotations

import base64
import io
import os
import stat
import threading
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from ...errors import ConfigurationError

if TYPE_CHECKING:
    from .page_data import PageData

EDGE = 256
"""Pixels of a thumbnail's longer edge."""
MOST_BYTES = 24_000_000
"""Bytes of all thumbnails of one report."""
MOST_PIXELS = 100_000_000
LARGEST_FILE = 100_000_000
# From here on, one image is decoded at a time: with all its pixels, it takes hundreds of megabytes.
_LARGE_PIXELS = 16_000_000
MISSING_LIBRARY = "Thumbnails need the package pillow: pip install 'comfy-cloud[mirror]'"
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF")
_QUALITY = 72
_AT_ONCE = 4
_one_large = threading.Lock()

Fetch = Callable[[Mapping[str, Any], int], bytes | None]
"""The content of an output, by its row in `outputs`, as small as the service makes it for this
edge; None when it has the output no more."""


def check_library() -> None:
    """Raise ConfigurationError if Pillow is not installed."""
    try:
        import PIL.Image  # noqa: F401
    except ModuleNotFoundError:
        raise ConfigurationError(MISSING_LIBRARY) from None


def add_thumbnails(page: PageData, *, limit: int, fetch: Fetch | None = None) -> int:
    """Put thumbnails into the data, the first of each job first; returns how many.

    Local files are used where the mirror knows them, and `fetch` for others. At most `limit` images
    are opened.
    """
    thumbs: list[str] = page.json["thumbs"]
    place = page.json["columns"].index("outputs")
    ordered = sorted(page.images, key=lambda image: (image.output > 0, image.job, image.output))
    chosen = [image for image in ordered if fetch is not None or is_local(image.columns)][:limit]
    used = 0
    # Several at a time: most of the time is spent waiting for the service, and in Pillow.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        made = pool.map(lambda image: output_thumbnail(image.columns, fetch), chosen)
        for image, small in zip(chosen, made, strict=True):
            if small is None:
                continue
            used += len(small)
            if used > MOST_BYTES:
                pool.shutdown(wait=False, cancel_futures=True)
                break
            page.json["jobs"][image.job][place][image.output][3] = len(thumbs)
            thumbs.append(f"data:image/webp;base64,{base64.b64encode(small).decode()}")
    return len(thumbs)


def output_thumbnail(
    columns: Mapping[str, Any], fetch: Fetch | None = None, edge: int = EDGE
) -> bytes | None:
    """The thumbnail of an output, from its local file or by `fetch`."""
    content = local_file(columns["local_path"])
    if content is None and fetch is not None:
        content = fetch(columns, edge)
    return None if content is None else thumbnail(content, edge)


def is_local(columns: Mapping[str, Any]) -> bool:
    """Whether the file of an output was downloaded to this machine, and is there still."""
    path = columns["local_path"]
    return bool(path) and os.path.isfile(path)


def local_file(path: str | None) -> bytes | None:
    """The content of a file that was downloaded, if it is there still and not too large."""
    if not path:
        return None
    try:
        # A pipe would wait for somebody who writes to it.
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_FILE:
            return None
        with open(path, "rb") as file:
            return file.read(LARGEST_FILE)
    except (OSError, ValueError):
        return None


def thumbnail(content: bytes, edge: int = EDGE) -> bytes | None:
    """A WebP that fits into a square of this edge; None if the content is not an image."""
    from PIL import Image

    target = io.BytesIO()
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            warnings.simplefilter("ignore")
            if opened.width * opened.height > MOST_PIXELS:
                return None
            is_large = opened.width * opened.height > _LARGE_PIXELS
            with _one_large if is_large else nullcontext():
                opened.draft("RGB", (edge, edge))
                small = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
                small.thumbnail((edge, edge))
            small.save(target, "WEBP", quality=_QUALITY, method=2)
    except Exception:  # noqa: BLE001 - decoders of damaged files raise far more than OSError
        return None
    return target.getvalue()
