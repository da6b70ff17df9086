"""Overlay actions that no longer fit a contract, also those that need what is gone."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from comfy_cloud.contract._documents.reader import check_references, read_document
from scripts.contract.fitting import unfitting_actions, without_actions
from scripts.contract.overlay import merged
from scripts.project.checkout import Checkout

from ..copies import contract_of, overlay_of

CONTRACT = contract_of(Checkout())
OVERLAY_TEXT = Checkout().overlay.read_text(encoding="utf-8")
OVERLAY = overlay_of(Checkout())


def fitting(contract: dict[str, Any], text: str) -> dict[str, Any]:
    overlay = read_document(text, "overlay")
    gone = unfitting_actions(contract, overlay)
    return read_document(without_actions(text, overlay, gone, "overlay"), "overlay")


def test_our_overlay_fits_our_contract() -> None:
    assert unfitting_actions(CONTRACT, OVERLAY) == []


@pytest.mark.parametrize("name", ["ErrorResponse", "PaginationInfo", "PromptErrorResponse"])
def test_what_refers_to_a_schema_of_another_name_goes_too(name: str) -> None:
    old, new = f'"#/components/schemas/{name}"', f'"#/components/schemas/New{name}"'
    contract = json.loads(json.dumps(CONTRACT).replace(old, new))
    schemas = contract["components"]["schemas"]
    schemas[f"New{name}"] = schemas.pop(name)
    check_references(contract)
    check_references(merged(contract, fitting(contract, OVERLAY_TEXT)))


def test_what_is_left_without_its_ground_is_found_as_well() -> None:
    actions = [
        {"target": "$.gone", "update": {"a": {"b": 1}}},
        {"target": "$.there", "update": {"new": {"$ref": "#/gone/a"}}},
        {"target": "$.there.new", "update": {"more": 1}},
        {"target": "$.there", "update": {"fine": {"$ref": "#/there"}}},
    ]
    text = yaml.safe_dump({"actions": actions})
    assert fitting({"there": {}}, text)["actions"] == actions[3:]
    assert fitting({"there": {}, "gone": {}}, text)["actions"] == actions
