"""The emulated time: real, faster than real, or standing still until it is advanced.

Everything that has a date or waits uses this clock. It wakes nothing: `driver` does, in real time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Literal, get_args

TimeKind = Literal["real", "virtual"]
LATEST: Final = 253_370_764_800.0
"""The last instant, in seconds since 1970: the beginning of the year 9999."""
FASTEST: Final = 1e7
"""How many times faster than the clock a time may run; dates would soon come to their end."""
TIME_KINDS: Final[tuple[TimeKind, ...]] = get_args(TimeKind)


class EngineTime:
    """A clock in seconds since 1970.

    `kind` "real" follows `clock` (by default the machine's), `speed` times as fast from the start;
    "virtual" stands at the clock's first instant. `advance` and `set` move both ahead; `freeze`
    stops the real one. Safe to use from any thread.
    """

    def __init__(
        self, kind: TimeKind = "real", speed: float = 1.0, clock: Callable[[], float] | None = None
    ) -> None:
        if kind not in TIME_KINDS:
            raise ValueError(f"time: expected one of {', '.join(TIME_KINDS)}, got {kind!r}")
        if not 0 < speed <= FASTEST:
            raise ValueError(f"speed: expected a number above zero, of at most {FASTEST:g}, got {speed}")
        self._clock = clock if clock is not None else time.time
        self._start = self._clock()
        self._speed = speed
        self._virtual = kind == "virtual"
        self._ahead = 0.0
        self._held: float | None = None
        self._lock = threading.Lock()
        self._on_advance: list[Callable[[], object]] = []
        self.moves_by_itself: Final = kind == "real" and clock is None
        """Whether time passes without `advance` and without requests."""

    def __repr__(self) -> str:
        return f"<EngineTime {'virtual' if self._virtual else f'real, speed {self._speed:g}'}>"

    @property
    def kind(self) -> TimeKind:
        """ "real" or "virtual"."""
        return "virtual" if self._virtual else "real"

    @property
    def speed(self) -> float:
        """How many times faster than the clock a real time runs."""
        return self._speed

    @property
    def is_frozen(self) -> bool:
        """Whether the time stands still until `resume`; virtual time always does."""
        return self._virtual or self._held is not None

    def now(self) -> float:
        """The emulated instant, in seconds since 1970."""
        if self._virtual:
            return self._start + self._ahead
        held = self._held
        return (self._passed() if held is None else held) + self._ahead

    def _passed(self) -> float:
        given = self._clock()
        # Without a factor the clock's instant stays exact.
        return given if self._speed == 1.0 else self._start + (given - self._start) * self._speed

    def real_seconds(self, emulated: float) -> float | None:
        """How many real seconds so many emulated ones take; None while the time is frozen."""
        return None if self._held is not None else emulated / self._speed

    def freeze(self) -> None:
        """Let the time stand still until `resume`; `advance` and `set` still move it."""
        with self._lock:
            if not self._virtual and self._held is None:
                self._held = self._passed()

    def resume(self) -> None:
        """Let a frozen time go on from where it stands. Raises ValueError for virtual time."""
        if self._virtual:
            raise ValueError(
                'virtual time only moves when it is advanced; start or reset with time="real" for one that'
                " goes on"
            )
        with self._lock:
            if self._held is not None:
                self._ahead += self._held - self._passed()
                self._held = None
        self._call_back()

    def set(self, instant: float) -> None:
        """Move the time ahead to an instant in seconds since 1970.

        Returns when everything due until then has happened. Raises ValueError for an instant that
        is past.
        """
        ahead = instant - self.now()
        if not 0 <= ahead < float("inf"):
            raise ValueError(f"time moves forward only; it is {self.now():.3f} already, got {instant}")
        self.advance(ahead)

    def advance(self, seconds: float) -> None:
        """Move the time ahead. Returns when everything due until then has happened, in order."""
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"time moves forward only; expected seconds of at least zero, got {seconds}")
        if self.now() + seconds > LATEST:
            raise ValueError("time cannot go beyond the year 9999, where dates end; advance by less")
        with self._lock:
            self._ahead += seconds
        self._call_back()

    def _call_back(self) -> None:
        for callback in list(self._on_advance):
            callback()

    def not_before(self, instant: float) -> None:
        """Move the time ahead to an instant in seconds since 1970, unless it is past that.

        Calls no callback.
        """
        with self._lock:
            self._ahead += max(0.0, instant - self.now())

    def on_advance(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Add a callback that runs after each `advance` and `resume`.

        Returns a function that removes it.
        """
        self._on_advance.append(callback)
        return lambda: self._on_advance.remove(callback)
