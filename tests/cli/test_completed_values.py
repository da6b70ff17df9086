"""Values that shells complete: what earlier commands saw, read from files alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from comfy_cloud.cli._console.options import GlobalOptions
from comfy_cloud.cli._console.remembered import MOST, remember, remembered
from comfy_cloud_emulator import Emulator
from tests._async.clients import SAMPLER_GRAPH

from .conftest import Run, completions


def complete(words: str) -> list[tuple[str, str]]:
    """The values that fish gets after these words, each with what is told about it."""
    before, _, typed = words.rpartition(" ")
    lines = [line.partition(",")[2] for line in completions("fish", before, typed)]
    return [(line.partition("\t")[0], line.partition("\t")[2]) for line in lines]


def test_ids_of_jobs_with_status_age_and_prompt(run: Run, quick_cloud: Emulator, tmp_path: Path) -> None:
    assert complete("comfy-cloud jobs show ") == []
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps(SAMPLER_GRAPH))
    job_id = json.loads(run("run", str(path)).out)["id"]
    requests = len(quick_cloud.requests)
    for words in ("jobs show ", "jobs cancel ", "history show ", "jobs explain ", "jobs wait "):
        ((found, about),) = complete(f"comfy-cloud {words}{job_id[:4]}")
        assert found == job_id
        assert about.startswith("completed, ")
        assert about.endswith(", a lighthouse")
    assert len(quick_cloud.requests) == requests
    assert complete("comfy-cloud jobs show zz") == []


@pytest.mark.parametrize("verb", ["wait", "watch"])
def test_the_end_of_a_job_that_was_submitted_before(
    verb: str, run: Run, quick_cloud: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps(SAMPLER_GRAPH))
    job_id = run("run", str(path), "--detach").out.strip()
    run("jobs", verb, job_id)
    ((_, about),) = complete(f"comfy-cloud jobs show {job_id}")
    assert about.startswith("completed, ")
    run("history", "list")  # which has no prompts
    ((_, about),) = complete(f"comfy-cloud jobs show {job_id}")
    assert about.endswith(", a lighthouse")


def test_lists_are_remembered(run: Run, cloud: Emulator) -> None:
    ids = [row["id"] for row in json.loads(run("history", "list", "--limit", "5").out)]
    assert [value for value, _ in complete("comfy-cloud history show ")][:5] == ids
    run("nodes", "list")
    assert ("KSampler", "KSampler") in complete("comfy-cloud nodes show KSam")
    run("models", "list")
    run("models", "folders")
    assert [value for value, _ in complete("comfy-cloud models list check")] == ["checkpoints"]


def test_columns_and_profiles(run: Run, cloud: Emulator) -> None:
    assert [value for value, _ in complete("comfy-cloud jobs list --columns id,sta")] == [
        "id,status",
        "id,started",
    ]
    run("auth", "login", "--profile", "work", "--no-check", stdin=b"comfyui-1")
    assert [value for value, _ in complete("comfy-cloud jobs list --profile w")] == ["work"]


def test_inputs_of_the_workflow_on_the_line(tmp_path: Path) -> None:
    path = tmp_path / "workflow.json"
    load = {"class_type": "LoadImage", "inputs": {"image": "x.png"}}
    path.write_text(json.dumps({**SAMPLER_GRAPH, "10": load}))
    found = dict(complete(f"comfy-cloud run {path} -s 4."))
    assert found["4.seed="] == f"KSampler, now {SAMPLER_GRAPH['4']['inputs']['seed']}"
    assert "4.model=" not in found  # a link
    assert complete(f"comfy-cloud sweep {path} --set KSampler.cf")[0][0] == "KSampler.cfg="
    assert [value for value, _ in complete(f"comfy-cloud run {path} -i ")] == ["10.image="]
    assert complete(f"comfy-cloud workflow set {path} -s 10.im") == [("10.image=", "LoadImage, now 'x.png'")]
    assert complete("comfy-cloud run nosuch.json -s ") == []


def test_conditions() -> None:
    assert [value for value, _ in complete("comfy-cloud jobs list --where sta")] == [
        "status=", "status!=", "status~", "started=", "started!=", "started~"
    ]  # fmt: skip


def test_what_is_remembered_is_bounded_and_of_one_server(monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = GlobalOptions(), GlobalOptions()
    there.base_url = "http://127.0.0.1:9"
    remember(here, "jobs", [[f"{number:04d}", "x" * 1_000] for number in range(MOST + 50)])
    rows = remembered(here, "jobs")
    assert len(rows) == MOST
    assert all(len(row[1]) <= 60 for row in rows)
    assert remembered(there, "jobs") == []
    remember(here, "jobs", [["new"], ["0001"]])
    assert [row[0] for row in remembered(here, "jobs")][:3] == ["new", "0001", "0000"]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"jobs": 1}', b'{"jobs": [1, [2], []]}', b"[" * 100_000])
def test_a_damaged_file_is_as_none(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_CACHE_DIR", str(tmp_path))
    remember(GlobalOptions(), "jobs", [["a"]])
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)
    assert remembered(GlobalOptions(), "jobs") == []
    remember(GlobalOptions(), "jobs", [["b"]])
    assert remembered(GlobalOptions(), "jobs") == [["b"]]


def test_control_characters_do_not_reach_the_terminal() -> None:
    remember(GlobalOptions(), "jobs", [["5f2a\x1b[2J", "completed", "", "a\x1b]0;x\x07\nb"]])
    ((value, about),) = complete("comfy-cloud jobs show ")
    assert "\x1b" not in value + about


HOSTILE = [
    "a$(touch M)", "a`touch M`", "a;touch M;", "a|touch", "a&touch", "a>M", "a<M", "a'b", 'a"b', "a\\b",
    "a b", "a*", "a?", "a[b]", "a!b", "a#b", "a~b", "a(b)",
]  # fmt: skip


def test_bash_gets_no_value_that_it_would_run() -> None:
    """It puts a value into the command line without quotes."""
    remember(GlobalOptions(), "nodes", [[name, "x"] for name in (*HOSTILE, "a-b_c.d/e:f@g{h}%=+,i")])
    shown = completions("bash", "comfy-cloud nodes show a", "3")
    assert shown == ["plain,a-b_c.d/e:f@g{h}%=+,i"]
    offered = [value for value, _ in complete("comfy-cloud nodes show a")]
    assert {"a b", "a(b)"} <= set(offered)  # other shells quote what needs it
