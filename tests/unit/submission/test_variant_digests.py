"""What identifies a variant: its graph with local files by their content."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ConfigurationError, Workflow
from comfy_cloud._submission.variant_digests import VariantDigests, file_key

GRAPH: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png", "scale": 2.0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}, "_meta": {"title": "Save"}},
}


def test_the_digest_in_journals_never_changes(tmp_path: Path) -> None:
    """A map finds its variants in the journal of an earlier version only by these digests."""
    assert VariantDigests().of(Workflow(GRAPH)) == "ff9de79658750cc0c39a94e61ea405c874eb1bd1"
    assert (
        VariantDigests().of(Workflow(GRAPH), [["9"], "w-1", True])
        == "35d188679245721d7df05166786af4b8a300ea95"
    )
    (tmp_path / "a.png").write_bytes(b"x")
    workflow = Workflow(GRAPH)
    workflow.set_inputs({"1.image": tmp_path / "a.png", "1.scale": 2**64 - 1})
    assert VariantDigests().of(workflow) == "56247e201e39ded5883e350e936b48cbd97426f2"


@pytest.mark.parametrize(("one", "other"), [(2**60, 2**60 + 1), (True, 1), (2, 2.5), ("2", 2), (None, 0)])
def test_variants_with_other_inputs_are_other_variants(one: object, other: object) -> None:
    def digest(value: object) -> str:
        workflow = Workflow(GRAPH)
        workflow.set_inputs({"1.scale": value})
        return VariantDigests().of(workflow)

    assert digest(one) != digest(other)


def test_local_files_count_by_their_content(tmp_path: Path) -> None:
    one, same, other = tmp_path / "one.png", tmp_path / "same.png", tmp_path / "other.png"
    for path, content in ((one, b"x"), (same, b"x"), (other, b"y")):
        path.write_bytes(content)

    def digest(path: Path, *beside: object) -> str:
        workflow = Workflow(GRAPH)
        workflow.set_inputs({"1.image": path})
        return VariantDigests().of(workflow, *beside)

    assert digest(one) == digest(same) != digest(other)
    assert digest(one, 1) != digest(one)
    with pytest.raises(ConfigurationError, match="local file"):
        digest(tmp_path / "gone.png")


def test_a_file_that_did_not_change_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"one")
    workflow = Workflow(GRAPH)
    workflow.set_inputs({"1.image": path})
    digests = VariantDigests()
    reads: list[Path] = []
    read = Path.open
    monkeypatch.setattr(Path, "open", lambda self, mode: (reads.append(self), read(self, mode))[1])
    first = digests.of(workflow)
    assert digests.of(workflow) == first
    assert len(reads) == 1
    monkeypatch.undo()
    path.write_bytes(b"two")  # as long as before
    os.utime(path, (1_790_000_000, 1_790_000_000))
    assert digests.of(workflow) != first
    path.write_bytes(b"another")
    assert digests.of(workflow) != first
    monkeypatch.setattr("comfy_cloud._submission.variant_digests._MAX_CACHED_FILES", 1)
    path.write_bytes(b"third one")
    digests.of(workflow)
    assert len(digests._cache) == 1


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        file_key(tmp_path / "gone")
    workflow = Workflow(GRAPH)
    workflow.set_inputs({"1.image": tmp_path})
    with pytest.raises(ConfigurationError, match="Is a directory"):
        VariantDigests().of(workflow)
