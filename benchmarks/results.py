"""What a run has found: records, the file that is committed, and what has got worse since.

`benchmarks/results/rows.json` has the last run. A run is compared with the file as committed, so
that it can be repeated. Only ratios are compared: they depend little on the machine.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .measurement import Middle, Row

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "benchmarks" / "results" / "rows.json"
LOSS = 0.15
"""The part by which a row may get worse."""


@dataclass(frozen=True)
class Result:
    """A measured row. `low` and `high` are the middle half of the ratios, None where it is one."""

    module: str
    work: str
    against: str
    ratio: float
    target: float
    note: str = ""
    higher_is_better: bool = False
    limit: float | None = None
    low: float | None = None
    high: float | None = None
    rounds: int | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is compared by."""
        return self.module, self.work, self.against

    @property
    def reached(self) -> bool:
        """Whether the ratio is within its target."""
        return self.ratio >= self.target if self.higher_is_better else self.ratio <= self.target

    def loss(self, before: Result) -> float:
        """The part by which this costs more than before; below 0 if it costs less."""
        new, old = (before.ratio, self.ratio) if self.higher_is_better else (self.ratio, before.ratio)
        return new / old - 1 if old > 0 else 0.0


def goes_on(work: str) -> bool:
    """Whether a row is about the same work as the row before it."""
    return work.startswith(("  ", "its "))


def result_of(module: str, row: Row, above: str) -> Result:
    """The record of a measured row. `above` is the last work that does not go on with another."""
    work = f"{above}: {row.work.strip()}" if goes_on(row.work) else row.work
    spread = row.ratio if isinstance(row.ratio, Middle) else None
    return Result(
        module,
        work,
        row.against,
        _rounded(row.ratio),
        row.target,
        row.note,
        row.higher_is_better,
        None if row.limit is None else _rounded(row.limit),
        None if spread is None else _rounded(spread.low),
        None if spread is None else _rounded(spread.high),
        None if spread is None else spread.rounds,
    )


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")


def committed(path: Path = FILE, root: Path = ROOT) -> list[Result]:
    """The results of the last commit; without git, those of the file; empty if there are none."""
    try:
        name = path.relative_to(root).as_posix()
        shown = subprocess.run(
            ["git", "show", f"HEAD:{name}"], cwd=root, check=True, capture_output=True, text=True
        )
        return results_in(json.loads(shown.stdout))
    except (OSError, subprocess.CalledProcessError):
        return results_in(read(path))


def read(path: Path = FILE) -> dict[str, Any]:
    """The file of a run, as JSON; empty if there is none."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def results_in(document: dict[str, Any]) -> list[Result]:
    """The results in the file of a run."""
    return [Result(**row) for row in document.get("rows", [])]


def document(machine: dict[str, Any], date: str, results: Iterable[Result]) -> dict[str, Any]:
    """The file of a run. What a row has not is left out."""
    rows = [{name: value for name, value in asdict(each).items() if _is_said(value)} for each in results]
    return {"date": date, "machine": machine, "rows": rows}


def _is_said(value: object) -> bool:
    return value is not None and value is not False and value != ""


def text_of(document: dict[str, Any]) -> str:
    """The JSON to write: sorted by nothing, so that a change is a small one."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def merged(old: Iterable[Result], new: Iterable[Result]) -> list[Result]:
    """The old results with the new ones in their places; what is new follows its module's last."""
    rows = {each.key: each for each in old}
    for each in new:
        rows[each.key] = each
    order = list(dict.fromkeys(key[0] for key in rows))
    return sorted(rows.values(), key=lambda each: order.index(each.module))


def losses(new: Iterable[Result], old: Iterable[Result]) -> Iterator[tuple[Result, Result]]:
    """The rows that got worse by more than `LOSS`, each with its result before."""
    before = {each.key: each for each in old}
    for each in new:
        if each.key in before and each.loss(before[each.key]) > LOSS:
            yield each, before[each.key]
