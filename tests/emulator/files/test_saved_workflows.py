"""Operations that first-party clients use and no public document has, sent with `cloud.call`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import BadRequest, ComfyCloud, Conflict, NotFound
from comfy_cloud_api.api.system import free_memory
from comfy_cloud_api.api.user import get_billing_plans, get_billing_status, get_current_workspace
from comfy_cloud_api.api.workflow import (
    create_workflow,
    create_workflow_version,
    delete_workflow,
    fork_workflow,
    get_workflow,
    get_workflow_content,
    list_workflows,
)
from comfy_cloud_api.models.free_memory_request import FreeMemoryRequest
from comfy_cloud_api.models.saved_workflow import SavedWorkflow
from comfy_cloud_api.models.saved_workflow_change import SavedWorkflowChange
from comfy_cloud_api.models.saved_workflow_creation import SavedWorkflowCreation
from comfy_cloud_api.models.saved_workflow_fork import SavedWorkflowFork
from comfy_cloud_emulator import Emulator

GRAPH = {"nodes": [{"id": 1, "type": "SaveImage"}], "links": []}
CHANGED: dict[str, Any] = {"nodes": [], "links": []}
NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def cloud(empty_emulator: Emulator) -> Iterator[ComfyCloud]:
    with ComfyCloud(api_key=empty_emulator.key, base_url=empty_emulator.url) as client:
        yield client


def created(cloud: ComfyCloud, name: str, **details: str) -> SavedWorkflow:
    body = SavedWorkflowCreation.from_dict({"workflow_json": GRAPH, "name": name, **details})
    return cloud.call(create_workflow, body=body)


def id_of(workflow: SavedWorkflow) -> str:
    assert workflow.id is not None
    return workflow.id


def names(cloud: ComfyCloud, **query: Any) -> list[str | None]:
    return [workflow.name for workflow in cloud.call(list_workflows, **query).data or ()]


def change(base: int) -> SavedWorkflowChange:
    return SavedWorkflowChange.from_dict({"base_version": base, "workflow_json": CHANGED})


def test_a_workflow_is_saved_read_and_deleted(cloud: ComfyCloud) -> None:
    saved = created(cloud, "Portrait", description="for faces", default_view="app")
    assert (saved.name, saved.description, saved.default_view, saved.latest_version) == (
        "Portrait", "for faces", "app", 1
    )  # fmt: skip
    assert cloud.call(get_workflow, id_of(saved)) == saved
    content = cloud.call(get_workflow_content, id_of(saved))
    assert (content.version, content.workflow_json) == (1, GRAPH)
    cloud.call(delete_workflow, id_of(saved))
    for operation in (get_workflow, get_workflow_content, delete_workflow):
        with pytest.raises(NotFound):
            cloud.call(operation, id_of(saved))


def test_a_version_is_added_to_the_latest_one_only(cloud: ComfyCloud) -> None:
    saved = created(cloud, "Portrait")
    assert cloud.call(create_workflow_version, id_of(saved), body=change(1)).version == 2
    with pytest.raises(Conflict, match="the latest version is 2, not 1"):
        cloud.call(create_workflow_version, id_of(saved), body=change(1))
    assert cloud.call(get_workflow, id_of(saved)).latest_version == 2
    assert cloud.call(get_workflow_content, id_of(saved)).workflow_json == CHANGED
    with pytest.raises(NotFound):
        cloud.call(create_workflow_version, NOBODYS, body=change(1))


def test_a_copy_begins_with_a_version_of_the_original(cloud: ComfyCloud) -> None:
    saved = created(cloud, "Portrait")
    cloud.call(create_workflow_version, id_of(saved), body=change(1))
    body = SavedWorkflowFork(source_version=1, name="Landscape")
    copied = cloud.call(fork_workflow, id_of(saved), body=body)
    assert (copied.name, copied.latest_version) == ("Landscape", 1)
    assert copied.forked_from is not None
    assert copied.forked_from.workflow_id == id_of(saved)
    assert cloud.call(get_workflow_content, id_of(copied)).workflow_json == GRAPH
    with pytest.raises(NotFound, match="no such version"):
        cloud.call(fork_workflow, id_of(saved), body=SavedWorkflowFork(source_version=9))


def test_lists_are_filtered_sorted_and_paged(cloud: ComfyCloud) -> None:
    for name, view in (("b dog", "app"), ("a Dog", "workflow"), ("c cat", "app")):
        created(cloud, name, default_view=view)
    assert names(cloud, name="DOG", sort="name", order="asc") == ["a Dog", "b dog"]
    assert names(cloud, default_view="workflow") == ["a Dog"]
    assert names(cloud, sort="name", order="asc", limit=2, offset=2) == ["c cat"]
    for offset, has_more in ((0, True), (2, False)):
        pagination = cloud.call(list_workflows, limit=2, offset=offset).pagination
        assert pagination is not None
        assert (pagination.total, pagination.has_more) == (3, has_more)


def test_fields_that_are_too_long_are_refused(cloud: ComfyCloud) -> None:
    with pytest.raises(BadRequest, match="name: expected at most 255 characters, got 256"):
        created(cloud, "x" * 256)


def test_saved_workflows_survive_a_restart(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as first, ComfyCloud(api_key=first.key, base_url=first.url) as cloud:
        saved = created(cloud, "Portrait")
    with Emulator(data=tmp_path) as second, ComfyCloud(api_key=second.key, base_url=second.url) as cloud:
        assert cloud.call(get_workflow, id_of(saved)) == saved


def test_the_subscription_and_the_plans_are_those_of_the_account(
    cloud: ComfyCloud, empty_emulator: Emulator
) -> None:
    empty_emulator.account.tier, empty_emulator.account.credits = "creator", 0
    status = cloud.call(get_billing_status)
    assert (status.is_active, status.has_funds, status.subscription_tier) == (True, False, "CREATOR")
    plans = cloud.call(get_billing_plans)
    assert plans.current_plan_slug == status.plan_slug == "creator-monthly"
    available = {}
    for plan in plans.plans or ():
        assert plan.availability is not None
        available[plan.slug] = plan.availability.available
    assert available == {
        "free-monthly": True, "standard-monthly": True, "creator-monthly": False, "pro-monthly": True
    }  # fmt: skip
    workspace = cloud.call(get_current_workspace)
    assert (workspace.type_, workspace.role) == ("personal", "owner")


def test_an_ended_subscription_has_no_plan(cloud: ComfyCloud, empty_emulator: Emulator) -> None:
    empty_emulator.account.subscription_active = False
    status = cloud.call(get_billing_status)
    assert (status.is_active, status.subscription_status, status.plan_slug) == (False, "ended", None)
    assert cloud.call(get_billing_plans).current_plan_slug is None


def test_memory_can_be_freed(cloud: ComfyCloud, empty_emulator: Emulator) -> None:
    cloud.call(free_memory, body=FreeMemoryRequest(unload_models=True))
    cloud.call(free_memory)
    bodies = [request.body for request in empty_emulator.requests if request.path == "/api/free"]
    assert bodies[0] == b'{"unload_models":true}'
