"""Every operation of the contract has a method in both clients or a reason, and a row in API.md."""

from __future__ import annotations

import re
from typing import Any

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    AsyncJob,
    AsyncRemoteOutput,
    AsyncSyncedMirror,
    ComfyCloud,
    Job,
    RemoteOutput,
    SyncedMirror,
)
from comfy_cloud.contract._documents.operations import ContractOperation, operations_of
from comfy_cloud.contract._documents.release import merged_contract, methods_by_operation
from scripts import api_map
from scripts.client_docs.generated_modules import generated_modules
from scripts.project.checkout import Checkout
from tests.project.test_public_names import ASYNC_RESOURCES, RESOURCES

CHECKOUT = Checkout()
OPERATIONS = {operation.id: operation for operation in operations_of(merged_contract())}
METHODS = api_map.wrapper_methods(CHECKOUT, CHECKOUT.generated)
MAP, _, MAP_OF_V2 = CHECKOUT.api_map.read_text(encoding="utf-8").partition("\n## API v2\n")


def method(label: str, is_async: bool) -> Any:
    """The method for a name such as `cloud.jobs.list` or `job.cancel`."""
    *path, name = label.split(".")
    client, job, resources = (
        (AsyncComfyCloud, AsyncJob, ASYNC_RESOURCES) if is_async else (ComfyCloud, Job, RESOURCES)
    )
    owners: dict[tuple[str, ...], type] = {("cloud",): client, ("job",): job}
    owners[("remote_output",)] = AsyncRemoteOutput if is_async else RemoteOutput
    owners[("synced_mirror",)] = AsyncSyncedMirror if is_async else SyncedMirror
    owners |= {("cloud", resource): kind for resource, kind in resources.items()}
    return getattr(owners[tuple(path)], name)


# Operations that only `cloud.call` and `comfy-cloud api` send, and why.
_UNOFFICIAL = "in no public document; first-party clients use it, and it may change without notice"
WITHOUT_METHOD = {
    "createWorkflow": _UNOFFICIAL,
    "createWorkflowVersion": _UNOFFICIAL,
    "deleteWorkflow": _UNOFFICIAL,
    "forkWorkflow": _UNOFFICIAL,
    "freeMemory": "without effect on the cloud; a self-hosted server frees memory itself",
    "getBillingPlans": _UNOFFICIAL,
    "getBillingStatus": _UNOFFICIAL,
    "getCurrentWorkspace": _UNOFFICIAL,
    "getWorkflow": _UNOFFICIAL,
    "getWorkflowContent": _UNOFFICIAL,
    "listWorkflows": _UNOFFICIAL,
}


def lacks_a_method(name: str) -> str:
    """What to do about an operation that no method of the wrapper leads to."""
    operation = OPERATIONS[name]
    module = generated_modules(CHECKOUT.generated)[name][0]
    folder, _, stem = module.rpartition(".")
    return (
        f"No method of the wrapper leads to {name} ({operation.http}). Until it has one, it can be sent with "
        f"`from comfy_cloud_api.api.{folder} import {stem}; cloud.call({stem}, ...)`. Add a method to the "
        "module of its noun in wrapper/comfy_cloud/_async, name "
        f"`({operation.http})` in the first sentence of its docstring, and run `make unasync api-map`."
    )


def test_the_contract_has_operations() -> None:
    assert len(OPERATIONS) >= 42
    assert OPERATIONS.keys() == METHODS.keys()


@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - WITHOUT_METHOD.keys()))
def test_an_operation_has_a_method_and_a_row(operation: str) -> None:
    labels = METHODS[operation]
    assert labels, lacks_a_method(operation)
    for label in labels:
        for is_async in (False, True):
            function = method(label, is_async)
            assert callable(function), label
            assert function.__doc__, label
            assert "return" in function.__annotations__, label
    (row,) = re.findall(rf"^\| `{operation}` \|.*$", MAP, re.MULTILINE)
    assert f"`{OPERATIONS[operation].http}`" in row
    assert any(f"`{label}`" in row for label in labels), row
    assert api_map.NO_WRAPPER not in row


@pytest.mark.parametrize("operation", sorted(WITHOUT_METHOD))
def test_an_operation_without_a_method_has_none_and_a_row(operation: str) -> None:
    assert METHODS[operation] == []
    (row,) = re.findall(rf"^\| `{operation}` \|.*$", MAP, re.MULTILINE)
    assert api_map.NO_WRAPPER in row


def test_the_map_counts_all_of_them() -> None:
    wrapped = len(OPERATIONS) - len(WITHOUT_METHOD)
    assert f"{wrapped} of {len(OPERATIONS)} operations have a wrapper method." in MAP


@pytest.mark.parametrize("operation", operations_of(merged_contract("v2")), ids=lambda one: one.id)
def test_an_operation_of_the_second_contract_has_a_row(operation: ContractOperation) -> None:
    (row,) = re.findall(rf"^\| `{operation.id}` \|.*$", MAP_OF_V2, re.MULTILINE)
    assert f"`{operation.http}`" in row


@pytest.mark.parametrize("operation", operations_of(merged_contract("v2")), ids=lambda one: one.id)
def test_an_operation_of_the_second_contract_that_is_sent_has_methods(operation: ContractOperation) -> None:
    """The row names methods exactly where a module of the client sends the operation."""
    (row,) = re.findall(rf"^\| `{operation.id}` \|.*$", MAP_OF_V2, re.MULTILINE)
    _, _, methods, sent_in, *_ = row.strip("| ").split(" | ")
    assert (methods == api_map.NO_WRAPPER) == (sent_in.strip() == "")
    for label in methods_by_operation("v2")[operation.id]:
        method(label, is_async=False)
        method(label, is_async=True)
        assert f"`{label}`" in methods


def test_an_unknown_method_would_be_noticed() -> None:
    with pytest.raises(AttributeError):
        method("cloud.jobs.levitate", is_async=False)


def test_an_operation_without_a_method_says_what_to_do() -> None:
    text = lacks_a_method("getUser")
    assert "getUser (GET /api/user)" in text
    assert "`from comfy_cloud_api.api.user import get_user; cloud.call(get_user, ...)`" in text
    assert "run `make unasync api-map`" in text
