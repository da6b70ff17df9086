"""Each way in which a public method can lead to an operation, and none in which it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_cloud.contract._documents.reader import ContractError
from scripts.wrapper_scan.scan import WrapperScan

from .composed import EXPECTED, written

EXPORTED = {"AsyncComfyCloud", "AsyncJob", "AsyncWatch"}


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> WrapperScan:
    return WrapperScan(written(tmp_path_factory.mktemp("composed")), EXPORTED)


@pytest.fixture(scope="module")
def methods(scan: WrapperScan) -> dict[str, dict[str, int]]:
    return scan.methods_by_module()


@pytest.mark.parametrize("module", EXPECTED)
def test_the_methods_that_lead_to_an_operation(methods: dict[str, dict[str, int]], module: str) -> None:
    # The exported watch is reached by users too, where it is public itself.
    found = {call for call in methods[module] if not call.startswith("watch.")}
    assert found == EXPECTED[module]


def test_every_operation_that_is_used_is_found(methods: dict[str, dict[str, int]]) -> None:
    assert methods.keys() == EXPECTED.keys()


def test_the_number_of_functions_in_between(methods: dict[str, dict[str, int]]) -> None:
    assert methods["job.get_queue"] == {
        "cloud.queue.get": 0,
        "cloud.queue.remaining": 1,
        "cloud.remaining": 2,
    }


def test_public_classes_are_the_client_its_nouns_and_the_exported_ones_in_order(scan: WrapperScan) -> None:
    assert {cls.name: label for cls, label in scan.labels().items()} == {
        "AsyncComfyCloud": "cloud",
        "AsyncFiles": "cloud.files",
        "AsyncQueue": "cloud.queue",
        "AsyncJobs": "cloud.jobs",
        "AsyncHistory": "cloud.history",
        "AsyncJob": "job",
        "AsyncWatch": "watch",
    }
    assert list(scan.labels().values()) == [
        "cloud",
        "cloud.files",
        "cloud.queue",
        "cloud.jobs",
        "cloud.history",
        "job",
        "watch",
    ]
    assert [label for cls, label in scan.labels().items() if scan.is_noun(cls)] == [
        "cloud.files",
        "cloud.queue",
        "cloud.jobs",
        "cloud.history",
    ]


def test_without_a_client_there_is_no_map(tmp_path: Path) -> None:
    folder = tmp_path / "_async"
    folder.mkdir()
    with pytest.raises(ContractError, match=r"_async/client.py has no AsyncComfyCloud"):
        WrapperScan(folder, set())
