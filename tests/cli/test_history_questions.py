"""`history search`, `stats`, `query`, `similar`, `diff`, `estimate` and `export`, over a mirror."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud.mirror.facts.digests import graph_digest
from comfy_cloud.mirror.facts.graph import nodes_in
from comfy_cloud.mirror.mirror import Mirror
from tests.mirror.sample import fill

from .conftest import Run, run_for_terminal

JOBS = 120


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "history.sqlite"
    with Mirror.open(path) as mirror:
        fill(mirror, JOBS)
    return str(path)


def asked(run: Run, database: str, *arguments: str) -> Any:
    return json.loads(run("history", *arguments, "-o", "json", "--database", database).out)


def test_search_finds_words_and_leaves_out_others(run: Run, database: str) -> None:
    found = json.loads(
        run("history", "search", "lighthouse", "--all", "-o", "json", "--database", database).out
    )
    assert found
    assert all("lighthouse" in row["prompt"] for row in found)
    fewer = asked(run, database, "search", "lighthouse -dusk", "--all")
    assert 0 < len(fewer) < len(found)
    assert not any("dusk" in row["prompt"] for row in fewer)
    failed = asked(run, database, "search", "--status", "failed", "--all")
    assert {row["status"] for row in failed} == {"failed"}


def test_stats_count_each_job_once(run: Run, database: str) -> None:
    found = asked(run, database, "stats")
    assert found["jobs"] == JOBS == sum(each["jobs"] for each in found["by_status"])
    assert sum(each["jobs"] for each in found["by_day"]) == JOBS


def test_query_reads_and_does_not_write(run: Run, database: str) -> None:
    count = "SELECT count(*) AS jobs FROM jobs"
    assert asked(run, database, "query", count) == [{"jobs": JOBS}]
    refused = run("history", "query", "DELETE FROM jobs", "--database", database)
    assert refused.code == 2
    assert "was refused: it would delete rows" in refused.err
    assert asked(run, database, "query", count) == [{"jobs": JOBS}]


def test_a_table_of_a_query_says_what_it_leaves_out(database: str) -> None:
    asked = ("history", "query", "--database", database, "--color", "never", "-o", "table")
    shown = run_for_terminal(*asked, "SELECT * FROM overview LIMIT 1", columns=80)
    assert "seed" not in shown.out
    assert shown.err.startswith("no room for ")
    assert shown.err.endswith(" seed, width, height; --output json or csv has all columns\n")
    nothing = run_for_terminal(*asked, "SELECT id FROM jobs WHERE id = ''")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "no rows\n")


def test_similar_and_diff_name_the_inputs(run: Run, database: str) -> None:
    with Mirror.open(database) as mirror:
        pair = mirror.query(
            "SELECT min(id) AS one, max(id) AS other FROM jobs WHERE graph_digest IS NOT NULL "
            "GROUP BY graph_digest HAVING count(*) > 1 LIMIT 1"
        )[0]
    similar = asked(run, database, "similar", pair["one"], "--all")
    assert pair["other"] in {row["id"] for row in similar}
    assert run("history", "diff", pair["one"], pair["other"], "--database", database).code == 1


@pytest.mark.parametrize("words", [["diff", "nothing"], ["similar"], ["rerun"], ["estimate"]])
def test_an_unknown_id_has_the_code_of_what_is_not_found(run: Run, database: str, words: list[str]) -> None:
    unknown = run("history", *words, "nothing", "--database", database)
    assert unknown.code == 5
    assert "The mirror has no job 'nothing'" in unknown.err


def test_an_estimate_of_a_job_and_of_a_file_are_the_same(run: Run, database: str, tmp_path: Path) -> None:
    with Mirror.open(database) as mirror:
        job_id = mirror.query("SELECT id FROM jobs WHERE has_details LIMIT 1")[0]["id"]
        graph = mirror.graph(job_id)
        with mirror.store.writing() as connection:
            connection.exec_driver_sql(
                "UPDATE jobs SET graph_digest = ? WHERE has_details", (graph_digest(nodes_in(graph)),)
            )
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps(graph), encoding="utf-8")
    found = asked(run, database, "estimate", str(path))
    assert found == asked(run, database, "estimate", job_id[:8])
    assert found["jobs"] > 50
    assert found["run_seconds"]["low"] <= found["run_seconds"]["median"] <= found["run_seconds"]["high"]
    text = run("history", "estimate", job_id, "-o", "table", "--database", database).out
    assert f"{found['run_seconds']['median']:.1f} s (" in text
    assert found["confidence"] in text


def test_an_estimate_without_a_past(run: Run, database: str) -> None:
    graph = '{"1": {"class_type": "Other", "inputs": {}}}'
    shown = run("history", "estimate", graph, "-o", "json", "--database", database)
    assert (shown.code, json.loads(shown.out)["confidence"]) == (0, "none")
    assert "no completed job of this graph" in shown.err
    missing = run("history", "estimate", "missing.json", "--database", database)
    assert missing.code == 2
    assert "there is no file 'missing.json'" in missing.err


def test_export_writes_each_job_and_replaces_only_when_asked(run: Run, database: str, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    arguments = ("history", "export", "--to", str(path), "--database", database)
    assert run(*arguments).code == 0
    with path.open(newline="", encoding="utf-8") as file:
        assert len({row["id"] for row in csv.DictReader(file)}) == JOBS
    path.write_text("mine", encoding="utf-8")
    refused = run(*arguments)
    assert refused.code == 2
    assert "already exists; choose another PATH for --to, or add --overwrite" in refused.err
    assert path.read_text(encoding="utf-8") == "mine"
    assert run(*arguments, "--overwrite").code == 0
    device = tmp_path / "pipe.csv"
    os.mkfifo(device)
    for more in ((), ("--overwrite",)):
        refused = run(*arguments[:3], str(device), *arguments[4:], *more)
        assert refused.code == 2
        assert "which no file replaces; choose another PATH for --to\n" in refused.err
    assert path.read_text(encoding="utf-8") != "mine"


def test_a_missing_mirror_names_the_command_alone(run: Run, tmp_path: Path) -> None:
    shown = run("history", "search", "x", "--database", str(tmp_path / "none.sqlite"))
    assert shown.code == 2
    assert shown.err.endswith("Make one: comfy-cloud history sync\n")
