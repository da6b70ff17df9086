"""What makes two variants the same, and how many may run at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ConfigurationError, Workflow
from comfy_cloud._submission.variants import (
    FileDigests,
    checked_concurrency,
    checked_inputs,
    concurrency_of,
    file_key,
    graph_digest,
)

GRAPH: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png", "scale": 2.0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}, "_meta": {"title": "Save"}},
}


def test_a_graph_is_known_by_what_it_runs() -> None:
    digest = graph_digest(GRAPH)
    assert len(digest) == 40
    reordered = {"2": {**GRAPH["2"], "_meta": {}, "is_changed": "x"}, "1": GRAPH["1"]}
    assert graph_digest(reordered) == digest
    as_sent_back = {**GRAPH, "1": {"class_type": "LoadImage", "inputs": {"scale": 2, "image": "a.png"}}}
    assert graph_digest(as_sent_back) == digest


@pytest.mark.parametrize(
    "changed",
    [
        {"1": {"class_type": "LoadImage", "inputs": {"image": "b.png", "scale": 2}}},
        {"1": {"class_type": "Load", "inputs": {"image": "a.png", "scale": 2}}},
        {"1": {"class_type": "LoadImage", "inputs": {"image": "a.png", "scale": "2"}}},
        {"1": {"class_type": "LoadImage", "inputs": {"image": "a.png", "scale": 2.5}}},
        {"3": {"class_type": "A", "inputs": {}}},
        {"2": {"class_type": "SaveImage", "inputs": {"images": ["1", 1]}}},
        {"2": None},
    ],
)
def test_anything_else_that_runs_is_another_graph(changed: dict[str, Any]) -> None:
    assert graph_digest({**GRAPH, **changed}) != graph_digest(GRAPH)


def test_local_files_count_by_their_content(tmp_path: Path) -> None:
    one, same, other = tmp_path / "one.png", tmp_path / "same.png", tmp_path / "other.png"
    for path, content in ((one, b"x"), (same, b"x"), (other, b"y")):
        path.write_bytes(content)

    def digest(path: Path, *beside: object) -> str:
        workflow = Workflow(GRAPH)
        workflow.set_inputs({"1.image": path})
        return FileDigests().of(workflow, *beside)

    assert digest(one) == digest(same) != digest(other)
    assert digest(one, 1) != digest(one)
    with pytest.raises(ConfigurationError, match="local file"):
        digest(tmp_path / "gone.png")


def test_a_file_that_did_not_change_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"one")
    workflow = Workflow(GRAPH)
    workflow.set_inputs({"1.image": path})
    digests = FileDigests()
    reads: list[Path] = []
    read = Path.open
    monkeypatch.setattr(Path, "open", lambda self, mode: (reads.append(self), read(self, mode))[1])
    first = digests.of(workflow)
    assert digests.of(workflow) == first
    assert len(reads) == 1
    monkeypatch.undo()
    path.write_bytes(b"another")
    assert digests.of(workflow) != first
    monkeypatch.setattr("comfy_cloud._submission.variants._MOST_FILES_KNOWN", 1)
    path.write_bytes(b"third one")
    digests.of(workflow)
    assert len(digests._known) == 1


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        file_key(tmp_path / "gone")
    workflow = Workflow(GRAPH)
    workflow.set_inputs({"1.image": tmp_path})
    with pytest.raises(ConfigurationError, match="Is a directory"):
        FileDigests().of(workflow)


@pytest.mark.parametrize(
    ("features", "number"),
    [
        ({"max_concurrent_jobs": 7, "tier": "free"}, 7),
        ({"max_concurrent_jobs": 0, "tier": "Pro "}, 5),
        ({"max_concurrent_jobs": True, "subscription_tier": "CREATOR"}, 3),
        ({"max_concurrent_jobs": "5", "plan": "team"}, 25),
        ({"tier": "platinum"}, 1),
        ({"tier": 3}, 1),
        ({}, 1),
        (None, 1),
    ],
)
def test_how_many_may_run(features: Any, number: int) -> None:
    assert concurrency_of(features) == number


@pytest.mark.parametrize("inputs", ["text", b"", {"6.text": "a cat"}, 7, None])
def test_what_is_no_series_of_inputs(inputs: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"inputs of many variants.*run\(\)"):
        checked_inputs(inputs)


@pytest.mark.parametrize("concurrency", [0, -1, 1.5, "3", True])
def test_what_is_no_concurrency(concurrency: Any) -> None:
    with pytest.raises(ConfigurationError, match="whole number of 1 or more"):
        checked_concurrency(concurrency)


def test_what_can_be_used() -> None:
    assert checked_concurrency(None) is None
    assert checked_concurrency(3) == 3
    assert list(checked_inputs(iter([{}]))) == [{}]
