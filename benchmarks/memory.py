"""The most memory that this process had since a moment, in bytes over what it had then."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Memory:
    """Begins to look when it is made. Elsewhere than on Linux it cannot forget what was before, and tells too little."""

    def __init__(self) -> None:
        if _STATUS.exists():
            _RESET.write_text("5")  # the peak is now what it is now
            self._before = _linux("VmRSS")
        else:
            self._before = _most()

    def peak(self) -> int:
        """The most so far, over what it was in the beginning."""
        return (_linux("VmHWM") if _STATUS.exists() else _most()) - self._before


def _linux(field: str) -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def _most() -> int:
    # Not on Linux: there a child begins with its parent's. macOS counts bytes, the others KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
