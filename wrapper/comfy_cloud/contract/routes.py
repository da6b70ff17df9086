"""Which operation of a contract a method and a path mean.

Paths are taken as they were sent: a slash inside a parameter is %2F there, and a plain slash always separates. Nothing
is said about queries and bodies here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


@dataclass(frozen=True, eq=False)
class Route:
    """One operation: its method in capitals, path template, contract entry, and parameters by (place, name)."""

    method: str
    template: str
    entry: dict[str, Any] = field(repr=False)
    parameters: dict[tuple[str, str], dict[str, Any]] = field(repr=False)

    @property
    def name(self) -> str:
        """How problems call it."""
        return f"{self.method} {self.template}"


class Routes:
    """All operations of a contract whose references are still in place; `resolve` follows one."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._paths: list[tuple[list[str], dict[str, Route]]] = []
        for template, item in document["paths"].items():
            shared = item.get("parameters", [])
            routes = {
                method.upper(): Route(method.upper(), template, entry, self._parameters(shared, entry))
                for method, entry in item.items()
                if method in METHODS
            }
            self._paths.append((template.split("/"), routes))

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """The node itself, or what its `$ref` within the document points at."""
        while "$ref" in node:
            found: Any = self._document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The operation and its decoded path parameters; a HEAD that is not declared is found as its GET."""
        wanted = [method.upper(), "GET"] if method.upper() == "HEAD" else [method.upper()]
        for segments, routes in self._matching(path):
            for name in wanted:
                if name in routes:
                    return routes[name], _values(segments, path)
        return None

    def knows_path(self, path: str) -> bool:
        """Whether any operation has this path, whatever its method."""
        return bool(self._matching(path))

    def _matching(self, path: str) -> list[tuple[list[str], dict[str, Route]]]:
        """The paths that fit, those with the most literal segments first, as OpenAPI orders them."""
        sent = path.split("/")
        found = [entry for entry in self._paths if _fits(entry[0], sent)]
        found.sort(key=lambda entry: sum(_is_parameter(segment) for segment in entry[0]))
        # A path without parameters is never taken for one with them, whichever methods it has.
        return found[:1] if found and not any(map(_is_parameter, found[0][0])) else found

    def _parameters(
        self, shared: list[dict[str, Any]], entry: dict[str, Any]
    ) -> dict[tuple[str, str], dict[str, Any]]:
        resolved = [self.resolve(parameter) for parameter in [*shared, *entry.get("parameters", [])]]
        return {(parameter["in"], parameter["name"]): parameter for parameter in resolved}


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}")


def _fits(segments: list[str], sent: list[str]) -> bool:
    return len(segments) == len(sent) and all(
        value != "" if _is_parameter(segment) else segment == unquote(value)
        for segment, value in zip(segments, sent, strict=True)
    )


def _values(segments: list[str], path: str) -> dict[str, str]:
    pairs = zip(segments, path.split("/"), strict=True)
    return {segment[1:-1]: unquote(value) for segment, value in pairs if _is_parameter(segment)}
