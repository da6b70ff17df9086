"""Differences from a real ComfyUI that come from what is installed there, or from its past.

An emulator cannot and need not have the same models, packages and jobs. Each entry says why a
difference is expected; `congruence` reports those that did not occur.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Explanation:
    """A pattern of the beginning of a line, and the reason for such differences.

    With `is_occasional` the difference depends on what the server did before.
    """

    pattern: str
    reason: str
    is_occasional: bool = False

    def covers(self, line: str) -> bool:
        """Whether a line is such a difference."""
        return re.match(self.pattern, line) is not None


EXPLAINED: Final = (
    Explanation(
        r"GET /api/extensions: \.body: ours \[\]",
        "scripts of the installed frontend package; the emulator has no frontend",
    ),
    Explanation(
        r"GET /api/experiment/models/checkpoints: \.body: .* theirs \[\]$",
        "no checkpoint is installed there",
        is_occasional=True,
    ),
    Explanation(
        r"GET /api/global_subgraphs: \.body\.(many: missing in ours|[a-z-]+: missing in theirs)",
        "the subgraphs of the installed template package; the emulator has two of its own",
    ),
    Explanation(r"GET /api/jobs: \.body\.jobs: ours \[\]", "jobs that ran there before", is_occasional=True),
    Explanation(
        r"GET /api/users: \.body\.migrated: ours True, theirs False",
        "no personal file was ever written there",
        is_occasional=True,
    ),
    Explanation(
        r"(an entry of the history: \.body\.|a job: \.body\.execution_)status\.messages\[0\]\[1\]\.nodes:",
        "whether results of an earlier run are still cached depends on the memory and the load there",
        is_occasional=True,
    ),
    Explanation(
        r"(a job: \.body|the latest job: \.body\.jobs\[0\])\.previewable_outputs_count: missing in theirs",
        "version 0.38 has this field, earlier ones do not",
        is_occasional=True,
    ),
)


def sorted_out(lines: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """Unexplained lines, explained lines with their reasons, and unused explanations."""
    unexplained: list[str] = []
    explained: list[str] = []
    used: set[Explanation] = set()
    for line in lines:
        found = next((each for each in EXPLAINED if each.covers(line)), None)
        if found is None:
            unexplained.append(line)
        else:
            used.add(found)
            explained.append(f"environment ({found.reason}): {line}")
    unused = [
        f"no longer needed in tests/live/explained.py: {each.pattern}"
        for each in EXPLAINED
        if each not in used and not each.is_occasional
    ]
    return unexplained, explained, unused
