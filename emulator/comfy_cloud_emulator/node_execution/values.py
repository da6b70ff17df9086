"""The values that nodes pass on: images, plain values, and placeholders for a model's work.

A placeholder carries what an image made from it would show: seed, text, size and number. The images
are drawn when a node needs them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image

from comfy_cloud_emulator.engine.failures import NODE_MESSAGES, NodeFailure
from comfy_cloud_emulator.engine.work import NodeTask

from . import placeholders

MAX_PIXELS: Final = 64 << 20
"""Pixels of all images of one value; more do not fit into the emulated machine's memory."""
MOST_IMAGES: Final = 4_096
"""Images of one value; ComfyUI's largest batch."""
MOST_TEXT: Final = 4 << 20
"""Characters of a text that nodes make."""
DEFAULT_SIZE: Final = 512
Images = list[Image.Image]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Stands for a model, a latent, a conditioning and the like.

    `key` distinguishes it from others.
    """

    key: str
    seed: int | None = None
    text: str | None = None
    width: int | None = None
    height: int | None = None
    count: int | None = None


def placeholder_for(task: NodeTask) -> Placeholder:
    """The placeholder for a node's result: from its own inputs, then from its upstream nodes."""
    given = task.inputs
    upstream = [value for value in given.values() if isinstance(value, Placeholder)]
    sizes = [value[0].size for value in given.values() if is_images(value)]
    return Placeholder(
        key=task.key,
        seed=_first([given.get("seed"), given.get("noise_seed")], [each.seed for each in upstream], int),
        text=_first([given.get("text"), given.get("prompt")], [each.text for each in upstream], str),
        width=_first(
            [given.get("width")], [each.width for each in upstream] + [width for width, _ in sizes], int
        ),
        height=_first(
            [given.get("height")], [each.height for each in upstream] + [height for _, height in sizes], int
        ),
        count=_first([given.get("batch_size"), given.get("length")], [each.count for each in upstream], int),
    )


def _first(own: Iterable[Any], upstream: Iterable[Any], kind: type) -> Any:
    for value in (*own, *upstream):
        if isinstance(value, kind) and not isinstance(value, bool):
            return value
    return None


def is_images(value: object) -> bool:
    """Whether a value is a batch of images."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], Image.Image)


def as_images(value: Any) -> Images:
    """The images that a value is or stands for.

    Raises NodeFailure when they do not fit into memory.
    """
    if is_images(value):
        found: Images = value
        return found
    placeholder = value if isinstance(value, Placeholder) else Placeholder(key=repr(value))
    width, height = placeholder.width or DEFAULT_SIZE, placeholder.height or DEFAULT_SIZE
    count = placeholder.count or 1
    check_size(width, height, count)
    return [
        placeholders.draw(f"{placeholder.key}/{index}", width, height, placeholder.seed, placeholder.text)
        for index in range(count)
    ]


def check_size(width: int, height: int, count: int = 1) -> None:
    """Raise NodeFailure when there are too many or too large images for the emulated machine."""
    if width < 1 or height < 1:
        raise ValueError(f"an image of {width} x {height} pixels cannot be made")
    if width * height * count > MAX_PIXELS or count > MOST_IMAGES:
        raise NodeFailure("OOMError", NODE_MESSAGES["OOMError"])


def pixels_of(values: Iterable[Any]) -> int:
    """The pixels of the images among a node's values. An image that is repeated counts once."""
    images = {id(image): image for value in values if is_images(value) for image in value}
    return sum(image.width * image.height for image in images.values())


def as_text(value: Any) -> str:
    """A value as the text nodes show it."""
    if isinstance(value, str):
        return value
    if is_images(value):
        width, height = value[0].size
        return f"{len(value)} x {width} x {height} pixels"
    return f"stand-in {value.key[:8]}" if isinstance(value, Placeholder) else str(value)
