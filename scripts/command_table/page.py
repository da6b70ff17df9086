"""Write the table: a row for each command, a column for each circumstance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from rich.cells import cell_len

from .circumstances import CIRCUMSTANCES, Trial
from .invocations import INVOCATIONS
from .rules import printed_lines

_HEAD = """# Every command, under every circumstance

`make command-table` runs each command of `comfy-cloud` as a program against the local Comfy Cloud,
on real terminals and pipes, and writes this page. It fails when one of these does not hold:

- No line is wider than the terminal, except for what is copied whole: an id, a command, a path, JSON.
- No traceback, and no key, is ever shown. No escape code goes to a pipe or a dumb terminal, and no
  color where NO_COLOR is set.
- The exit code is as documented, and a failure has a message. It names options, not arguments of
  Python; the address that is not reached, where that came from, and what to try; or how to set a key.
- Ctrl-C while it waits for a server ends it with 130 and one line.
- No file is left under a temporary name.

Each cell has the exit code, the number of lines on stdout and on stderr, and on terminals the cells
of the widest line. A dash: the command cannot meet this. The terminal has 80 columns where nothing
else is said. In `unknown name`, the arguments name what does not exist; in `head -1`, the reader
leaves after one line; in `full disk`, stdout cannot be written.

"""


def write_page(trials: Sequence[Trial], page: Path | None, full: Path | None) -> None:
    """Write the table to `page`, and all that was printed to `full`."""
    if full is not None:
        full.write_text("".join(_full(trial) for trial in trials), encoding="utf-8")
    if page is not None:
        page.write_text(f"{_HEAD}{_table(trials)}\n{_messages(trials)}", encoding="utf-8")


def _table(trials: Sequence[Trial]) -> str:
    found = {(trial.words, trial.circumstance.name): trial for trial in trials}
    names = [where.name for where in CIRCUMSTANCES]
    lines = [f"| command | {' | '.join(names)} |", f"|---{'|---' * len(names)}|"]
    for words in INVOCATIONS:
        cells = [_cell(found.get((words, name))) for name in names]
        lines.append(f"| `{words}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(trial: Trial | None) -> str:
    if trial is None:
        return "-"
    out, err = (
        [line for line in printed_lines(text) if line] for text in (trial.outcome.out, trial.outcome.err)
    )
    text = f"{trial.outcome.code}, {len(out)}+{len(err)}"
    if trial.circumstance.width is not None:
        text += f", {max(map(cell_len, [*out, *err]), default=0)}"
    return text


def _messages(trials: Sequence[Trial]) -> str:
    """What each command prints about an unknown name, and what `history list` prints otherwise."""
    lines = [
        "## What was printed when it went wrong",
        "",
        "| command | circumstance | message |",
        "|---|---|---|",
    ]
    for trial in trials:
        where = trial.circumstance
        if where.arguments == "unknown" or (trial.words == "history list" and trial.outcome.code):
            err = " ".join(" ".join(printed_lines(trial.outcome.err)).split()).replace("|", "\\|")
            shown = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8189", err)
            lines.append(f"| `{' '.join(trial.arguments)}` | {where.name} | {shown or '(none)'} |")
    return "\n".join(lines) + "\n"


def _full(trial: Trial) -> str:
    outcome = trial.outcome
    text = f"## {trial.words} ({trial.circumstance.name})\n\n`comfy-cloud {' '.join(trial.arguments)}`: "
    text += f"{outcome.code} in {outcome.seconds:.1f} s\n\n"
    for name, shown in (("stdout", outcome.out), ("stderr", outcome.err)):
        if shown:
            text += f"{name}:\n```\n{shown.replace(chr(27), '^[').rstrip()}\n```\n"
    return text + "\n"
