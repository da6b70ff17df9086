"""What is due when: the steps of an engine in order of their instants. Knows nothing of jobs."""

from __future__ import annotations

import heapq
from typing import Generic, NamedTuple, TypeVar

Step = TypeVar("Step")


class DueStep(NamedTuple, Generic[Step]):
    """A step, and the instant (Unix milliseconds) from which on it may run."""

    due: int
    order: int
    step: Step


class StepHeap(Generic[Step]):
    """Steps by instant; those of one instant in the order in which they were added.

    Its owner guards it: it has no lock.
    """

    def __init__(self) -> None:
        self._heap: list[DueStep[Step]] = []
        self._order = 0

    @property
    def first_due(self) -> int | None:
        """The instant of the first step, or None when there is none."""
        return self._heap[0].due if self._heap else None

    def add(self, step: Step, due: int) -> None:
        """Add a step that may run from an instant on."""
        self._order += 1
        heapq.heappush(self._heap, DueStep(due, self._order, step))

    def pop(self) -> DueStep[Step]:
        """Take the first step out. Raises IndexError when there is none."""
        return heapq.heappop(self._heap)

    def take_out(self, step: Step) -> int | None:
        """Take a step out, and return its instant; None when it is not there."""
        for index, each in enumerate(self._heap):
            if each.step is step:
                del self._heap[index]
                heapq.heapify(self._heap)
                return each.due
        return None

    def clear(self) -> None:
        """Take all out."""
        self._heap.clear()
