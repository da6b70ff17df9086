from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comfy_cloud.cli._console.exits import CommandError
from comfy_cloud.cli._console.records import Column, choose_columns, write_records
from comfy_cloud.cli._console.times import duration_text, iso_text, wall_time, zone_name

COLUMNS: dict[str, Column[dict[str, Any]]] = {
    "id": Column(lambda item: item["id"], is_id=True),
    "at": Column(lambda item: item["at"], is_instant=True),
    "took": Column(lambda item: item["took"], lambda item: f"{item['took']} s", csv_has_value=True),
    "kind": Column(lambda item: [item["kind"]], lambda item: item["kind"]),
}
WINTER = datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 10, 0, 0, tzinfo=UTC)
ITEM = {"id": "a1", "at": WINTER, "took": 2, "kind": "image"}


def test_columns_keep_their_order_without_repeats() -> None:
    assert list(choose_columns(COLUMNS, "kind, ID,kind", ())) == ["kind", "id"]
    assert list(choose_columns(COLUMNS, None, ("at", "id"))) == ["at", "id"]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ("id,size", "there is no column 'size'; choose from id, at, took, kind"),
        (" , ", "--columns names no column; choose from id, at, took, kind"),
    ],
)
def test_columns_that_are_not_valid(chosen: str, message: str) -> None:
    with pytest.raises(CommandError) as refused:
        choose_columns(COLUMNS, chosen, ())
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("jsonl", '{"id": "a1", "at": "2026-11-18T11:06:40Z", "took": 2, "kind": ["image"]}\n'),
        ("csv", "id,at,took,kind\na1,2026-11-18T11:06:40Z,2,image\n"),
        ("yaml", "- id: a1\n  at: '2026-11-18T11:06:40Z'\n  took: 2\n  kind:\n  - image\n"),
        ("table", "id  at (UTC)             took  kind\na1  2026-11-18 11:06:40  2 s   image\n"),
    ],
)
def test_each_format(form: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert write_records([ITEM], COLUMNS, form, utc=True, color=False).count == 1
    assert capsys.readouterr().out == text


@pytest.mark.parametrize(
    ("form", "text"),
    [("jsonl", ""), ("csv", "id,at,took,kind\n"), ("json", "[]\n"), ("yaml", "[]\n"), ("table", "")],
)
def test_an_empty_list(form: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert write_records([], COLUMNS, form, utc=True, color=False).count == 0
    assert capsys.readouterr().out == text


def test_a_table_across_a_clock_change_names_both_zones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        items = [ITEM, {**ITEM, "at": None}, {**ITEM, "at": SUMMER}]
        write_records(items, COLUMNS, "table", utc=False, color=False)
        header, first, second, third = capsys.readouterr().out.splitlines()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "at (CET, CEST)" in header
    assert "2026-11-18 12:06:40" in first
    assert ":" not in second
    assert "2026-07-01 12:00:00" in third


@pytest.mark.parametrize(("form", "heading"), [("jsonl", 0), ("csv", 1)])
def test_records_reach_the_pipe_before_the_next_one_is_fetched(
    form: str, heading: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BufferedWriter(_Raw(arrived)), encoding="utf-8"))
    seen: list[int] = []

    def slowly() -> Iterator[dict[str, Any]]:
        for _ in range(2):
            yield ITEM
            seen.append(arrived.getvalue().count(b"\n") - heading)

    assert write_records(slowly(), COLUMNS, form, utc=True, color=False).count == 2
    assert seen == [1, 2]


class _Raw(io.RawIOBase):
    """A file without a buffer that keeps what arrives."""

    def __init__(self, arrived: io.BytesIO) -> None:
        self._arrived = arrived

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._arrived.write(data)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (2.04, "2.0 s"), (60, "1m 00s"), (65.4, "1m 05s"), (3599.9, "1h 00m"), (12_345, "3h 25m")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(timedelta(seconds=seconds)) == text


def test_instants() -> None:
    assert iso_text(WINTER) == "2026-11-18T11:06:40Z"
    assert iso_text(None) is None
    assert (wall_time(WINTER, utc=True), zone_name(WINTER, utc=True)) == ("2026-11-18 11:06:40", "UTC")
    assert wall_time(None, utc=True) == ""
