"""The peak memory of this process: in all, or since a given moment above its memory then."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Memory:
    """Starts measuring when it is created.

    Only Linux can reset the peak. Elsewhere an earlier peak hides growth, so the result is too low.
    """

    def __init__(self) -> None:
        if _STATUS.exists():
            _RESET.write_text("5")  # resets the peak to the current memory
            self._before = _linux("VmRSS")
        else:
            self._before = _peak_ever()

    def peak(self) -> int:
        """The peak so far, above the memory at the start."""
        return peak_of_process() - self._before


def peak_of_process() -> int:
    """The peak of this process since it started, in bytes."""
    return _linux("VmHWM") if _STATUS.exists() else _peak_ever()


def _linux(field: str) -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def _peak_ever() -> int:
    # Not on Linux, where a child starts with its parent's peak. macOS counts bytes, others KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
