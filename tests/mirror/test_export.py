"""Exports: what is in each format, whole files, and months that are replaced."""

from __future__ import annotations

import csv
import gc
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow.dataset
import pyarrow.parquet
import pytest
from openpyxl.utils.escape import unescape

from comfy_cloud import ComfyCloudWarning, ConfigurationError
from comfy_cloud.mirror import Mirror
from comfy_cloud.mirror.export import formats

from .sample import fill


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    with Mirror.open(tmp_path / "history.sqlite") as made:
        fill(made, 60)
        yield made


def ids(mirror: Mirror) -> list[str]:
    return sorted(mirror.jobs().column("id"))


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of an export, with texts as its format has them."""
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_bytes().splitlines()]
    if path.suffix == ".parquet":
        return list(pyarrow.parquet.read_table(path).to_pylist())
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            return list(connection.sql("FROM history").to_arrow_table().to_pylist())
    header, *rows = openpyxl.load_workbook(path).active.values
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "duckdb", "xlsx"])
def test_every_format_has_every_job(mirror: Mirror, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"out.{form}"
    done = mirror.export(path)
    assert (done.rows, done.files) == (60, [str(path)])
    rows = read(path)
    assert sorted(row["id"] for row in rows) == ids(mirror)
    expected = {row["id"]: row for row in mirror.jobs()}
    for row in rows:
        assert row["prompt"] in (expected[row["id"]]["prompt"], "" if form == "csv" else None)
        seed = expected[row["id"]]["seed"]
        assert row["seed"] == (seed if seed is not None else "" if form == "csv" else None)


def test_times_are_instants(mirror: Mirror, tmp_path: Path) -> None:
    job = mirror.jobs(limit=1)[0]
    mirror.export(tmp_path / "out.parquet")
    mirror.export(tmp_path / "out.jsonl")
    [row] = [row for row in read(tmp_path / "out.parquet") if row["id"] == job["id"]]
    assert round(row["created"].timestamp() * 1000) == job["created_ms"]
    [line] = [row for row in read(tmp_path / "out.jsonl") if row["id"] == job["id"]]
    assert line["created"] == row["created"].isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "duckdb", "xlsx"])
def test_odd_values_survive(mirror: Mirror, tmp_path: Path, form: str) -> None:
    odd = '=cmd()\n"q", \x1a0000 \N{GRINNING FACE}'
    with mirror.store.writing() as connection:
        connection.exec_driver_sql("UPDATE jobs SET error_message = ?, workflow_id = ?", (odd, "-1+2"))
    path = tmp_path / f"out.{form}"
    mirror.export(path)
    row = read(path)[0]
    original = odd.replace("\x1a0000", "\x00")
    if form == "csv":
        assert (row["error_message"], row["workflow_id"]) == (f"'{original}", "'-1+2")
    elif form == "xlsx":
        assert row["workflow_id"] == "-1+2"
        assert row["error_message"].startswith("=cmd()")
    else:
        assert (row["error_message"], row["workflow_id"]) == (original, "-1+2")


def test_an_existing_file_stays_unless_it_may_be_replaced(mirror: Mirror, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        mirror.export(path)
    assert path.read_text() == "mine"
    mirror.export(path, overwrite=True)
    assert len(read(path)) == 60


def test_an_export_that_fails_leaves_nothing(mirror: Mirror, tmp_path: Path) -> None:
    def stop(count: int) -> None:
        raise KeyboardInterrupt

    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(KeyboardInterrupt):
        mirror.export(folder / "out.parquet", progress=stop)
    gc.collect()  # what was still to be written is let go of, without a warning
    assert list(folder.iterdir()) == []


def test_months_are_replaced_and_never_doubled(mirror: Mirror, tmp_path: Path) -> None:
    with mirror.store.writing() as connection:
        connection.exec_driver_sql("UPDATE jobs SET created_ms = 1790000000000 + number * 86400000")
        connection.exec_driver_sql("UPDATE jobs SET created_ms = NULL WHERE number = 3")
    folder = tmp_path / "dataset"
    done = mirror.export(folder, partition="month")
    assert done.rows == 60
    names = sorted(path.parent.name for path in folder.rglob("*.parquet"))
    assert names == ["month=2026-09", "month=2026-10", "month=2026-11", "month=unknown"]
    with mirror.store.writing() as connection:
        connection.exec_driver_sql("UPDATE jobs SET status = 'failed' WHERE number = 60")
    again = mirror.export(folder, partition="month", since="2026-11-05")
    assert [Path(file).parent.name for file in again.files] == ["month=2026-11", "month=unknown"]
    table = pyarrow.dataset.dataset(folder, partitioning="hive").to_table()
    assert sorted(table["id"].to_pylist()) == ids(mirror)
    failed = mirror.query("SELECT count(*) AS n FROM jobs WHERE status = 'failed'")[0]["n"]
    assert table["status"].to_pylist().count("failed") == failed


def test_other_tables_and_urls(mirror: Mirror) -> None:
    import fsspec

    done = mirror.export("memory://exports/inputs.jsonl", table="inputs")
    count = mirror.query("SELECT count(*) AS n FROM inputs")[0]["n"]
    lines = fsspec.filesystem("memory").cat("/exports/inputs.jsonl").splitlines()
    assert done.rows == len(lines) == count


def test_since_leaves_out_older_jobs(mirror: Mirror, tmp_path: Path) -> None:
    middle = mirror.jobs().column("created_ms")[9] / 1000
    assert mirror.export(tmp_path / "out.csv", since=str(middle)).rows == 10


def test_arguments_that_are_not_valid(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationError, match=r"\.csv, \.jsonl"):
        mirror.export(tmp_path / "out.txt")
    with pytest.raises(ConfigurationError, match="choose from"):
        mirror.export(tmp_path / "out.csv", table="nothing; DROP TABLE jobs")
    monkeypatch.setitem(sys.modules, "deltalake", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'comfy-cloud\[mirror,delta\]'"):
        mirror.export(tmp_path / "lake", delta=True)


def test_a_spreadsheet_has_its_bounds(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "_SHEET_ROWS", 25)
    texts = {
        1: "x" * 32_767,
        2: "x" * 32_768,
        3: "\N{GRINNING FACE}" * 20_000,
        4: "\x01\x1b[31m\x0b_x0041_\ufffe",
        5: "@SUM(1)",
        6: "http://x.example",
        7: "  <b>&amp;</b>\r\n",
    }
    with mirror.store.writing() as connection:
        for number, value in texts.items():
            connection.exec_driver_sql("UPDATE jobs SET prompt = ? WHERE number = ?", (value, number))
        connection.exec_driver_sql("UPDATE jobs SET created_ms = 100000000000000000 WHERE number = 8")
    path = tmp_path / "out.xlsx"
    with pytest.warns(ComfyCloudWarning, match="2 texts are longer than the 32,767 characters"):
        assert mirror.export(path).rows == 60
    book = openpyxl.load_workbook(path)
    assert [sheet.max_row for sheet in book] == [25, 25, 13]
    header, *rows = book.worksheets[0].values
    found = [dict(zip(header, row, strict=True)) for row in rows]
    prompts = [row["prompt"] for row in found[:7]]
    assert [len(prompts[0]), len(prompts[1]), len(prompts[2])] == [32_767, 32_767, 16_383]
    assert unescape(prompts[3]) == texts[4]
    assert prompts[4:6] == [texts[5], texts[6]]
    assert unescape(prompts[6]) == texts[7]
    assert found[7]["created"] == "100000000000000000"
    kinds = {
        cell.data_type for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None
    }
    assert kinds == {"s", "n"}
    assert not any(cell.hyperlink for row in book.worksheets[0].iter_rows() for cell in row)
