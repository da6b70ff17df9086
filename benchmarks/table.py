"""A run as a table: lines for a terminal, and Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .machine import is_busy
from .results import Result

HEADING = f"{'work':42} {'against':26} {'ratio':>7} {'spread':>15} {'target':>7} {'limit':>6}"


def line(result: Result) -> str:
    """One row for a terminal."""
    limit = "" if result.limit is None else f"{result.limit:.2f}"
    numbers = f"{result.ratio:7.3f} {spread(result):>15} {target(result):>7} {limit:>6}"
    verdict = "" if result.reached else "  not yet"
    note = f"  {result.note}" if result.note else ""
    return f"{result.work:42} {result.against:26} {numbers}{verdict}{note}"


def spread(result: Result) -> str:
    """The middle half of the ratios; empty if there was one."""
    if result.low is None or result.high is None:
        return ""
    return f"{result.low:.3g} to {result.high:.3g}"


def target(result: Result) -> str:
    """The target with its direction."""
    return f"{'≥' if result.higher_is_better else '≤'} {result.target:g}"


def markdown(rows: Iterable[Result]) -> str:
    """The rows as a table of Markdown."""
    lines = [
        "| work | against | ratio | spread | target | limit | result |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        limit = "" if row.limit is None else f"{row.limit:.3g}"
        verdict = "reached" if row.reached else "not yet"
        cells = (row.work, row.against, f"{row.ratio:.3g}", spread(row), target(row), limit, verdict)
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def machine_line(document: dict[str, Any]) -> str:
    """The machine of a run in one sentence or two."""
    machine = document["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    text = (
        f"Measured on {document['date']}: {machine['cores']} cores, {machine['cpu']}, "
        f"{machine['system']}, {machine['python']}, {packages}."
    )
    if is_busy(machine):
        text += f" Other programs were running (load {machine['load']:g}), so figures are rough."
    return text
