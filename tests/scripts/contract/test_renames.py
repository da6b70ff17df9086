"""Operations that a newer contract calls otherwise keep the names of our generated modules."""

from __future__ import annotations

from typing import Any

from comfy_cloud.contract._documents.operations import operations_of
from scripts.contract.overlay import merged
from scripts.contract.renames import Rename, keeping_actions, renames

Document = dict[str, Any]


def contract(**operations: str) -> Document:
    """A contract with a GET per path: its operationId and, after a space, its tag."""
    paths: Document = {}
    for path, text in operations.items():
        name, _, tag = text.partition(" ")
        paths[f"/{path}"] = {"get": {"operationId": name, "responses": {}}}
        if tag:
            paths[f"/{path}"]["get"]["tags"] = [tag, "more"]
    return {"paths": paths}


def kept(ours: Document, newer: Document) -> list[tuple[str, str]]:
    """Names and tags of the newer contract with the actions that keep ours."""
    actions = keeping_actions(renames(ours, newer), newer)
    return [(op.id, op.tag) for op in operations_of(merged(newer, {"actions": actions}))]


def test_the_same_names_need_no_action() -> None:
    assert renames(contract(a="one x"), contract(a="one x")) == []


def test_a_name_and_a_tag_are_kept() -> None:
    ours, newer = contract(a="one x", b="two"), contract(a="uno y", b="dos z")
    assert kept(ours, newer) == [("one", "x"), ("two", "default")]
    assert [rename.text for rename in renames(ours, newer)] == [
        "one is called uno, tag x is y",
        "two is called dos, tag default is z",
    ]


def test_a_tag_that_is_gone_comes_back() -> None:
    assert kept(contract(a="one x"), contract(a="one")) == [("one", "x")]


def test_names_that_change_places_are_both_kept() -> None:
    assert kept(contract(a="one", b="two"), contract(a="two", b="one")) == [
        ("one", "default"),
        ("two", "default"),
    ]


def test_a_name_that_a_new_operation_has_cannot_be_kept() -> None:
    newer = contract(a="uno", c="one")
    assert renames(contract(a="one"), newer) == [
        Rename("GET /a", "one", "uno", "default", "default", is_kept=False)
    ]
    assert kept(contract(a="one"), newer) == [("uno", "default"), ("one", "default")]


def test_another_name_of_a_path_parameter_is_the_same_path() -> None:
    ours, newer = contract(), contract()
    ours["paths"] = {"/a/{id}": {"get": {"operationId": "one", "responses": {}}}}
    newer["paths"] = {"/a/{name}": {"get": {"operationId": "uno", "responses": {}}}}
    assert kept(ours, newer) == [("one", "default")]


def test_a_path_that_a_target_cannot_name_is_left_alone() -> None:
    ours, newer = contract(), contract()
    ours["paths"] = {"/it's": {"get": {"operationId": "one", "responses": {}}}}
    newer["paths"] = {"/it's": {"get": {"operationId": "uno", "responses": {}}}}
    assert [rename.is_kept for rename in renames(ours, newer)] == [False]
