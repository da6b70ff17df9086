"""Which operation of a contract a method and a path belong to. Pure.

Paths are taken as they were sent: a slash inside a parameter is %2F there, and a plain slash always
separates segments. Values are decoded after that. (openapi-core 0.23 never decodes them: `a%20b`
would be checked with its percent sign, and `/%61pi/user` would not be found.)
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from .._documents.operations import ContractOperation, operations_of


class Routes:
    """All operations of a contract, found by method and path."""

    def __init__(self, document: dict[str, Any]) -> None:
        by_path: dict[str, dict[str, ContractOperation]] = {path: {} for path in document["paths"]}
        for operation in operations_of(document):
            by_path[operation.path][operation.method] = operation
        self._paths = [(path.split("/"), operations) for path, operations in by_path.items()]

    def find(self, method: str, path: str) -> tuple[ContractOperation, dict[str, str]] | None:
        """The operation and its decoded path parameters. HEAD finds a GET if it is not declared."""
        wanted = [method.upper(), "GET"] if method.upper() == "HEAD" else [method.upper()]
        for segments, operations in self._matching(path):
            for name in wanted:
                if name in operations:
                    return operations[name], _values(segments, path)
        return None

    def knows_path(self, path: str) -> bool:
        """Whether any operation has this path, whatever its method."""
        return bool(self._matching(path))

    def _matching(self, path: str) -> list[tuple[list[str], dict[str, ContractOperation]]]:
        """The paths that match. Those with most literal segments come first, as in OpenAPI."""
        sent = path.split("/")
        found = [entry for entry in self._paths if _matches(entry[0], sent)]
        found.sort(key=lambda entry: sum(_is_parameter(segment) for segment in entry[0]))
        # A path without parameters hides those with parameters, whatever methods it has.
        return found[:1] if found and not any(map(_is_parameter, found[0][0])) else found


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}")


def _matches(segments: list[str], sent: list[str]) -> bool:
    return len(segments) == len(sent) and all(
        value != "" if _is_parameter(segment) else segment == unquote(value)
        for segment, value in zip(segments, sent, strict=True)
    )


def _values(segments: list[str], path: str) -> dict[str, str]:
    pairs = zip(segments, path.split("/"), strict=True)
    return {segment[1:-1]: unquote(value) for segment, value in pairs if _is_parameter(segment)}
