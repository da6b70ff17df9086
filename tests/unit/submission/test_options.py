"""The options that submit, run and map share, and the request body made from them."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._settings.config import load
from comfy_cloud._submission.options import SubmitArguments, SubmitOptions, partner_key_of

NAMES = {
    "randomise_seeds",
    "extra_data",
    "partial_execution_targets",
    "workflow_id",
    "client_id",
    "partner_nodes",
    "upload_progress",
    "idempotency_key",
}


def test_arguments_and_options_have_the_same_names() -> None:
    assert SubmitArguments.__optional_keys__ == NAMES
    assert {field.name for field in dataclasses.fields(SubmitOptions)} == NAMES


def test_given_arguments_become_options() -> None:
    given: SubmitArguments = {
        "randomise_seeds": True,
        "extra_data": {"project": "x"},
        "partial_execution_targets": ["9"],
        "workflow_id": "w-1",
        "client_id": "c-1",
        "partner_nodes": False,
        "upload_progress": True,
        "idempotency_key": "order-17",
    }
    options = SubmitOptions.from_arguments("submit", given)
    assert dataclasses.asdict(options) == dict(given)


def test_missing_arguments_have_defaults() -> None:
    options = SubmitOptions.from_arguments("submit", {})
    assert options.randomise_seeds is False
    others = NAMES - {"randomise_seeds"}
    assert all(getattr(options, name) is None for name in others)


@pytest.mark.parametrize("method", ["submit", "run", "map"])
def test_an_unknown_argument_is_refused_as_by_a_signature(method: str) -> None:
    arguments = cast("SubmitArguments", {"partner_nodes": True, "randomize_seeds": True})
    with pytest.raises(TypeError) as caught:
        SubmitOptions.from_arguments(method, arguments)

    assert str(caught.value) == f"{method}() got an unexpected keyword argument 'randomize_seeds'"


# The request body


GRAPH: dict[str, Any] = {"1": {"class_type": "SaveImage", "inputs": {}}}


def test_the_smallest_body() -> None:
    assert SubmitOptions().body(GRAPH, None, "n1", "c1", None) == {
        "prompt": GRAPH,
        "extra_data": {"comfy_cloud_nonce": "n1"},
        "client_id": "c1",
    }


def test_a_body_with_an_idempotency_key_has_the_digest_of_its_request_and_no_older_one() -> None:
    options = SubmitOptions(extra_data={"comfy_cloud_request": "of the job that is run again"})
    assert options.body(GRAPH, None, "n1", "c1", None)["extra_data"] == {"comfy_cloud_nonce": "n1"}
    assert options.body(GRAPH, None, "n1", "c1", None, "r1")["extra_data"]["comfy_cloud_request"] == "r1"


def test_a_body_with_everything() -> None:
    options = SubmitOptions(
        extra_data={"project": "x", "comfy_cloud_nonce": "not this"},
        partial_execution_targets=iter(["9", 10]),  # type: ignore[list-item]
        workflow_id="w-1",
    )
    assert options.body(GRAPH, {"nodes": []}, "n1", "c1", "key") == {
        "prompt": GRAPH,
        "extra_data": {
            "project": "x",
            "comfy_cloud_nonce": "n1",
            "extra_pnginfo": {"workflow": {"nodes": []}},
            "api_key_comfy_org": "key",
        },
        "client_id": "c1",
        "workflow_id": "w-1",
        "partial_execution_targets": ["9", "10"],
    }
    assert options.extra_data == {"project": "x", "comfy_cloud_nonce": "not this"}


def test_a_layout_given_by_the_caller_stays() -> None:
    options = SubmitOptions(extra_data={"extra_pnginfo": {"workflow": "mine"}})
    assert options.body(GRAPH, {"nodes": []}, "n", "c", None)["extra_data"]["extra_pnginfo"] == {
        "workflow": "mine"
    }


def test_execution_targets_are_a_list() -> None:
    with pytest.raises(ConfigurationError, match=r"list of node ids, such as \['9'\], not a single string"):
        SubmitOptions(partial_execution_targets="9").body(GRAPH, None, "n", "c", None)
    assert (
        SubmitOptions(partial_execution_targets=[]).body(GRAPH, None, "n", "c", None)[
            "partial_execution_targets"
        ]
        == []
    )


@pytest.mark.parametrize("field", ["api_key_comfy_org", "auth_token_comfy_org"])
def test_a_key_for_partner_nodes_in_the_extra_data(field: str) -> None:
    assert SubmitOptions(extra_data={field: "key"}).has_partner_key
    assert not SubmitOptions(extra_data={"other": "key"}).has_partner_key
    assert not SubmitOptions().has_partner_key


API_KEY, PARTNER_KEY = "comfyui-api-key-1", "comfyui-partner-key-1"
CLOUD, OTHER = "https://cloud.comfy.org", "https://comfy.example.org"


@pytest.mark.parametrize(
    ("url", "partner_key", "partner_nodes", "sent"),
    [
        (CLOUD, None, None, API_KEY),
        (CLOUD, None, True, API_KEY),
        (CLOUD, None, False, None),
        (CLOUD, PARTNER_KEY, None, PARTNER_KEY),
        (CLOUD, PARTNER_KEY, True, PARTNER_KEY),
        (CLOUD, PARTNER_KEY, False, None),
        (OTHER, None, None, None),
        (OTHER, None, True, API_KEY),
        (OTHER, None, False, None),
        (OTHER, PARTNER_KEY, None, PARTNER_KEY),
        (OTHER, PARTNER_KEY, True, PARTNER_KEY),
        (OTHER, PARTNER_KEY, False, None),
        ("https://comfy.org.example.org", None, None, None),
        ("http://localhost:8188", None, None, None),
    ],
)
def test_which_key_is_sent_for_partner_nodes(
    url: str, partner_key: str | None, partner_nodes: bool | None, sent: str | None
) -> None:
    settings = load(api_key=API_KEY, partner_api_key=partner_key, base_url=url, environment={})
    assert partner_key_of(settings, SubmitOptions(partner_nodes=partner_nodes)) == sent
    for field in ("api_key_comfy_org", "auth_token_comfy_org"):
        given = SubmitOptions(partner_nodes=partner_nodes, extra_data={field: "given"})
        assert partner_key_of(settings, given) is None
        assert given.body(GRAPH, None, "n", "c", None)["extra_data"][field] == "given"


@pytest.mark.parametrize("url", [CLOUD, OTHER])
def test_partner_nodes_without_any_key(url: str) -> None:
    settings = load(base_url=url, environment={})
    assert partner_key_of(settings, SubmitOptions()) is None
    with pytest.raises(ConfigurationError, match="partner_api_key"):
        partner_key_of(settings, SubmitOptions(partner_nodes=True))


def test_a_partner_key_from_the_environment_is_sent() -> None:
    environment = {"COMFY_CLOUD_PARTNER_API_KEY": PARTNER_KEY}
    settings = load(base_url=OTHER, environment=environment)
    assert partner_key_of(settings, SubmitOptions()) == PARTNER_KEY
