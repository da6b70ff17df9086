"""The options that submit, run and map share: one list of names, with defaults and a check."""

from __future__ import annotations

import dataclasses
from typing import cast

import pytest

from comfy_cloud._submission.options import SubmitArguments, SubmitOptions

NAMES = {
    "randomise_seeds",
    "extra_data",
    "partial_execution_targets",
    "workflow_id",
    "client_id",
    "partner_nodes",
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
