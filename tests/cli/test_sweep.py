from __future__ import annotations

import asyncio
import csv
import io
import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet
import pytest
from PIL import Image

from comfy_cloud import ComfyCloud
from comfy_cloud.cli._console.exits import CommandError
from comfy_cloud.cli._runs.sweep_cells import Cell, csv_cells, file_prefix, grid, planned_inputs, short_names
from comfy_cloud.cli._runs.sweep_results import CellResult, write_contact_sheet
from comfy_cloud_emulator import Emulator, Fault
from tests._async.clients import SAMPLER_GRAPH

from .conftest import HANG_TIMEOUT, PROGRAM, Run, program_environment
from .interruption import interrupted


@pytest.fixture
def workflow(tmp_path: Path) -> str:
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps(SAMPLER_GRAPH))
    return str(path)


def split(given: str) -> tuple[str, str]:
    address, _, text = given.partition("=")
    return address, text


# Cells


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("5:9:1", ["5", "6", "7", "8", "9"]),
        ("5:6:0.5", ["5.0", "5.5", "6.0"]),
        ("3:1:-1", ["3", "2", "1"]),
        ("0.1:0.3:0.1", ["0.1", "0.2", "0.3"]),
        ("5:8:2", ["5", "7"]),
        ("10:30", ["10:30"]),
        ("a:b:c", ["a:b:c"]),
        ("euler", ["euler"]),
        ("", [""]),
    ],
)
def test_values(text: str, values: list[str]) -> None:
    assert [cell.values["a.b"] for cell in grid([f"a.b={text}"], split)] == values


def test_a_grid_is_every_combination_and_the_last_value_varies_fastest(tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("a cat\n\n@home\n", encoding="utf-8-sig")
    cells = grid(["1.cfg=5:6:1", f"2.text=@{prompts}"], split)
    assert [tuple(cell.values.values()) for cell in cells] == [
        ("5", "a cat"), ("5", "@@home"), ("6", "a cat"), ("6", "@@home"),
    ]  # fmt: skip
    assert [cell.index for cell in cells] == [0, 1, 2, 3]
    repeated = grid(["3.sampler_name=euler", "3.sampler_name=heun"], split)
    assert [cell.values["3.sampler_name"] for cell in repeated] == ["euler", "heun"]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (["a.b=5:9:0"], "never gets from 5 to 9"),
        (["a.b=5:9:-1"], "never gets from 5 to 9"),
        (["a.b=0:1e9:1"], "at most 10000 cells"),
        (["a.b=0:200:1", "a.c=0:200:1"], "40401 combinations"),
        (["a.b=@no-such-file"], "no-such-file cannot be read"),
    ],
)
def test_values_that_are_not_valid(settings: list[str], problem: str) -> None:
    with pytest.raises(CommandError) as refused:
        grid(settings, split)
    assert problem in refused.value.message


def test_rows_of_a_csv_file_are_cells(tmp_path: Path) -> None:
    table = tmp_path / "variants.csv"
    table.write_text('1.cfg,2.text\n5,"a cat, asleep"\n\n6,"two\nlines"\n')
    cells = csv_cells(table, {"3.steps": "4"})
    assert [dict(cell.values) for cell in cells] == [
        {"3.steps": "4", "1.cfg": "5", "2.text": "a cat, asleep"},
        {"3.steps": "4", "1.cfg": "6", "2.text": "two\nlines"},
    ]
    table.write_text("1.cfg,2.text\n5\n")
    with pytest.raises(CommandError, match="line 2 has 1 values"):
        csv_cells(table, {})
    table.write_text("1.cfg,1.cfg\n5,6\n")
    with pytest.raises(CommandError, match="each once"):
        csv_cells(table, {})


def test_names_of_files() -> None:
    names = short_names(["KSampler.cfg", "4.text", "5.text"])
    assert names == {"KSampler.cfg": "cfg", "4.text": "4.text", "5.text": "5.text"}
    cell = Cell(7, {"KSampler.cfg": "5.5", "4.text": "../../a\x1b\n b", "5.text": "c"})
    prefix = file_prefix("{index}_{cfg}_{4.text}", cell, names)
    assert prefix.startswith("0007_5.5_")
    assert not {"/", "\\", "\x1b", "\n"} & set(prefix)
    with pytest.raises(CommandError, match=r"\{nope\}; the fields are \{index\}, \{cfg\}"):
        file_prefix("{nope}", cell, names)


