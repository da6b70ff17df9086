"""Reading a contract and applying the overlay to it: documents in, document out, clear errors for broken ones.

It decides nothing about code generation and writes no file.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from jsonpath_ng.ext import parse as parse_jsonpath
from oas_patch import apply_overlay

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "openapi-cloud.yaml"
OVERLAY = ROOT / "openapi-overlay.yaml"


class ContractError(Exception):
    """A contract or overlay that cannot be used; the message says which, why, and what to do."""


class _Loader(yaml.CSafeLoader):
    """Safe YAML in which dates stay text, as JSON has no dates."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read_document(text: str | bytes, name: str) -> dict[str, Any]:
    """The mapping in a YAML or JSON text; `name` is how errors call it."""
    try:
        document = yaml.load(text, _Loader)  # noqa: S506 - a subclass of the safe loader
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise ContractError(f"{name} is neither YAML nor JSON: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise ContractError(f"{name} holds a {type(document).__name__}; an OpenAPI document is a mapping")
    return document


def read_contract(text: str | bytes, name: str) -> dict[str, Any]:
    """An OpenAPI 3 document. Raises ContractError for anything else, Swagger 2 included."""
    document = read_document(text, name)
    if "swagger" in document:
        raise ContractError(
            f"{name} is Swagger {document['swagger']}; this needs OpenAPI 3. Convert it first, with swagger2openapi."
        )
    version = str(document.get("openapi", ""))
    if not version.startswith("3."):
        raise ContractError(f"{name} has no `openapi: 3.x` line: is it an OpenAPI document?")
    if not isinstance(document.get("paths"), dict) or not document["paths"]:
        raise ContractError(f"{name} has no paths: there is nothing to make a client of")
    return document


def merged(contract: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    """The contract with every action of the overlay applied, in order. Neither argument is changed.

    Raises ContractError naming every action whose target matches nothing.
    """
    result, unmatched = apply_actions(contract, overlay)
    if unmatched:
        listed = "\n".join(f"  {action['target']}  ({action.get('description', 'no description')})" for action in unmatched)
        raise ContractError(
            f"{len(unmatched)} overlay action(s) match nothing in the contract. Correct or remove them in "
            f"{OVERLAY.name}:\n{listed}"
        )
    return result


def apply_actions(
    contract: dict[str, Any], overlay: dict[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The contract with the overlay applied, and the actions that matched nothing (they are left out)."""
    result = copy.deepcopy(contract)
    unmatched = []
    for action in overlay.get("actions", []):
        try:
            path = parse_jsonpath(action["target"])
        except Exception as error:  # the library raises plain Exception for a bad path
            raise ContractError(f"The overlay target {action.get('target')!r} is not a JSONPath: {error}") from None
        if not path.find(result):
            unmatched.append(action)
            continue
        apply_overlay(result, {"actions": [copy.deepcopy(action)]})
    return result, unmatched


def redundant_actions(contract: dict[str, Any], overlay: dict[str, Any]) -> list[dict[str, Any]]:
    """The update actions that change nothing: the contract says by now what they would add."""
    current = copy.deepcopy(contract)
    found = []
    for action in overlay.get("actions", []):
        changed, unmatched = apply_actions(current, {"actions": [action]})
        if not unmatched and _says_the_same(current, changed):
            found.append(action)
        current = changed
    return found


def _says_the_same(one: Any, other: Any) -> bool:
    """Equal but for repeated items of lists, which an update appends once more."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_says_the_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return all(item in one for item in other) and all(item in other for item in one)
    return bool(one == other)
