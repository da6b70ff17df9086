"""What a case is: a small contract in YAML, calls with the expected requests, and responses with a
check of the parsed value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

_KEY_SCHEME = {"ApiKeyAuth": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


NULL = object()
"""In arguments: the generated package's own NULL."""


@dataclass(frozen=True)
class Form:
    """An argument that is a model of the generated package, made from a JSON object."""

    model: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A call of one operation's module, and what must be on the wire.

    Attributes:
        operation: The operation's module.
        arguments: By the Python names of `build`.
        method, target, path: Of the request; target is path and query, path is still encoded.
        query: Decoded pairs, in order.
        query_json: A query parameter and the JSON value in it.
        headers: Headers that must be there, with these values.
        absent: Headers that must not be there.
        json, content, form: The body as JSON, bytes, or pairs of a form.
        parts: Of a multipart body: name, file name, media type, bytes.
        key: Whether the header X-API-Key is there.
    """

    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    method: str | None = None
    target: str | None = None
    path: str | None = None
    query: Sequence[tuple[str, str]] | None = None
    query_json: tuple[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    absent: Sequence[str] = ()
    json: Any = ...
    content: bytes | None = None
    form: Sequence[tuple[str, str]] | None = None
    parts: Sequence[tuple[str, str | None, str | None, bytes]] | None = None
    key: bool | None = None


@dataclass(frozen=True)
class Result:
    """A response of one operation, and a check of the value that it is parsed to."""

    operation: str
    body: str | bytes
    holds: Callable[[Any], bool]
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Case:
    """A contract and what a generated client must do with it.

    Attributes:
        refused: Words that the refusal must have, when no client can be made of the contract.
        left_out: Operations that are quarantined, each with words of the reason.
    """

    name: str
    contract: str
    calls: Sequence[Call] = ()
    results: Sequence[Result] = ()
    refused: Sequence[str] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The whole contract: what every case has is added, if the case has nothing else there.

        That is a title, a server, an API key, `204` where an operation has no responses, a
        description of each response, and `required` in path parameters. A case says shortly:

        - `schemas`, beside `paths`, for `schemas` in `components`;
        - `returns` in an operation: the schema of its response of 200 in JSON, or its name;
        - `takes`: the same for its required body in JSON.

        An operation has the id of its method and path, `getA` for GET of `/a`, unless it has
        another one, or null for none.
        """
        given = yaml.safe_load(self.contract)
        document = {
            "openapi": "3.0.3",
            "info": {"title": self.name, "version": "1"},
            "servers": [{"url": "https://h.example"}],
            "security": [{"ApiKeyAuth": []}],
            "components": {},
            **given,
        }
        components = document["components"]
        components.setdefault("securitySchemes", _KEY_SCHEME)
        if "schemas" in document:
            components["schemas"] = document.pop("schemas")
        responses = list(components.get("responses", {}).values())
        for path, item in document["paths"].items():
            for method, operation in [(name, item[name]) for name in _METHODS if name in item]:
                if operation.setdefault("operationId", method + path[1:].capitalize()) is None:
                    del operation["operationId"]
                if "returns" in operation:
                    operation["responses"] = {"200": {"content": _json(operation.pop("returns"))}}
                if "takes" in operation:
                    operation["requestBody"] = {"required": True, "content": _json(operation.pop("takes"))}
                responses += operation.setdefault("responses", {"204": {}}).values()
        for response in responses:
            if "$ref" not in response:
                response.setdefault("description", "done")
        for parameters in _parameters(document):
            for parameter in parameters:
                if parameter.get("in") == "path":
                    parameter.setdefault("required", True)
        return document


def _json(schema: Any) -> dict[str, Any]:
    """The content of a body in JSON that has this schema, or the schema of this name."""
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"application/json": {"schema": reference if isinstance(schema, str) else schema}}


def _parameters(document: dict[str, Any]) -> list[list[dict[str, Any]]]:
    found = [list(document["components"].get("parameters", {}).values())]
    for item in document["paths"].values():
        found.append(item.get("parameters", []))
        found += [item[method].get("parameters", []) for method in _METHODS if method in item]
    return found
