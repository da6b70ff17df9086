"""The part of the page about other clients, from the results of `make bench-peers`."""

from __future__ import annotations

from typing import Any

from benchmarks.table import machine_line
from scripts.performance_docs import charts


def peer_part(run: dict[str, Any]) -> str:
    """What was compared, a chart and a table for each kind of work, and what could not be."""
    lines = ["## Beside other clients", "", run["about"], "", machine_line(run), ""]
    for work in run["works"]:
        lines += [f"### {work['title']}", "", work["about"], ""]
        lines += [f"![{work['title']}: seconds](performance/{_name(work)})", ""]
        lines += ["| client | seconds | spread | beside this client | note |", "|---|---:|---:|---:|---|"]
        ours = next(row["seconds"] for row in work["rows"] if row["is_ours"])
        for row in work["rows"]:
            spread = f"{row['low']:.3g} to {row['high']:.3g}"
            beside = "" if row["is_ours"] else f"{row['seconds'] / ours:.3g}"
            note = row.get("note", "")
            lines.append(f"| {_client(row)} | {row['seconds']:.3g} | {spread} | {beside} | {note} |")
        lines.append("")
        lines += [f"- {name}: {reason}" for name, reason in work.get("left_out", {}).items()]
        if work.get("left_out"):
            lines.append("")
    return "\n".join(lines)


def peer_charts(run: dict[str, Any]) -> dict[str, str]:
    """The charts by their names below `docs/`."""
    return {
        f"performance/{_name(work)}": charts.seconds(
            work["title"],
            [charts.Bar(_client(row), row["seconds"], row["is_ours"]) for row in work["rows"]],
        )
        for work in run["works"]
    }


def _client(row: dict[str, Any]) -> str:
    return f"{row['client']} {row['version']}"


def _name(work: dict[str, Any]) -> str:
    return f"peers-{work['name']}.svg"
