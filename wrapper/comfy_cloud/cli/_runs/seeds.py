"""What the word `random` draws: with an idempotency key the same seeds each time, else new ones."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import count
from random import SystemRandom

Draw = Callable[[int, int], int]


def seed_source(idempotency_key: str | None, part: str = "") -> Draw:
    """A function that draws a seed between two numbers, both included.

    With a key the seeds follow from the key and the part, so that an order that is given again is
    the same order. The key's text cannot be read from them.
    """
    if idempotency_key is None:
        return SystemRandom().randint
    numbers = count()

    def draw(least: int, most: int) -> int:
        text = json.dumps(["comfy-cloud seed", idempotency_key, part, next(numbers)])
        number = int.from_bytes(hashlib.sha256(text.encode()).digest())
        return least + number % (most - least + 1)

    return draw


class CellSeeds:
    """The same for the cells of a sweep, whatever other cells it has, and in whatever order."""

    def __init__(self, idempotency_key: str | None) -> None:
        self._key = idempotency_key
        self._seen: Counter[str] = Counter()

    def source(self, values: Mapping[str, str]) -> Draw:
        """What draws the seeds of the next cell with these values. Equal cells get other seeds."""
        part = json.dumps(dict(values), sort_keys=True)
        self._seen[part] += 1
        return seed_source(self._key, f"{part} {self._seen[part]}")
