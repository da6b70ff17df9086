"""The overlay made to fit a newer contract: which actions no longer do, and the text without them.

An action does not fit when its target matches nothing, or when what it writes refers to a part
that the contract no longer has. Removing one can leave others without what they need, so they are
looked for until all that is left fits.
"""

from __future__ import annotations

from typing import Any

from comfy_cloud.contract._documents.reader import ContractError, resolved
from scripts.contract.overlay import actions_of, apply_actions
from scripts.contract.references import references_in
from scripts.contract.yaml_editor import without_items

Document = dict[str, Any]


def unfitting_actions(contract: Document, overlay: Document) -> list[dict[str, Any]]:
    """The actions that do not fit the contract, in the order of the overlay."""
    actions = actions_of(overlay)
    gone: set[int] = set()
    while True:
        left = [action for action in actions if id(action) not in gone]
        result, unmatched = apply_actions(contract, {"actions": left})
        fresh = {id(action) for action in unmatched}
        fresh |= {id(action) for action in left if _leads_nowhere(action.get("update"), result)}
        if not fresh:
            return [action for action in actions if id(action) in gone]
        gone |= fresh


def without_actions(text: str, overlay: Document, gone: list[dict[str, Any]], name: str) -> str:
    """The text of the overlay without these actions; every other line stays."""
    marks = {id(action) for action in gone}
    drop = {index for index, action in enumerate(actions_of(overlay)) if id(action) in marks}
    return without_items(text, "actions", drop, name)


def _leads_nowhere(update: Any, document: Document) -> bool:
    for reference in references_in(update):
        try:
            resolved({"$ref": reference}, document)
        except ContractError:
            return True
    return False
