"""Parameters of operations: where each is sent, in which style, and by which name of `build`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from comfy_cloud.contract._documents.operations import ContractOperation
from comfy_cloud.contract._documents.parameters import NOT_PARAMETERS, STYLES, is_json, written_form
from comfy_cloud.contract._documents.reader import resolved
from scripts.generator.left_out import NotRepresentable
from scripts.generator.names import different_names, snake_name

_IN_PATH = re.compile(r"\{([^{}]*)\}")
# These names have always had their location in the generated code.
_WITH_LOCATION = frozenset({"client", "url"})
_STRUCTURES = frozenset({"array", "object"})


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation.

    Attributes:
        name: As the contract spells it.
        location: `path`, `query`, `header` or `cookie`.
        python_name: The parameter of `build`.
        required: Whether a call must give it. Path parameters always are.
        style: The style of OpenAPI, or `json` for JSON text.
        allow_reserved: Whether characters such as `/` and `:` are sent as they are.
        explode: Whether items of an array, and fields of an object, are sent separately.
        may_be_structured: Whether values may be arrays or objects.
        schema: The schema of its values.
        description: What the contract says about it.
    """

    name: str
    location: str
    python_name: str
    required: bool
    style: str
    explode: bool
    allow_reserved: bool
    may_be_structured: bool
    schema: dict[str, Any]
    description: str | None


def parameters_of(
    operation: ContractOperation, document: dict[str, Any], taken: frozenset[str]
) -> list[Parameter]:
    """The parameters of an operation: those of the path in its order, then the others.

    Raises NotRepresentable for one that cannot be sent.
    """
    declared = [
        given
        for given in operation.raw.get("parameters", [])
        if given["in"] != "header" or given["name"].lower() not in NOT_PARAMETERS
    ]
    in_path = {given["name"]: given for given in declared if given["in"] == "path"}
    _check_path(operation.path, list(in_path))
    ordered = [
        *(in_path[name] for name in _IN_PATH.findall(operation.path)),
        *(given for given in declared if given["in"] != "path"),
    ]
    texts = list(_texts(ordered))
    names = different_names(texts, "field_", taken)
    for given in ordered:
        _check_location(given)
    return [_parameter(given, name, document) for given, name in zip(ordered, names, strict=True)]


def _check_location(given: dict[str, Any]) -> None:
    if given["in"] not in STYLES:
        is_body = given["in"] in ("body", "formData")
        raise NotRepresentable(
            f"parameters.{given['name']}",
            f"nothing can be sent in the {given['in']} of a request",
            f"Make it {'a requestBody' if is_body else 'a parameter of the query'} by an overlay action.",
        )


def _check_path(path: str, declared: list[str]) -> None:
    used = _IN_PATH.findall(path)
    missing = [name for name in used if name not in declared]
    unused = [name for name in declared if name not in used]
    twice = [name for name in used if used.count(name) > 1]
    for names, reason in (
        (missing, "the path has {name}, which is not declared as a parameter"),
        (unused, "the parameter is in the path, which has no {name}"),
        (twice, "the path has {name} more than once"),
    ):
        if names:
            raise NotRepresentable(
                f"parameters.{names[0]}",
                reason.replace("{name}", f"{{{names[0]}}}"),
                "Declare each parameter of the path once by an overlay action.",
            )


def _texts(declared: list[dict[str, Any]]) -> Iterator[str]:
    """What the Python names are made of: a name that the path has too gets its location."""
    in_path = {snake_name(given["name"], "field_") for given in declared if given["in"] == "path"}
    earlier: dict[str, str] = {}
    for given in declared:
        name, location = given["name"], given["in"]
        snake = snake_name(name, "field_")
        is_elsewhere = earlier.setdefault(snake, location) != location
        is_shared = location != "path" and (snake in in_path or is_elsewhere)
        yield f"{name}_{location}" if is_shared or snake in _WITH_LOCATION else name


def _parameter(given: dict[str, Any], python_name: str, document: dict[str, Any]) -> Parameter:
    name, location = given["name"], given["in"]
    place = f"parameters.{name}"
    if "content" in given and not (len(given["content"]) == 1 and is_json(next(iter(given["content"])))):
        raise NotRepresentable(
            place,
            f"a value cannot be written as {' or '.join(given['content']) or 'nothing'}",
            "Give it a schema and a style, or the media type application/json, by an overlay action.",
        )
    form = written_form(given, location)
    if form.style != "json" and form.style not in STYLES[location]:
        raise NotRepresentable(
            place,
            f"a parameter in the {location} cannot have the style {form.style}",
            f"Give it one of {', '.join(STYLES[location])} by an overlay action.",
        )
    schema = form.schema if isinstance(form.schema, dict) else {}
    return Parameter(
        name=name,
        location=location,
        python_name=python_name,
        required=location == "path" or bool(given.get("required")),
        style=form.style,
        explode=form.explode,
        allow_reserved=location == "query" and given.get("allowReserved") is True,
        may_be_structured=may_be_structured(schema, document),
        schema=schema,
        description=given.get("description"),
    )


def may_be_structured(schema: Any, document: dict[str, Any], seen: frozenset[str] = frozenset()) -> bool:
    """Whether a value by this schema may be an array or an object."""
    if not isinstance(schema, dict):
        return True
    if "$ref" in schema:
        if schema["$ref"] in seen:
            return True
        return may_be_structured(resolved(schema, document), document, seen | {schema["$ref"]})
    if "type" in schema:
        types = schema["type"]
        return not _STRUCTURES.isdisjoint([types] if isinstance(types, str) else types)
    for values in (schema.get("enum"), [schema["const"]] if "const" in schema else None):
        if values is not None:
            return any(isinstance(value, (list, dict)) for value in values)
    if parts := schema.get("allOf"):
        return all(may_be_structured(part, document, seen) for part in parts)
    if parts := [*schema.get("oneOf", []), *schema.get("anyOf", [])]:
        return any(may_be_structured(part, document, seen) for part in parts)
    return True
