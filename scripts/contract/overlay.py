"""The overlay applied to a contract: documents in, document out.

An overlay is a list of actions, each of which updates or removes what a JSONPath matches.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any

from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.parser import parse as parse_jsonpath
from oas_patch import apply_overlay

from comfy_cloud.contract._documents.keywords import NodeKind, interface, is_words_only, kind_below
from comfy_cloud.contract._documents.reader import ContractError, resolved

_SCALAR_LISTS = frozenset({"enum", "required", "tags"})


def merged(contract: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    """The contract with every action of the overlay applied in order. Neither argument is changed.

    List items and parameters that an action repeats are kept once. Raises ContractError naming
    every action whose target matches nothing.
    """
    result, unmatched = apply_actions(contract, overlay)
    if unmatched:
        raise ContractError(
            f"{len(unmatched)} overlay action(s) match nothing in the contract. Correct or remove them:\n"
            f"{listed_actions(unmatched)}"
        )
    return result


def listed_actions(actions: list[dict[str, Any]]) -> str:
    """One indented line per action, for messages."""
    return "\n".join(
        f"  {action['target']}  ({' '.join(str(action.get('description', 'no description')).split())})"
        for action in actions
    )


def apply_actions(
    contract: dict[str, Any], overlay: dict[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The contract with the overlay applied, and the actions that match nothing in it."""
    result = copy.deepcopy(contract)
    unmatched = []
    for action in actions_of(overlay):
        if _matches(result, action):
            apply_overlay(result, {"actions": [copy.deepcopy(action)]})
        else:
            unmatched.append(action)
    _drop_repeats(result, result)
    return result, unmatched


def redundant_actions(contract: dict[str, Any], overlay: dict[str, Any]) -> list[dict[str, Any]]:
    """The actions that no longer change the interface, because the contract has caught up with
    them.

    Neighbouring actions with the same description and source state one fact, such as a list that is
    removed and written again; they are judged together. An action that only changes descriptions is
    redundant when the contract has the same descriptions. Actions that match nothing are not
    judged.
    """
    current = copy.deepcopy(contract)
    found = []
    for _, neighbours in groupby(
        actions_of(overlay), key=lambda action: (action.get("description"), action.get("x-source"))
    ):
        fact = list(neighbours)
        touched = {id(node): (node, copy.deepcopy(node), place) for node, place in _touched(current, fact)}
        applied = 0
        for action in fact:
            if _matches(current, action):
                apply_overlay(current, {"actions": [copy.deepcopy(action)]})
                applied += 1
        is_prose = all(is_words_only(action.get("update")) for action in fact)
        for node, _before, place in touched.values():
            _drop_repeats(node, current, place)
        if applied == len(fact) and all(
            before == node if is_prose else interface(before, place) == interface(node, place)
            for node, before, place in touched.values()
        ):
            found += fact
    return found


def actions_of(overlay: dict[str, Any]) -> list[dict[str, Any]]:
    """The actions of an overlay. Raises ContractError for one that is not an action."""
    actions = overlay.get("actions") or []
    if not isinstance(actions, list):
        raise ContractError("The overlay's `actions` is not a list")
    for number, action in enumerate(actions, 1):
        if not isinstance(action, dict) or not isinstance(action.get("target"), str):
            raise ContractError(f"Overlay action {number} has no `target`; every action needs one")
        if not action.keys() & {"update", "remove"}:
            raise ContractError(f"The overlay action on {action['target']} has neither `update` nor `remove`")
    return actions


def _matches(document: dict[str, Any], action: dict[str, Any]) -> list[Any]:
    return list(_parsed(action["target"]).find(document))


@cache
def _parsed(target: str) -> Any:
    """The JSONPath of a target, cached because parsing is slower than matching."""
    try:
        return parse_jsonpath(target)
    except JSONPathError as error:
        raise ContractError(f"The overlay target {target!r} is not a JSONPath: {error}") from None


def _touched(document: dict[str, Any], fact: list[dict[str, Any]]) -> Iterator[tuple[Any, NodeKind]]:
    """The objects that the actions of a fact would change, and what kind of place each is.

    That is the match itself, or its parent when the match is removed or is not an object.
    """
    for action in fact:
        for match in _matches(document, action):
            if match.context is not None and ("remove" in action or not isinstance(match.value, dict)):
                match = match.context
            yield match.value, _place_of(match)


def _place_of(match: Any) -> NodeKind:
    if match.context is None:
        return NodeKind.OBJECT
    fields = getattr(match.path, "fields", None)
    return kind_below(_place_of(match.context), fields[0] if fields else 0, match.value)


def _drop_repeats(node: Any, document: dict[str, Any], place: NodeKind = NodeKind.OBJECT) -> None:
    """Remove what an update appended twice: list items by value, parameters by `name` and `in`."""
    if isinstance(node, list):
        for item in node:
            _drop_repeats(item, document, place)
    elif isinstance(node, dict) and not place.is_data:
        for key, value in node.items():
            if isinstance(value, list) and place is NodeKind.OBJECT:
                if key in _SCALAR_LISTS:
                    value[:] = _unique(value)
                elif key == "parameters":
                    value[:] = _unique_parameters(value, document)
            _drop_repeats(value, document, kind_below(place, key, value))


def _unique(items: list[Any]) -> list[Any]:
    """The items without repeats. 1, 1.0 and true count as different; objects are left alone."""
    kept: dict[Any, Any] = {}
    for item in items:
        kept.setdefault(id(item) if isinstance(item, (dict, list)) else (type(item), item), item)
    return list(kept.values())


def _unique_parameters(parameters: list[Any], document: dict[str, Any]) -> list[Any]:
    """The first parameter of each `name` and `in`, which is the contract's own."""
    kept: dict[Any, Any] = {}
    for parameter in parameters:
        named = resolved(parameter, document)
        has_name = isinstance(named, dict) and "name" in named
        kept.setdefault((named["name"], named.get("in")) if has_name else id(parameter), parameter)
    return list(kept.values())
