"""Which of our contracts a document is a newer version of, or a part of. Only reads files."""

from __future__ import annotations

from typing import Any

from comfy_cloud.contract._diff.operations import path_without_names
from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.reader import ContractError, read_contract
from scripts.project.checkout import CONTRACTS, Checkout


def with_contract_of(checkout: Checkout, newer: dict[str, Any], name: str | None = None) -> Checkout:
    """The checkout with the contract called `name`, else the one that shares most operations.

    The first of equals: when a document has no operation of ours, all of it is new in version 1.
    Raises ContractError when the checkout has no contract of that name.
    """
    each = checkout.of_each_contract()
    if name is None:
        theirs = _operations(newer)
        return max(each, key=lambda one: len(theirs & _operations(_read(one))))
    for one in each:
        if one.names == CONTRACTS[name]:
            return one
    raise ContractError(f"{CONTRACTS[name].contract} is missing, so there is no contract {name} to update")


def _read(checkout: Checkout) -> dict[str, Any]:
    return read_contract(checkout.contract.read_bytes(), checkout.contract.name)


def _operations(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {(found.method, path_without_names(found.path)) for found in operations_of(document)}
