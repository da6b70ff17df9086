"""The scan of the client as it is, held to what its docstrings say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.release import merged_contract
from scripts.exports import exported_names
from scripts.project.checkout import Checkout
from scripts.wrapper_scan.generated_modules import generated_modules
from scripts.wrapper_scan.scan import WrapperScan

CHECKOUT = Checkout()
SCAN = WrapperScan(CHECKOUT.package / "_async", set(exported_names(CHECKOUT.package / "__init__.py")))
METHODS = SCAN.methods_by_module()
MODULES = generated_modules(CHECKOUT.generated)
OPERATIONS = {operation.http: operation.id for operation in operations_of(merged_contract())}


def documented() -> Iterator[tuple[str, str]]:
    """Each public method with the operations that the first paragraph of its docstring names."""
    for cls, label in SCAN.labels().items():
        for name in dict.fromkeys(name for member in SCAN.family(cls) for name in member.methods):
            method = next(member.methods[name] for member in SCAN.family(cls) if name in member.methods)
            summary = (ast.get_docstring(method.node) or "").partition("\n\n")[0]
            for http in re.findall(r"(?:GET|HEAD|POST|PUT|DELETE) /api/[\w/{}-]+", " ".join(summary.split())):
                if not name.startswith("_") and not method.is_property:
                    yield f"{label}.{name}", http


DOCUMENTED = sorted(documented())


def test_there_are_many() -> None:
    assert len(DOCUMENTED) > 60
    assert {http for _, http in DOCUMENTED} <= OPERATIONS.keys()


@pytest.mark.parametrize(("call", "http"), DOCUMENTED)
def test_a_method_leads_to_the_operation_that_its_docstring_names(call: str, http: str) -> None:
    module, _ = MODULES[OPERATIONS[http]]
    assert call in METHODS[module]


def test_every_use_of_an_operation_is_reached_by_a_public_method() -> None:
    """A noun alone would stand for a use that the scan cannot follow."""
    nouns = set(SCAN.labels().values())
    assert {module: set(calls) & nouns for module, calls in METHODS.items() if set(calls) & nouns} == {}


def test_nouns_come_in_the_order_of_the_client() -> None:
    assert list(SCAN.labels().values())[:13] == [
        "cloud",
        *(
            f"cloud.{noun}"
            for noun in (
                "history", "jobs", "queue", "assets", "tasks", "files", "models", "nodes", "workflows",
                "userdata", "user", "system",
            )
        ),
    ]  # fmt: skip