def test_a_plan_of_another_sweep_is_not_used() -> None:
    cells = [Cell(0, {"a.b": "1"})]
    plan = json.dumps({"schema": 1, "graph": "d", "cells": [{"values": {"a.b": "1"}, "inputs": {"a.b": 1}}]})
    assert planned_inputs(plan, "d", cells) == [{"a.b": 1}]
    assert planned_inputs(plan, "other", cells) is None
    assert planned_inputs(plan, "d", [Cell(0, {"a.b": "2"})]) is None
    assert planned_inputs("[" * 100_000, "d", cells) is None
    assert planned_inputs("{}", "d", cells) is None


# The command


def results_in(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "results.csv").read_text())))


def jobs_of(emulator: Emulator) -> list[str]:
    with ComfyCloud() as client:
        return [job.id for job in client.jobs.iter()]


def test_a_sweep_runs_each_cell_and_says_what_it_costs(
    run: Run, quick_cloud: Emulator, workflow: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = [workflow, "--set", "KSampler.cfg=5:6:1", "--set", "KSampler.seed=random", "-d", str(out)]
    shown = run("sweep", *arguments, "--name", "{index}_{cfg}")
    assert shown.code == 2
    assert "this sweep is 2 jobs" in shown.err
    assert not out.exists()
    shown = run("sweep", *arguments, "--name", "{index}_{cfg}", "--yes")
    assert shown.code == 0, shown.err
    assert shown.err.endswith("all 2 jobs completed\n")
    assert {path.name for path in out.iterdir()} == {
        "0000_5.png", "0001_6.png", "results.csv", "contact-sheet.html", "contact-sheet.png",
        "sweep.json", "sweep.jsonl",
    }  # fmt: skip
    rows = results_in(out)
    assert [row["cfg"] for row in rows] == ["5", "6"]
    assert [row["status"] for row in rows] == ["completed"] * 2
    seeds = [int(row["seed"]) for row in rows]
    assert len(set(seeds)) == 2
    with ComfyCloud() as client:
        for row, seed in zip(rows, seeds, strict=True):
            graph = client.jobs.get(row["job"]).workflow
            assert graph is not None
            assert graph["4"]["inputs"]["seed"] == seed
    with Image.open(out / "contact-sheet.png") as sheet:
        assert sheet.width > 500


def test_a_sweep_goes_on_without_running_a_cell_twice(
    run: Run, quick_cloud: Emulator, workflow: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = [workflow, "--set", "KSampler.cfg=5:7:1", "--set", "KSampler.seed=random", "-d", str(out)]
    assert run("sweep", *arguments, "--yes").code == 0
    before = (out / "results.csv").read_text()
    assert run("sweep", *arguments, "--yes").err.startswith("error: there is a sweep in ")
    assert run("sweep", *arguments, "--resume", "--results", str(out / "r.parquet")).code == 0
    assert len(jobs_of(quick_cloud)) == 3
    assert (out / "results.csv").read_text() == before
    assert pyarrow.parquet.read_table(out / "r.parquet").column("cfg").to_pylist() == ["5", "6", "7"]
    other = run("sweep", workflow, "--set", "KSampler.cfg=5:8:1", "-d", str(out), "--resume")
    assert "has another workflow or other values" in other.err


def test_a_sweep_with_a_key_runs_no_cell_twice_in_another_folder(
    run: Run, quick_cloud: Emulator, workflow: str, tmp_path: Path
) -> None:
    seed = ["--set", "KSampler.seed=random"]
    arguments = ["sweep", workflow, "--set", "KSampler.cfg=5:6:1", *seed, "--idempotency-key", "k", "--yes"]
    assert run(*arguments, "-d", str(tmp_path / "a")).code == 0
    assert run(*arguments, "-d", str(tmp_path / "b")).code == 0
    assert len(jobs_of(quick_cloud)) == 2
    refused = run(*arguments, "-d", str(tmp_path / "b"), "--resume", "--retry-failed")
    assert refused.code == 2
    assert "give another key" in refused.err


def test_ctrl_c_says_in_words_of_the_command_what_became_of_the_jobs(
    quick_cloud: Emulator, workflow: str, tmp_path: Path
) -> None:
    values = ["--set", "KSampler.steps=1", "--set", "KSampler.steps=10000", "--max-parallel", "1"]
    out = str(tmp_path / "out")
    ended = interrupted("sweep", workflow, *values, "-d", out, "--yes", at="1 of 2")
    assert ended.code == 130
    assert "the sweep was left: " in ended.err
    assert "map was left" not in ended.err


def test_a_killed_sweep_goes_on(run: Run, quick_cloud: Emulator, workflow: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = [workflow, "--set", "KSampler.cfg=5:9:1", "--max-parallel", "1", "-d", str(out)]
    interrupted("sweep", *arguments, "--yes", at="2 of 5", by=signal.SIGKILL)
    shown = run("sweep", *arguments, "--resume")
    assert shown.code == 0, shown.err
    rows = results_in(out)
    assert [row["status"] for row in rows] == ["completed"] * 5
    assert sorted(jobs_of(quick_cloud)) == sorted(row["job"] for row in rows)
    assert all((out / row["files"]).exists() for row in rows)


@pytest.mark.beyond_contract
def test_a_sweep_that_is_killed_while_it_submits_by_v2(
    run: Run,
    start_emulator: Callable[..., Emulator],
    monkeypatch: pytest.MonkeyPatch,
    workflow: str,
    tmp_path: Path,
) -> None:
    """Resumed, it sends the same Idempotency-Key, so the job that it had made is not made twice."""
    emulator = start_emulator(clock=None, sleep=asyncio.sleep, speed=200.0, quirks=["v1_gone"])
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", emulator.url)
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", emulator.key)
    monkeypatch.setenv("COMFY_CLOUD_API", "v2")
    emulator.faults.add(Fault("accepted_then", then="silence", path="/api/v2/jobs", after=1))
    out = tmp_path / "out"
    arguments = [workflow, "--set", "KSampler.cfg=5:7:1", "--max-parallel", "1", "-d", str(out)]
    process = subprocess.Popen(
        [*PROGRAM, "sweep", *arguments, "--yes"], stderr=subprocess.DEVNULL, env=program_environment()
    )
    ends = time.monotonic() + HANG_TIMEOUT
    while len(emulator.store) < 2 and time.monotonic() < ends:
        assert process.poll() is None
        threading.Event().wait(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=HANG_TIMEOUT)
    shown = run("sweep", *arguments, "--resume")
    assert shown.code == 0, shown.err
    rows = results_in(out)
    assert [row["status"] for row in rows] == ["completed"] * 3
    assert sorted(job.id for job in emulator.store.jobs()) == sorted(row["job"] for row in rows)
    keys = [
        request.headers["idempotency-key"]
        for request in emulator.requests
        if (request.method, request.path) == ("POST", "/api/v2/jobs")
    ]
    assert (len(keys), len(set(keys))) == (4, 3)


def test_a_cell_that_fails_is_reported_and_can_be_run_again(
    run: Run, quick_cloud: Emulator, workflow: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = [workflow, "--set", "KSampler.cfg=5:6:1", "-d", str(out), "--max-parallel", "1"]
    quick_cloud.jobs.fail_next("OOMError")
    shown = run("sweep", *arguments, "--yes")
    assert shown.code == 3
    rows = results_in(out)
    assert sorted(row["status"] for row in rows) == ["completed", "failed"]
    assert "OOMError" in "".join(row["error"] for row in rows)
    assert run("sweep", *arguments, "--resume", "--retry-failed").code == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "give the values to try"),
        (["--set", "KSampler.cfg=5:6:1", "--name", "{cgf}"], "--name contains {cgf}"),
        (["--set", "KSampler.cfg=5:6:1", "--name", "same"], "gives several cells one name; add {index}"),
        (["--set", "KSampler.cfg=5:6:1", "--max-parallel", "0"], "neither a number from 1 nor auto"),
        (["--set", "KSampler.cfg=5:6:1", "--retry-failed"], "--retry-failed needs --resume"),
        (["--set", "KSampler.cfg=5:6:1", "--resume"], "there is no sweep in "),
        (["--set", "nope.cfg=5:6:1"], "--set nope.cfg: No node is called 'nope'"),
    ],
)
def test_bad_input_is_refused_before_anything_is_submitted(
    arguments: list[str], problem: str, run: Run, quick_cloud: Emulator, workflow: str, tmp_path: Path
) -> None:
    shown = run("sweep", workflow, "-d", str(tmp_path / "out"), *arguments)
    assert shown.code == 2
    assert problem in shown.err
    assert not [each for each in quick_cloud.requests if each.method == "POST"]
    assert not (tmp_path / "out").exists()


# The contact sheet


def test_nothing_in_a_contact_sheet_is_markup(tmp_path: Path) -> None:
    image = tmp_path / 'a"<b>.png'
    Image.new("RGB", (8, 8), "red").save(image)
    hostile = "<script>alert(1)</script>\"'>"
    results = [
        CellResult(0, {"4.text": hostile}, "completed", files=[image]),
        CellResult(1, {"4.text": "x"}, "failed", error=hostile),
    ]
    write_contact_sheet(results, {"4.text": "text"}, tmp_path, hostile)
    page = (tmp_path / "contact-sheet.html").read_text()
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert page.count("<figure>") == 2
    assert "data:image/jpeg;base64," in page
    assert "http" not in page.replace("http-equiv", "")
