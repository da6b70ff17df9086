"""`make bench`: all measurements with their targets, compared with the committed run.

`python -m benchmarks decoding calls` runs only the named modules, `--rows TEXT` only the rows whose
name has that text. A row that misses its target is "not yet" reached. A row that got worse by more
than 15 % since the committed run is repeated up to three times; if each repetition shows it, the
exit code is 1. A whole run of usual size writes `benchmarks/results/rows.json` and the page made
from it; `--save` does so after a part.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts import performance

from . import machine, results, table
from .runner import REPETITIONS, confirmed, measured, rows_of

MODULES = [
    "decoding",  # first, as it measures in this process: what others leave in memory slows it down
    "startup",
    "calls",
    "latency",
    "following",
    "iteration",
    "mirror",
    "mirror_queries",
    "transfers",
    "ranged_transfers",
    "events",
    "emulator_load",
    "pytest_plugin",
]
# Each makes rows of another size or precision, which the file does not hold.
UNUSUAL = ("BENCH_QUICK", "BENCH_MIB", "BENCH_JOBS", "BENCH_FOLLOWED", "BENCH_RANGED_MIB")


def main(arguments: list[str] | None = None, path: Path = results.FILE) -> int:
    """Print each row once it is measured; return 1 for a confirmed loss or a module that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    parser.add_argument("--rows", default="", metavar="TEXT", help="only rows whose name has this text")
    parser.add_argument("--save", action="store_true", help="write the rows of a part of the run, too")
    given = parser.parse_args(arguments)
    if unknown := set(given.modules) - set(MODULES):
        parser.error(f"no such module: {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}")
    unusual = [name for name in UNUSUAL if os.environ.get(name)]
    if given.save and unusual:
        parser.error(f"results of another size are not saved: run without {', '.join(unusual)}")
    described = machine.described()
    if machine.is_busy(described):
        print(f"note: the machine is busy (load {described['load']:g}); ratios will be rough")
    kept = results.read(path)
    is_part = bool(given.modules or given.rows)
    if given.save and is_part and kept and not machine.is_same(described, kept["machine"]):
        parser.error("the file is of another machine: only a whole run replaces it")
    before = results.committed(path)
    found: list[results.Result] = []
    failed: list[str] = []
    print(table.HEADING, flush=True)
    for name in given.modules or MODULES:
        try:
            for result in measured(name, rows_of(name), lambda row: given.rows in row.work):
                print(table.line(result), flush=True)
                found.append(result)
        except Exception:  # the other modules are worth having
            traceback.print_exc()
            failed.append(name)
    lost = list(results.losses(found, before))
    if lost:
        print(f"\n{len(lost)} rows are worse by more than {results.LOSS:.0%}; they are measured again")
    spared, ratios = confirmed(lost)
    found = [spared.get(each.key, each) for each in found]
    if not unusual and (given.save or not is_part):
        is_same = bool(kept) and machine.is_same(described, kept["machine"])
        old = results.results_in(kept) if is_same else []
        # Of a whole run only what a failed module has not measured remains as it was.
        old = [each for each in old if is_part or each.module in failed]
        save(path, kept["machine"] if is_part and kept else described, results.merged(old, found))
    report(found, before, ratios)
    if failed:
        print(f"error: not measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if ratios or failed else 0


def save(path: Path, described: dict[str, Any], rows: list[results.Result]) -> None:
    """Write the file, and the pages made from it."""
    today = datetime.now(UTC).date().isoformat()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(results.text_of(results.document(described, today, rows)), encoding="utf-8")
    print(f"\nwritten: {path.name}")
    performance.main([])


def report(
    found: list[results.Result],
    before: list[results.Result],
    ratios: dict[tuple[str, str, str], list[float]],
) -> None:
    """Print how many targets are reached, and what got worse."""
    reached = sum(each.reached for each in found)
    print(f"\n{reached} of {len(found)} rows reach their targets")
    old = {each.key: each.ratio for each in before}
    for each in found:
        if each.key in ratios:
            again = ", ".join(f"{ratio:.3g}" for ratio in ratios[each.key])
            was = old[each.key]
            print(
                f"error: {each.work}: {each.ratio:.3g}, committed {was:.3g}; again {again}", file=sys.stderr
            )
    if ratios:
        print(
            f"error: {len(ratios)} rows got worse by more than {results.LOSS:.0%}, as {REPETITIONS} "
            "repetitions confirm; commit the new results only with a reason",
            file=sys.stderr,
        )


if __name__ == "__main__":
    sys.exit(main())
