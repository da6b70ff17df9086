"""Which tests an update runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.contract.chosen_tests import chosen_tests
from scripts.project.checkout import ROOT, V2

OF_BOTH = {
    "tests/_async/test_call.py",
    "tests/_sync/test_call.py",
    "tests/generated/test_imports.py",
    "tests/project/test_every_operation.py",
}
OF_V1 = {
    f"tests/generated/test_{name}.py"
    for name in ("client", "late_models", "models", "pages", "properties", "readme", "requests")
}
OF_V1 |= {"tests/generated/test_response_table.py", "tests/generated/test_responses.py"}
OF_V2 = {f"tests/{form}/test_api_v2.py" for form in ("_async", "_sync")}
OF_V2 |= {"tests/generated/test_second_contract.py"}


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
    assert found >= OF_BOTH | OF_V1 | {f"tests/_async/test_{noun}.py", f"tests/_sync/test_{noun}.py"}
    assert not found & OF_V2
    assert not any("odd_contracts" in name or "test_workflows" in name for name in found)
    assert all((ROOT / name).is_file() for name in found)


def test_those_of_the_second_contract() -> None:
    assert set(chosen_tests(ROOT, [], V2)) == OF_BOTH | OF_V2


def test_no_test_of_generated_code_is_forgotten() -> None:
    """A new test of it belongs to one of the contracts, or is named here with a reason."""
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "generated").glob("test_*.py")}
    makes_other_clients = {"tests/generated/test_odd_contracts.py"}
    assert there - makes_other_clients == {
        name for name in OF_BOTH | OF_V1 | OF_V2 if name.startswith("tests/generated/")
    }


def test_a_checkout_with_other_tests_runs_all(tmp_path: Path) -> None:
    assert chosen_tests(tmp_path, ["cloud.assets.upload"]) == ["tests"]
