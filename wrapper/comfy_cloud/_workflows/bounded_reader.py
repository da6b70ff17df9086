"""Reading parts of a file whose contents cannot be trusted, within an allowance.

Every length in a file is a claim. It is checked against what is there, and all reading of one file
together is bounded, whatever the file claims.
"""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from .embedded_json import SearchBudget

# The name of a text, empty where the format has none, and the text.
NamedText: TypeAlias = "tuple[str, str]"
ByteOrder: TypeAlias = Literal["big", "little"]


class MediaData(Protocol):
    """The content of a file: bytes, or a file mapped into memory."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes: ...


class BrokenFile(Exception):
    """A file is not what its beginning says.

    The message is a clause, such as "it ends too early".
    """


class Allowance:
    """What reading one file may cost: how many parts are read, and how many bytes of text.

    `search` is what looking for JSON in these texts may cost.
    """

    def __init__(self, *, parts: int = 100_000, text: int = 32 * 1024 * 1024) -> None:
        self._parts = parts
        self.text = text
        self.search = SearchBudget()

    def count_part(self) -> None:
        """Count a part. Raises BrokenFile if there are too many."""
        self._parts -= 1
        if self._parts < 0:
            raise BrokenFile("it has too many parts")

    def take(self, data: MediaData, at: int, size: int) -> bytes:
        """Copy text out of the file. Raises BrokenFile if it is not all there, or too much."""
        if at + size > len(data):
            raise BrokenFile("it ends too early")
        self.count_text(size)
        return exactly(data, at, size)

    def count_text(self, size: int) -> None:
        """Count bytes of text. Raises BrokenFile if there are too many."""
        if size > self.text:
            raise BrokenFile("its metadata is too large")
        self.text -= size


def exactly(data: MediaData, at: int, size: int) -> bytes:
    """The `size` bytes at `at`. Raises BrokenFile if the file ends before them."""
    if at < 0 or size < 0 or at + size > len(data):
        raise BrokenFile("it ends too early")
    return data[at : at + size]


def number(data: MediaData, at: int, size: int, order: ByteOrder = "big") -> int:
    """The unsigned integer in the `size` bytes at `at`.

    Raises BrokenFile if the file ends before them.
    """
    return int.from_bytes(exactly(data, at, size), order)


def decoded(content: bytes) -> str:
    """Text as UTF-8; else as Latin-1, which never fails.

    Many programs write UTF-8 where the format prescribes Latin-1.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")
