"""A contract of a few operations, put into the whole contract. Pure: documents in, document out."""

from __future__ import annotations

import copy
from typing import Any

from comfy_cloud.contract._diff.operations import path_without_names
from comfy_cloud.contract._documents.operations import METHODS, operations_of
from comfy_cloud.contract._documents.reader import ContractError, resolved
from scripts.contract.references import references_in

Document = dict[str, Any]

_COMPONENTS = "#/components/"


def is_part(document: Document, whole: Document) -> bool:
    """Whether a contract has fewer than half as many operations as another."""
    return 2 * len(operations_of(document)) < len(operations_of(whole))


def with_part(whole: Document, part: Document) -> Document:
    """The whole contract with the operations of a part, and the components that they refer to.

    What the part says about all operations at its top is not taken over, except who needs a key.
    Neither argument is changed. Raises ContractError when the part names a path's parameters
    otherwise, which would make two paths of one.
    """
    result = copy.deepcopy(whole)
    named = {path_without_names(path): path for path in result["paths"]}
    for path, entry in part["paths"].items():
        ours = named.get(path_without_names(path), path)
        if ours != path:
            raise ContractError(
                f"The part has the path {path}, the whole contract {ours}: "
                "name its parameters alike, or take over a whole contract"
            )
        _put(result, path, resolved(entry, part), part)
    components = result.setdefault("components", {})
    for kind, name in sorted(_reached(part)):
        components.setdefault(kind, {})[name] = copy.deepcopy(part["components"][kind][name])
    schemes = part.get("components", {}).get("securitySchemes", {})
    for name, scheme in schemes.items():
        components.setdefault("securitySchemes", {}).setdefault(name, copy.deepcopy(scheme))
    return result


def _put(whole: Document, path: str, entry: Document, part: Document) -> None:
    item = whole["paths"].setdefault(path, {})
    shared = entry.get("parameters", [])
    for method in METHODS:
        if not isinstance(entry.get(method), dict):
            continue
        operation = copy.deepcopy(entry[method])
        if shared:  # those of the path may not apply to the whole contract's other operations on it
            own = {_identity(given, part) for given in operation.get("parameters", [])}
            inherited = [copy.deepcopy(given) for given in shared if _identity(given, part) not in own]
            operation["parameters"] = [*inherited, *operation.get("parameters", [])]
        if "security" not in operation and part.get("security") != whole.get("security"):
            operation["security"] = copy.deepcopy(part.get("security", []))
        item[method] = operation
    if shared and "parameters" in item:
        present = [method for method in METHODS if method in item]
        if all(isinstance(entry.get(method), dict) for method in present):
            del item["parameters"]


def _reached(part: Document) -> set[tuple[str, str]]:
    """The components that a part's operations refer to, also indirectly, by kind and name."""
    found: set[tuple[str, str]] = set()
    pending: list[Any] = [part["paths"]]
    while pending:
        for reference in references_in(pending.pop()):
            if not reference.startswith(_COMPONENTS):
                raise ContractError(f"A part may refer to its components only, not to {reference}")
            kind, _, name = reference.removeprefix(_COMPONENTS).partition("/")
            if (kind, name) not in found:
                found.add((kind, name))
                pending.append(resolved({"$ref": reference}, part))
                # What the reference leads to may be a reference itself.
                pending.append(part["components"][kind][name])
    return found


def _identity(parameter: Any, document: Document) -> tuple[str, str]:
    given = resolved(parameter, document)
    return given["name"], given["in"]
