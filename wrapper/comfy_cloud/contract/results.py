"""What a contract run came to: the operations that were seen to keep the contract, those nobody could look at, the deviations.

Values only; nothing is sent, decided or printed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .._http.deviations import Deviation


@dataclass(frozen=True, slots=True)
class Unchecked:
    """An operation whose success was not seen, why, and the status that was seen instead, if any."""

    operation: str
    reason: str
    status: int | None = None

    def __str__(self) -> str:
        return f"{self.operation}: not checked: {self.reason}"


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a contract run.

    Attributes:
        server: The base URL that was asked.
        checked: The operations of which a success was seen and held to the contract, deviating or not.
        unchecked: The others, each with its reason. They have not passed.
        deviations: Everything that was not as the contract has it, each once with a count.
        requests: How many requests were sent.
        was_let_in: Whether anything that needs a key was had; False when the server refused all of it.
    """

    server: str
    checked: tuple[str, ...]
    unchecked: tuple[Unchecked, ...]
    deviations: tuple[Deviation, ...]
    requests: int
    was_let_in: bool = True

    def __bool__(self) -> bool:
        """Whether no deviation was found."""
        return not self.deviations

    def __iter__(self) -> Iterator[Deviation]:
        return iter(self.deviations)

    def __str__(self) -> str:
        head = (
            f"{self.server}: {len(self.deviations)} deviations; {len(self.checked)} operations checked, "
            f"{len(self.unchecked)} not, {self.requests} requests"
        )
        return "\n".join([head, *(f"  {deviation}" for deviation in self.deviations)])
