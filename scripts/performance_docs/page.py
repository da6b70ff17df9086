"""The page of measurements, as Markdown and charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.results import Result, results_in
from benchmarks.table import machine_line, markdown, target
from scripts.performance_docs import charts
from scripts.performance_docs.meanings import meaning
from scripts.performance_docs.peers import peer_charts, peer_part
from scripts.performance_docs.sections import SECTIONS, Section, section_of

_INTRODUCTION = """\
# Performance

This page is made from the last runs of `make bench` and `make bench-peers`; do not edit it. Each
row compares this client with other code that does the same work, in the same run and on the same
machine, by taking turns. So a figure is a **ratio**: 0.5 is half as long or half as much, 1 is the
same, 2 is twice as much. Ratios depend little on the machine; seconds do, and are only notes.

- **ratio**: the middle of several rounds. **spread**: the middle half of them.
- **target**: what we want to reach. "not yet" says that it is missed. That fails no build; a loss of
  more than 15 % against the run before does.
- **limit**: the ratio of the best tool that we know for the same work and nothing else.

In the charts less is better. Where a table says that more is better (≥), the chart shows the inverse.
"""
_AGAIN = """\
## Measure it yourself

```sh
make bench                               # everything: some minutes
make bench BENCH="calls decoding"        # only these modules of benchmarks/
make bench ROWS="history page"           # only rows whose name has this text
make bench QUICK=1                       # fewer rounds: rough
make bench BENCH=mirror_queries JOBS=1000000   # a million jobs: 6 GB of temporary files
make bench-peers                         # the other clients; installs them
```

A whole run of the usual size writes `benchmarks/results/rows.json` and this page; `SAVE=1` does so
for a part. A row that lost more than 15 % against the committed file is measured up to three times
more. If each time shows the loss, `make bench` ends with 1.
"""


def texts(run: dict[str, Any], peers: dict[str, Any]) -> dict[str, str]:
    """The page and its charts, by their names below `docs/`."""
    results = results_in(run)
    found = {"performance.md": ""}
    parts = [_INTRODUCTION]
    if results:
        parts.append(f"{machine_line(run)}\n\n{_summary(results)}\n")
    for section in SECTIONS:
        rows = [each for each in results if section_of(each.module) is section]
        if rows:
            found[f"performance/{section.name}.svg"] = chart(section, rows)
            parts.append(part(section, rows))
    if peers:
        found |= peer_charts(peers)
        parts.append(peer_part(peers))
    parts.append(_AGAIN)
    found["performance.md"] = "\n".join(parts)
    return found


def _summary(results: Sequence[Result]) -> str:
    missed = [each for each in results if not each.reached]
    text = f"{len(results) - len(missed)} of {len(results)} rows reach their targets."
    if missed:
        names = "; ".join(f"{each.work} ({each.ratio:.3g}, {target(each)})" for each in missed)
        text += f" Not yet: {names}."
    return text


def part(section: Section, rows: Sequence[Result]) -> str:
    """One section: what it is about, its chart, its table, and what the rows mean."""
    lines = [f"## {section.title}", "", section.text, ""]
    lines += [f"![{section.title}: ratios](performance/{section.name}.svg)", "", markdown(rows)]
    said: set[str] = set()
    for row in rows:
        means = meaning(row.work)
        note = f" ({row.note})" if row.note else ""
        if means not in said and (means or note):
            said.add(means)
            lines.append(f"- **{row.work}**{note}: {means}" if means else f"- **{row.work}**{note}")
    return "\n".join(lines).rstrip() + "\n"


def chart(section: Section, rows: Sequence[Result]) -> str:
    """The chart of a section."""
    return charts.ratios(section.title, [_point(each) for each in rows])


def _point(row: Result) -> charts.Point:
    def less_is_better(number: float | None) -> float | None:
        return 1 / number if row.higher_is_better and number else number

    ends = [number for number in map(less_is_better, (row.low, row.high)) if number is not None]
    return charts.Point(
        row.work,
        less_is_better(row.ratio) or 0.0,
        min(ends) if len(ends) == 2 else None,
        max(ends) if len(ends) == 2 else None,
        less_is_better(row.target) or 0.0,
        less_is_better(row.limit),
    )
