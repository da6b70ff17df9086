"""Which parts of a large file are received next, and whether parts side by side are worth it.

Pure rules: nothing here sends a request or writes a file.
"""

from __future__ import annotations

from collections.abc import Iterable

from .byte_ranges import ContentInfo

# A file is split if so much is left, and one stream would still take so long.
LEAST_LEFT = 32 * 1024 * 1024
_LEAST_SECONDS = 1.0
# The speed of one stream is measured over so many bytes; from this one on, in bytes per second,
# reading them is what takes the time.
_MEASURED_BYTES = 4 * 1024 * 1024
_FAST = 200_000_000
# How much one request asks for: long enough that the wait for its response does not matter, and
# small enough that the connections end at about the same time.
_LARGEST_PART = 16 * 1024 * 1024
_SMALLEST_PART = 4 * 1024 * 1024
_PARTS_FOR_EACH = 4
# Connections for the parts of all files of one client together.
MOST_CONNECTIONS = 8


def can_be_split(content: ContentInfo, *, is_proved: bool) -> bool:
    """Whether parts of a file can be received side by side, and never be of different versions.

    Either a strong validator goes with each request, or the hash of the whole is compared.
    """
    is_same = content.validator is not None or is_proved
    return content.has_ranges and not content.is_encoded and is_same and content.size is not None


def is_worth_it(left: int, received: int, seconds: float) -> bool:
    """Whether to receive what is `left` in parts, after `received` bytes took so many seconds."""
    if left < LEAST_LEFT or received < _MEASURED_BYTES or seconds <= 0:
        return False
    speed = received / seconds
    return speed < _FAST and left / speed > _LEAST_SECONDS


class RangePlan:
    """The parts of a file of `size` bytes that are missing, given those that are `whole`.

    Several threads may use it, but only one at a time may `take` a part. A gap is split when a part
    of it is taken: a server may announce any size. If nothing is missing, the last byte is received
    again, since only a response says whether the file is still the same.
    """

    def __init__(self, size: int, whole: Iterable[tuple[int, int]], connections: int) -> None:
        self.size = size
        self._part = _part_size(size, connections)
        self._missing = _gaps(size, whole)[::-1] or [(max(0, size - 1), size)]
        self.received = size - sum(end - start for start, end in self._missing)

    @property
    def count(self) -> int:
        """How many parts nobody has taken yet."""
        return sum(-(-(end - start) // self._part) for start, end in self._missing)

    def take(self) -> tuple[int, int] | None:
        """The start and end of the next part; None if there is none left."""
        try:
            start, end = self._missing.pop()
        except IndexError:
            return None
        part_end = min(start + self._part, end)
        self.give_back(part_end, end)
        return start, part_end

    def give_back(self, start: int, end: int) -> None:
        """Let somebody else receive this part, or what is missing of it."""
        if start < end:
            self._missing.append((start, end))


def _gaps(size: int, whole: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    gaps, position = [], 0
    for start, end in sorted(whole):
        if start > position:
            gaps.append((position, start))
        position = max(position, end)
    if position < size:
        gaps.append((position, size))
    return gaps


def _part_size(size: int, connections: int) -> int:
    part = size // (max(1, connections) * _PARTS_FOR_EACH)
    return min(_LARGEST_PART, max(_SMALLEST_PART, part))
