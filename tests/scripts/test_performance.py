"""docs/performance.md: made from the results, and its charts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import results
from benchmarks.results import Result
from scripts import performance
from scripts.performance_docs import charts
from scripts.performance_docs.meanings import meaning
from scripts.performance_docs.page import texts
from scripts.project.checkout import Checkout

MACHINE = {"cores": 2, "cpu": "A CPU", "system": "Linux", "python": "CPython 3", "packages": {}, "load": 0.1}
ROWS = [
    Result("calls", "one small GET, sync", "httpx & <json>", 0.95, 1.1, low=0.9, high=1.0),
    Result(
        "transfers", "300 files of 1 MB", "one after the other", 7.0, 8.0, higher_is_better=True, limit=9.0
    ),
]
RUN = results.document(MACHINE, "2026-11-30", ROWS)
SPREAD = {"low": 0.1, "high": 0.4}
PEERS = {
    "about": "The same job.",
    "date": "2026-11-30",
    "machine": MACHINE,
    "works": [
        {
            "name": "import",
            "title": "Import",
            "about": "How long.",
            "rows": [
                {"client": "comfy-cloud", "version": "1", "seconds": 0.1, **SPREAD, "is_ours": True},
                {"client": "other", "version": "2", "seconds": 0.3, **SPREAD, "is_ours": False},
            ],
            "left_out": {"third": "it has none"},
        }
    ],
}


def test_the_page_has_each_row_with_what_it_means() -> None:
    page = texts(RUN, {})["performance.md"]
    assert "| one small GET, sync | httpx & <json> | 0.95 | 0.9 to 1 | ≤ 1.1 |  | reached |" in page
    assert "1 of 2 rows reach their targets. Not yet: 300 files of 1 MB (7, ≥ 8)" in page
    assert meaning("one small GET, sync") in page
    assert "A CPU" in page


def test_the_longest_meaning_counts() -> None:
    assert meaning("64 GETs in flight, extra `fast`") != meaning("64 GETs in flight")
    assert meaning("what nobody knows") == ""


def test_other_clients_are_beside_ours() -> None:
    found = texts(RUN, PEERS)
    assert "| other 2 | 0.3 | 0.1 to 0.4 | 3 |  |" in found["performance.md"]
    assert "- third: it has none" in found["performance.md"]
    assert "other 2" in found["performance/peers-import.svg"]


@pytest.mark.parametrize("name", ["requests", "files", "peers-import"])
def test_a_chart_is_well_formed_and_loads_nothing(name: str) -> None:
    chart = texts(RUN, PEERS)[f"performance/{name}.svg"]
    ElementTree.fromstring(chart)
    assert re.findall(r"https?://\S+?(?=[\"'\s])", chart) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"@import|url\(|<script|<image|href|font-face", chart)
    assert "prefers-color-scheme: dark" in chart


def test_names_are_text_not_markup() -> None:
    chart = charts.ratios("a <b>", [charts.Point("<script>", 1.0, None, None, 1.0, None)])
    assert "<script>" not in chart
    assert "&lt;script&gt;" in chart


def test_a_check_notices_a_changed_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkout = Checkout(tmp_path)
    checkout.measurements.mkdir(parents=True)
    (checkout.measurements / "rows.json").write_text(json.dumps(RUN), encoding="utf-8")
    assert performance.main(["--check"], checkout) == 1
    assert performance.main([], checkout) == 0
    assert performance.main(["--check"], checkout) == 0
    checkout.performance.write_text("by hand", encoding="utf-8")
    (checkout.charts / "old.svg").write_text("", encoding="utf-8")
    assert performance.main(["--check"], checkout) == 1
    shown = capsys.readouterr().err
    assert "docs/performance.md: is not what the sources make" in shown
    assert "docs/performance/old.svg: no source makes it" in shown
    assert "make performance" in shown
