"""The result of a contract run: operations that were checked, those that were not, and deviations.

Values only. Nothing is sent or decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..._http.deviations import Deviation


@dataclass(frozen=True, slots=True)
class Unchecked:
    """An operation of which no success was seen.

    Attributes:
        operation: The operation, such as `GET /api/jobs`.
        reason: Why it was not checked, such as "there are no jobs".
        status: The error status that the server sent instead, if any.
    """

    operation: str
    reason: str
    status: int | None = None

    def __str__(self) -> str:
        return f"{self.operation}: not checked: {self.reason}"


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a contract run. It is true when there is no deviation.

    Attributes:
        server: The base URL that was asked.
        checked: The operations of which a success was seen and checked, deviating or not.
        unchecked: The other operations, each with its reason. They have not passed.
        deviations: Everything that breaks the contract, each once with a count.
        requests: How many requests were sent.
        was_let_in: Whether anything that needs a key succeeded; False when the server refused all
            of it.
        api: The version of the API that was asked, `v1` or `v2`.
    """

    server: str
    checked: tuple[str, ...]
    unchecked: tuple[Unchecked, ...]
    deviations: tuple[Deviation, ...]
    requests: int
    was_let_in: bool = True
    api: str = "v1"

    def __bool__(self) -> bool:
        """Whether there is no deviation."""
        return not self.deviations

    def __iter__(self) -> Iterator[Deviation]:
        return iter(self.deviations)

    def __str__(self) -> str:
        head = (
            f"{self.server}: {len(self.deviations)} deviations; {len(self.checked)} operations checked, "
            f"{len(self.unchecked)} not, {self.requests} requests"
        )
        return "\n".join([head, *(f"  {deviation}" for deviation in self.deviations)])
