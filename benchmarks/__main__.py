"""`make bench`: all measurements with their targets.

`python -m benchmarks decoding calls` runs only the named modules.
"""

from __future__ import annotations

import importlib
import sys

MODULES = [
    "startup",
    "calls",
    "latency",
    "following",
    "decoding",
    "iteration",
    "mirror",
    "mirror_queries",
    "transfers",
    "ranged_transfers",
    "events",
    "emulator_load",
    "pytest_plugin",
]


def main() -> int:
    """Print each row once it is measured; return 1 if any misses its target."""
    missed = 0
    print(f"{'work':36} {'against':26} {'ratio':>7} {'target':>7} {'limit':>6}")
    for name in sys.argv[1:] or MODULES:
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            sign = ">=" if row.higher_is_better else "<="
            verdict = "" if row.reached else "  MISSED"
            note = f"  {row.note}" if row.note else ""
            limit = "" if row.limit is None else f"{row.limit:.2f}"
            numbers = f"{row.ratio:7.3f} {sign}{row.target:5.2f} {limit:>6}"
            print(f"{row.work:36} {row.against:26} {numbers}{verdict}{note}", flush=True)
            missed += not row.reached
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
