"""docs/self-hosted.md: its program runs, and its lists match what the tests find per method."""

from __future__ import annotations

import re

import pytest

from scripts.project.checkout import ROOT
from tests._async.test_selfhosted import FALLBACK, TABLE, WORKS

from .programs import blocks, run

PAGE = (ROOT / "docs/self-hosted.md").read_text(encoding="utf-8")


def part(title: str) -> str:
    return PAGE.partition(f"### {title}\n")[2].partition("\n### ")[0]


def methods(text: str) -> set[str]:
    """The methods in a text, as `noun.method`."""
    return {name for name in re.findall(r"`(\w+\.\w+)`", text) if name in TABLE}


def test_the_program_runs() -> None:
    (program,) = blocks(PAGE, "python")
    lines = run("-c", program).splitlines()
    assert "- execution_success" in lines
    assert re.fullmatch(r"plain_00001_\.png \d+ bytes", lines[-2])
    assert lines[-1].startswith("True completed 0:00:")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Methods that work as on the cloud", {name for name, (_, old, _) in TABLE.items() if old == WORKS}),
        ("Methods with a fallback", {name for name, (_, old, _) in TABLE.items() if old == FALLBACK}),
        (
            "Methods that are not supported",
            {name for name, (_, old, _) in TABLE.items() if old not in (WORKS, FALLBACK)},
        ),
    ],
)
def test_the_lists_are_complete(title: str, expected: set[str]) -> None:
    assert methods(part(title)) == expected


def test_newer_servers_need_fewer_fallbacks() -> None:
    newer = {name for name, (_, _, new) in TABLE.items() if new == FALLBACK}
    assert newer == {"history.list", "history.iter", "history.get", "jobs.delete", "job.delete"}


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", PAGE))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / "docs" / link).exists()
