"""Lists: which rows and columns there are, how tables fit, and what is said of what is left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from comfy_cloud.cli._console.elastic import TableColumn, column_widths, render_table
from comfy_cloud.cli._console.exits import CommandError
from comfy_cloud.cli._console.filters import row_filter
from comfy_cloud.cli._console.identifiers import short_ids, whole_id
from comfy_cloud.cli._console.times import age_text
from comfy_cloud.cli._jobs.columns import COLUMNS
from comfy_cloud_emulator import Emulator

from .conftest import Run
from .test_records import COLUMNS as ROWS
from .test_records import ITEM

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)

# Tables

wide_text = st.text(st.sampled_from("ab 日本語\N{ROCKET}é\u0301"), max_size=40)


@given(
    st.lists(st.tuples(wide_text, wide_text, wide_text), min_size=1, max_size=5),
    st.integers(min_value=10, max_value=250),
)
def test_every_row_is_one_line_that_fits(rows: list[Sequence[str]], width: int) -> None:
    columns = [TableColumn("id", None, 0), TableColumn("name", 6, 1), TableColumn("error", 8, 2)]
    shown = render_table(columns, rows, width=width)
    lines = shown.text.splitlines()
    assert len(lines) == 1 + len(rows)
    assert max(map(cell_len, lines)) <= width


def test_columns_shrink_before_they_are_left_out() -> None:
    columns = [TableColumn("id", None, 0), TableColumn("name", 6, 1), TableColumn("error", 8, 2)]
    assert column_widths([8, 20, 30], columns, 62) == [8, 20, 30]
    assert column_widths([8, 20, 30], columns, 50) == [8, 18, 20]
    assert column_widths([8, 20, 30], columns, 26) == [8, 6, 8]
    assert column_widths([8, 20, 30], columns, 25) == [8, 15, None]
    assert column_widths([8, 20, 30], columns, 15) == [8, None, None]
    assert column_widths([8, 20, 30], columns, 5) == [5, None, None]


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    shown = render_table([TableColumn("name", 4)], [("a long name",), ("日本語の名前",)], width=6)
    assert shown.text.splitlines()[1:] == ["a lon\N{HORIZONTAL ELLIPSIS}", "日本 \N{HORIZONTAL ELLIPSIS}"]


def test_a_link_is_on_the_first_cell_only_where_there_is_color() -> None:
    rows, links = [("5f2a1c0e", "completed")], ["https://cloud.example/api/jobs/5f2a1c0e"]
    columns = [TableColumn("id"), TableColumn("status")]
    assert links[0] in render_table(columns, rows, color=True, links=links).text
    assert links[0] not in render_table(columns, rows, links=links).text


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=59.9), "59 s ago"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(minutes=59.9), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(hours=48), "2 d ago"),
        (timedelta(days=729), "729 d ago"),
        (timedelta(days=731), "2 y ago"),
        (timedelta(minutes=-5), "in 5 min"),
    ],
)
def test_ages(age: timedelta, text: str) -> None:
    assert age_text(NOW - age, NOW) == text


# Ids


def test_short_ids_tell_each_other_apart() -> None:
    assert short_ids(["aaaaaaaa-1", "bbbbbbbb-1", "aaaaaaaa-2", "cc"]) == [
        "aaaaaaaa-1",
        "bbbbbbbb",
        "aaaaaaaa-2",
        "cc",
    ]


@given(st.lists(st.text("ab", min_size=8, max_size=14), max_size=12))
def test_a_short_id_is_the_beginning_of_one_id_only(ids: list[str]) -> None:
    for each, short in zip(ids, short_ids(ids), strict=True):
        assert each.startswith(short)
        others = {other for other in ids if other.startswith(short)} - {each}
        assert not others or short == each


def test_a_whole_id_is_not_looked_up() -> None:
    def never(*_: object) -> bool:
        raise AssertionError("nothing had to be asked")

    whole = "5f2a1c0e-0000-4000-8000-000000000000"
    found = whole_id(whole, lambda: [str(never())], never, noun="jobs", shortest=6, reach=10)
    assert found == whole


# Conditions


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("id=A1", True),
        ("id!=a1", False),
        ("took>1", True),
        ("took > 2", False),
        ("took>=2", True),
        ("took<=1.9", False),
        ("took=2", True),
        ("kind~IMA", True),
        ("kind!~ima", False),
        ("at>2026-11-18", True),
        ("at<2026-11-18 11:06:40", False),
        ("id>1", False),
    ],
)
def test_conditions(condition: str, holds: bool) -> None:
    assert row_filter([condition], ROWS, utc=True)(ITEM) is holds


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("took", "--where takes a column"),
        ("size=1", "there is no column 'size'; choose from id, at, took, kind"),
        ("took>many", "took> needs a number, not 'many'"),
        ("at>whenever", "--where: "),
    ],
)
def test_conditions_that_are_not_valid(condition: str, problem: str) -> None:
    with pytest.raises(CommandError) as refused:
        row_filter([condition], ROWS, utc=True)
    assert problem in refused.value.message


def test_rows_that_meet_all_conditions(run: Run, cloud: Emulator) -> None:
    everything = json.loads(run("history", "list").out)
    shown = run("history", "list", "--where", "status=failed", "--where", "duration>20")
    expected = [row for row in everything if row["status"] == "failed" and (row["duration"] or 0) > 20]
    assert expected
    assert json.loads(shown.out) == expected
    nothing = run("history", "list", "--where", "duration>1e9", "-o", "table")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "no finished jobs that match\n")


# jq


def test_jq_filters_the_json(run: Run, cloud: Emulator) -> None:
    rows = json.loads(run("history", "list", "--limit", "3").out)
    shown = run("history", "list", "--limit", "3", "--jq", ".[].id")
    assert shown.out.splitlines() == [row["id"] for row in rows]
    counted = run("history", "list", "--jq", "{rows: length}")
    assert json.loads(counted.out)["rows"] > 3


def test_a_jq_expression_that_is_not_valid(run: Run, cloud: Emulator) -> None:
    shown = run("history", "list", "--jq", ".[][")
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith("error: --jq: ")
    assert run("history", "list", "--jq", ".", "-o", "csv").err.startswith("error: --jq works on JSON")


def test_jq_without_its_package_names_the_extra(
    run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jq", None)
    shown = run("history", "list", "--jq", ".")
    assert shown.code == 2
    assert "pip install 'comfy-cloud[jq]'" in shown.err


def test_options_that_exclude_each_other(run: Run, cloud: Emulator) -> None:
    assert run("history", "list", "--all", "--limit", "3").code == 2
    assert "choose from " + ", ".join(COLUMNS) in run("history", "list", "--columns", "nope").err
