"""Which tests an update runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.contract.chosen_tests import chosen_tests
from scripts.project.checkout import ROOT

ALWAYS = {
    "tests/_async/test_call.py",
    "tests/_sync/test_call.py",
    "tests/contract/test_exchanges.py",
    "tests/generated/test_requests.py",
    "tests/generated/test_responses.py",
    "tests/project/test_every_operation.py",
}


@pytest.mark.parametrize(
    ("methods", "noun"),
    [
        (["cloud.assets.upload"], "assets"),
        (["job.cancel"], "job"),
        (["cloud.userdata.read", "cloud.submit"], "userdata"),
    ],
)
def test_those_of_the_nouns_in_both_forms(methods: list[str], noun: str) -> None:
    found = set(chosen_tests(ROOT, methods))
    assert found >= ALWAYS | {f"tests/_async/test_{noun}.py", f"tests/_sync/test_{noun}.py"}
    assert not any("odd_contracts" in name or "test_workflows" in name for name in found)
    assert all((ROOT / name).is_file() for name in found)


def test_a_checkout_with_other_tests_runs_all(tmp_path: Path) -> None:
    assert chosen_tests(tmp_path, ["cloud.assets.upload"]) == ["tests"]
