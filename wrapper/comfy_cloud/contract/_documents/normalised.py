"""Operations without references and inheritance: the one rule for what an operation consists of.

Parameters, request bodies, responses and headers may be references, parameters may belong to the
path, and a path may be a reference itself. Here all of that is put into the operation. References
between schemas stay, since schemas may contain themselves. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .reader import ContractError, resolved

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The HTTP methods that a path of a contract may have, as OpenAPI spells them."""


def normalised(document: dict[str, Any]) -> dict[str, Any]:
    """The contract with every operation as `normalised_operation` has it. A shallow copy.

    Raises ContractError, with the place, for a reference that leads nowhere.
    """
    paths: dict[str, Any] = {}
    for path, entry in document.get("paths", {}).items():
        item = resolved_at(entry, document, f"paths.{path}")
        whole = {key: value for key, value in item.items() if key != "parameters"}
        whole.update((method, operation) for method, operation in operations_in(path, entry, document))
        paths[path] = whole
    return {**document, "paths": paths}


def operations_in(
    path: str, entry: dict[str, Any], document: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The methods of a path, each with its normalised operation."""
    where = f"paths.{path}"
    item = resolved_at(entry, document, where)
    for method in METHODS:
        if isinstance(item.get(method), dict):
            yield method, normalised_operation(item[method], item, document, f"{where}.{method}")


def normalised_operation(
    operation: dict[str, Any], item: dict[str, Any], document: dict[str, Any], where: str
) -> dict[str, Any]:
    """The operation with the parameters of its path, and without references outside of schemas.

    A parameter of the operation replaces that of the path with the same name and location.
    """
    parameters: dict[tuple[Any, Any], dict[str, Any]] = {}
    for given in [*item.get("parameters", []), *operation.get("parameters", [])]:
        parameter = resolved_at(given, document, f"{where}.parameters")
        parameters[parameter.get("name"), parameter.get("in")] = parameter
    whole = {key: value for key, value in operation.items() if key != "parameters"}
    if parameters:
        whole["parameters"] = list(parameters.values())
    if "requestBody" in whole:
        whole["requestBody"] = resolved_at(whole["requestBody"], document, f"{where}.requestBody")
    if isinstance(whole.get("responses"), dict):
        whole["responses"] = {
            status: _response(response, document, f"{where}.responses.{status}")
            for status, response in whole["responses"].items()
        }
    return whole


def _response(node: Any, document: dict[str, Any], where: str) -> Any:
    response = resolved_at(node, document, where)
    if not isinstance(response, dict) or not isinstance(response.get("headers"), dict):
        return response
    headers = {
        name: resolved_at(header, document, f"{where}.headers.{name}")
        for name, header in response["headers"].items()
    }
    return {**response, "headers": headers}


def resolved_at(node: Any, document: dict[str, Any], where: str) -> Any:
    """What a reference points at, or the node itself. Raises ContractError that names the place."""
    try:
        return resolved(node, document)
    except ContractError as error:
        raise ContractError(f"at {where}: {error}") from None
