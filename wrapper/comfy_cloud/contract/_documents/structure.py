"""Whether a document has the form of an OpenAPI contract, as far as this package reads it.

Of names, prose and examples nothing is checked. The first error is raised, with its place. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .normalised import METHODS
from .reader import ContractError, check_references, resolved

_TYPES = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})
_NUMBERS = frozenset(
    {
        "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties",
        "maxProperties", "multipleOf",
    }
)  # fmt: skip
_MAPS_OF_SCHEMAS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTS_OF_SCHEMAS = ("allOf", "oneOf", "anyOf", "prefixItems")
_SCHEMAS = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")

Check = Callable[[Any, str], object]


def check_structure(document: dict[str, Any]) -> None:
    """Raise ContractError for the first part that is not as OpenAPI 3 has it."""
    check_references(document)
    _Structure(document).check()


class _Structure:
    """One walk over a document. Each schema is checked once, however many references lead to it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._schemas: set[int] = set()

    def check(self) -> None:
        """Check the whole document, from the top."""
        document = self._document
        self._mapping(document.get("info", {}), "info")
        self._security(document.get("security", []), "security")
        for place, server in self._items(document.get("servers", []), "servers"):
            if not isinstance(self._mapping(server, place).get("url"), str):
                raise _wrong(place, "a server has a `url`")
        for place, tag in self._items(document.get("tags", []), "tags"):
            if not isinstance(self._mapping(tag, place).get("name"), str):
                raise _wrong(place, "a tag has a `name`")
        for place, item in self._members(document["paths"], "paths"):
            self._path_item(item, place)
        components = self._mapping(document.get("components", {}), "components")
        for name, check in self._components().items():
            for place, part in self._members(components.get(name, {}), f"components.{name}"):
                check(part, place)

    def _components(self) -> dict[str, Check]:
        return {
            "schemas": self._schema,
            "parameters": self._parameter,
            "requestBodies": self._with_content,
            "responses": self._response,
            "headers": self._header,
            "securitySchemes": self._scheme,
        }

    def _path_item(self, node: Any, where: str) -> None:
        item = self._mapping(resolved(node, self._document), where)
        for place, parameter in self._items(item.get("parameters", []), f"{where}.parameters"):
            self._parameter(parameter, place)
        for method in METHODS:
            if method in item:
                self._operation(item[method], f"{where}.{method}")

    def _operation(self, node: Any, where: str) -> None:
        operation = self._mapping(node, where)
        if not isinstance(operation.get("operationId", ""), str):
            raise _wrong(f"{where}.operationId", "an operationId is text")
        for place, tag in self._items(operation.get("tags", []), f"{where}.tags"):
            if not isinstance(tag, str):
                raise _wrong(place, "a tag is text")
        for place, parameter in self._items(operation.get("parameters", []), f"{where}.parameters"):
            self._parameter(parameter, place)
        self._security(operation.get("security", []), f"{where}.security")
        if "requestBody" in operation:
            self._with_content(operation["requestBody"], f"{where}.requestBody")
        for place, response in self._members(operation.get("responses", {}), f"{where}.responses"):
            self._response(response, place)

    def _parameter(self, node: Any, where: str) -> None:
        parameter = self._mapping(resolved(node, self._document), where)
        if not (isinstance(parameter.get("name"), str) and isinstance(parameter.get("in"), str)):
            raise _wrong(where, "a parameter has a `name` and says where it is `in`")
        self._header(parameter, where)

    def _header(self, node: Any, where: str) -> None:
        header = self._mapping(resolved(node, self._document), where)
        if "schema" in header:
            self._schema(header["schema"], f"{where}.schema")
        self._content(header, where)

    def _response(self, node: Any, where: str) -> None:
        response = self._with_content(node, where)
        for place, header in self._members(response.get("headers", {}), f"{where}.headers"):
            self._header(header, place)

    def _with_content(self, node: Any, where: str) -> dict[str, Any]:
        found = self._mapping(resolved(node, self._document), where)
        self._content(found, where)
        return found

    def _content(self, node: dict[str, Any], where: str) -> None:
        for place, media in self._members(node.get("content", {}), f"{where}.content"):
            if "schema" in self._mapping(media, place):
                self._schema(media["schema"], f"{place}.schema")

    def _schema(self, node: Any, where: str) -> None:
        if isinstance(node, bool) or id(node) in self._schemas:
            return
        self._schemas.add(id(node))
        schema = self._mapping(node, where)
        if "$ref" in schema:
            self._schema(resolved(schema, self._document), where)
        kinds = schema.get("type", [])
        if (
            not set(map(str, [kinds] if isinstance(kinds, str) else self._list(kinds, f"{where}.type")))
            <= _TYPES
        ):
            raise _wrong(f"{where}.type", f"a type is one of {', '.join(sorted(_TYPES))}")
        for place, name in self._items(schema.get("required", []), f"{where}.required"):
            if not isinstance(name, str):
                raise _wrong(place, "a name is text")
        self._list(schema.get("enum", []), f"{where}.enum")
        for name in _NUMBERS & schema.keys():
            if isinstance(schema[name], bool) or not isinstance(schema[name], (int, float)):
                raise _wrong(f"{where}.{name}", "a bound is a number")
        for name in _MAPS_OF_SCHEMAS:
            for place, inner in self._members(schema.get(name, {}), f"{where}.{name}"):
                self._schema(inner, place)
        for name in _LISTS_OF_SCHEMAS:
            for place, inner in self._items(schema.get(name, []), f"{where}.{name}"):
                self._schema(inner, place)
        for name in _SCHEMAS:
            if name in schema:
                self._schema(schema[name], f"{where}.{name}")

    def _scheme(self, node: Any, where: str) -> None:
        self._mapping(resolved(node, self._document), where)

    def _security(self, node: Any, where: str) -> None:
        for place, requirement in self._items(node, where):
            self._mapping(requirement, place)

    # Types

    def _mapping(self, node: Any, where: str) -> dict[str, Any]:
        if not isinstance(node, dict):
            raise _wrong(where, f"this is a mapping, not {_kind(node)}")
        return node

    def _list(self, node: Any, where: str) -> list[Any]:
        if not isinstance(node, list):
            raise _wrong(where, f"this is a list, not {_kind(node)}")
        return node

    def _items(self, node: Any, where: str) -> Iterator[tuple[str, Any]]:
        for number, item in enumerate(self._list(node, where)):
            yield f"{where}[{number}]", item

    def _members(self, node: Any, where: str) -> Iterator[tuple[str, Any]]:
        for name, value in self._mapping(node, where).items():
            if not name.startswith("x-"):
                yield f"{where}.{name}", value


def _wrong(where: str, rule: str) -> ContractError:
    return ContractError(f"at {where}: {rule}")


def _kind(node: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(node), "a number")
