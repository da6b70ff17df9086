"""What `comfy_cloud.contract` exports, and that its names are imported late."""

from __future__ import annotations

import subprocess
import sys

import pytest

import comfy_cloud.contract
from scripts import exports

NAMES = [
    "Change", "ContractChecker", "ContractError", "Deviation", "Report", "Unchecked", "compare",
    "fetched_contract", "merged_contract", "methods_by_operation", "methods_touched", "published_contract",
    "read_contract", "run_contract",
]  # fmt: skip


def test_the_names_are_those_that_were_promised() -> None:
    assert comfy_cloud.contract.__all__ == NAMES
    assert dir(comfy_cloud.contract) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_name_can_be_imported(name: str) -> None:
    value = getattr(comfy_cloud.contract, name)
    assert value.__name__ == name
    assert value is vars(comfy_cloud.contract)[name]  # the second time it costs nothing


def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(AttributeError, match=r"module 'comfy_cloud.contract' has no attribute 'Problem'"):
        comfy_cloud.contract.Problem  # type: ignore[attr-defined] # noqa: B018


def test_the_table_of_names_is_what_the_package_makes() -> None:
    assert exports.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("name", "missing"),
    [("run_contract", "jsonschema"), ("compare", "yaml"), ("merged_contract", None)],
)
def test_a_missing_package_is_named_with_the_extra(name: str, missing: str | None) -> None:
    without = f"sys.modules.update(dict.fromkeys({[missing]!r}));" if missing else ""
    code = f"import sys; {without} from comfy_cloud.contract import {name}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if missing is None:
        assert done.returncode == 0, done.stderr
    else:
        message = f"comfy_cloud.contract needs the package {missing}: pip install 'comfy-cloud[contract]'"
        assert done.stderr.endswith(f"ModuleNotFoundError: {message}\n")


def test_a_package_costs_nothing_until_a_name_is_used() -> None:
    code = "import sys, comfy_cloud.contract; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"yaml", "jsonschema", "httpx", "comfy_cloud_api"} & set(done.stdout.split())
