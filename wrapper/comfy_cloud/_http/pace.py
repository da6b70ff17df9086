"""How many files are transferred at the same time, where nobody has said it. Pure rules.

More are started while that makes all of them faster together, and fewer as soon as a server refuses
some. Nothing is transferred here.
"""

from __future__ import annotations

from collections.abc import Callable

FIRST, MOST = 8, 32
_STEP = 8
# More at a time must be so much faster to be kept.
_FASTER = 1.05
# Decisions without a change after a step back.
_HOLD = 8


class Pace:
    """How many transfers may run. Its owner reports each one that has ended.

    Args:
        clock: Returns seconds.
        refusals: Returns how many requests of the client a server has refused so far for being
            busy, or has not responded to in time.
        most: The most that may ever run.

    Attributes:
        limit: How many may run now.
    """

    def __init__(self, clock: Callable[[], float], refusals: Callable[[], int], most: int = MOST) -> None:
        self._clock = clock
        self._refusals = refusals
        self._most = max(1, most)
        self.limit = min(FIRST, self._most)
        self._since = clock()
        self._ended = 0
        self._refused = refusals()
        self._best = 0.0
        self._hold = 0
        self._has_grown = False  # by the last decision

    def ended(self) -> None:
        """One transfer has ended: measure, and perhaps change the limit."""
        self._ended += 1
        if self._refusals() > self._refused:
            self._has_grown = False
            self._change(max(1, self.limit // 2), _HOLD)
        elif self._ended >= self.limit:
            seconds = self._clock() - self._since
            if seconds > 0:
                self._decide(self._ended / seconds)
            else:
                self._change(self.limit, 0)

    def _decide(self, rate: float) -> None:
        if self._hold:
            self._change(self.limit, self._hold - 1)
            return
        has_grown, self._has_grown = self._has_grown, False
        if has_grown and rate <= self._best * _FASTER:
            self._change(max(min(FIRST, self._most), self.limit - _STEP), _HOLD)
            return
        self._best = rate
        self._has_grown = self.limit < self._most
        self._change(min(self._most, self.limit + _STEP), 0)

    def _change(self, limit: int, hold: int) -> None:
        """Begin to measure again."""
        self.limit, self._hold = limit, hold
        self._since, self._ended, self._refused = self._clock(), 0, self._refusals()
