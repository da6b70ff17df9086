"""From the generator's view of an operation to Python: signatures, requests, results and imports.

These are the filters of the endpoint template. Types and decoders of values are in `shapes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from openapi_python_client.parser.bodies import Body, BodyType
from openapi_python_client.parser.openapi import Endpoint

from comfy_cloud.contract._documents.reader import resolved
from scripts.generator import docstrings
from scripts.generator.annotations import or_none
from scripts.generator.python_code import (
    Code,
    as_filter,
    identifier,
    literal,
    literals,
    path_expression,
    raw_text,
)
from scripts.generator.results import Results
from scripts.generator.shapes import Shapes

_SHARED = (
    "Content, File, Operation, Redirect, Request, Response, UnexpectedStatus, as_is, decode_list, "
    "decode_model, decode_value, form_parts, has_media_type, path_segment, read_best, read_datetime, "
    "read_instant, read_json, read_list, read_map, redirect, to_json, with_query"
)
_PARAMETER = re.compile(r"\{[^{}]*\}")
# Names that the functions of an endpoint module use themselves.
_TAKEN = frozenset({"client", "body", "target", "build", "parse", *_SHARED.split(", ")})


class Operations:
    """The filters for the operations of one contract."""

    def __init__(self, contract: dict[str, Any], shapes: Shapes) -> None:
        """Index the raw operations: the generator's view of them leaves things out."""
        self._shapes = shapes
        self._results = Results(shapes)
        self._operations: dict[tuple[str, str], dict[str, Any]] = {
            (method.lower(), path): {
                **operation,
                "parameters": [resolved(each, contract) for each in operation.get("parameters", [])],
            }
            for path, item in contract.get("paths", {}).items()
            for method, operation in item.items()
            if isinstance(operation, dict)
        }
        self._default_security = contract.get("security", [])

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Every filter by the name that the templates use."""
        code: list[Callable[..., str]] = [
            self.operation_id,
            self.http_method,
            self.contract_path,
            self.key_use,
            self.signature,
            self.signature_after_client,
            self.call_arguments,
            self.repeated_argument,
            self.path_expression,
            self.request_expression,
            self._results.result_type,
            self.endpoint_imports,
            self.module_docstring,
            self.build_docstring,
        ]
        return {
            **{function.__name__: as_filter(function) for function in code},
            "is_body_optional": self.is_body_optional,
            "success_branches": self._results.success_branches,
        }

    def keep_names_apart(self, endpoint: Endpoint) -> None:
        """Give a parameter that has a name of the generated functions an underscore, in place."""
        for parameter in [*endpoint.path_parameters, *endpoint.query_parameters]:
            if parameter.python_name in _TAKEN:
                object.__setattr__(parameter, "python_name", f"{parameter.python_name}_")

    def learn(self, endpoint: Endpoint) -> None:
        """Learn which models are alternatives in the results of an operation."""
        list(self._results.success_branches(endpoint))

    # Requests

    def operation_id(self, endpoint: Endpoint) -> Code:
        """The literal of the operationId as the contract spells it."""
        return literal(self._raw(endpoint).get("operationId", endpoint.name))

    def http_method(self, endpoint: Endpoint) -> Code:
        """The literal of the method in capitals."""
        return literal(endpoint.method.upper())

    def contract_path(self, endpoint: Endpoint) -> Code:
        """The literal of the path template as the contract spells it."""
        return literal(self._path(endpoint))

    def repeated_argument(self, endpoint: Endpoint) -> str:
        """The argument for array parameters that are sent as one pair per item, if there are any.

        That is how OpenAPI has them sent by default.
        """
        names = [
            parameter["name"]
            for parameter in self._raw(endpoint).get("parameters", [])
            if parameter.get("in") == "query"
            and parameter.get("schema", {}).get("type") == "array"
            and parameter.get("explode", True)
        ]
        return f"repeated={literals(names)}," if names else ""

    def key_use(self, endpoint: Endpoint) -> Code:
        """The literal that says whether the key is "required", "optional" or "none"."""
        security = self._raw(endpoint).get("security", self._default_security)
        return literal(("optional" if {} in security else "required") if security else "none")

    def is_body_optional(self, endpoint: Endpoint) -> bool:
        """True when the operation may be called without a body."""
        return bool(endpoint.bodies) and not self._raw(endpoint).get("requestBody", {}).get("required", False)

    def signature(self, endpoint: Endpoint) -> str:
        """The parameters of `build`: path parameters by position, then the others by keyword."""
        parts = [f"{identifier(p.python_name)}: {self._shapes.type_of(p)}" for p in endpoint.path_parameters]
        keywords: list[str] = []
        if endpoint.bodies:
            body = f"body: {self._body_type(endpoint)}"
            keywords.append(_optional(body) if self.is_body_optional(endpoint) else body)
        for parameter in sorted(endpoint.query_parameters, key=lambda p: not p.required):
            text = f"{identifier(parameter.python_name)}: {self._shapes.type_of(parameter)}"
            keywords.append(text if parameter.required else _optional(text))
        return ", ".join([*parts, *(["*", *keywords] if keywords else [])])

    def signature_after_client(self, endpoint: Endpoint) -> str:
        """The parameters of `sync` and `asyncio`, which follow the client."""
        text = self.signature(endpoint)
        return f", {text}" if text else ""

    def call_arguments(self, endpoint: Endpoint) -> str:
        """The arguments that pass those parameters on to `build`."""
        named = [*(["body"] if endpoint.bodies else []), *(p.python_name for p in endpoint.query_parameters)]
        return ", ".join([*(p.python_name for p in endpoint.path_parameters), *(f"{n}={n}" for n in named)])

    def path_expression(self, endpoint: Endpoint) -> Code:
        """The expression of the path with its parameters encoded."""
        names = {raw_text(p.name): p.python_name for p in endpoint.path_parameters}
        return path_expression(self._path(endpoint), names)

    def request_expression(self, endpoint: Endpoint) -> str:
        """The expression that makes the Request with its body."""
        branches = [self._body_arguments(body) for body in endpoint.bodies]
        expression = f"Request(OPERATION, target, {branches[0]})"
        for body, arguments in zip(endpoint.bodies[1:], branches[1:], strict=True):
            check = f"isinstance(body, {self._shapes.class_name(body.prop)})"
            expression = f"Request(OPERATION, target, {arguments}) if {check} else {expression}"
        return expression

    def _body_arguments(self, body: Body) -> str:
        if body.body_type == BodyType.FILES:
            return "parts=form_parts(body)"
        if body.body_type == BodyType.CONTENT:
            return 'content=body, content_type="application/octet-stream"'
        return "json=to_json(body)"

    def _body_type(self, endpoint: Endpoint) -> str:
        names = []
        for body in endpoint.bodies:
            if body.body_type == BodyType.CONTENT:
                names.append("Content")
            else:
                names.append(f"{self._shapes.type_of(body.prop)} | Mapping[str, Any]")
        return " | ".join(dict.fromkeys(" | ".join(names).split(" | ")))

    def _raw(self, endpoint: Endpoint) -> dict[str, Any]:
        return self._operations[(endpoint.method.lower(), self._path(endpoint))]

    def _path(self, endpoint: Endpoint) -> str:
        """The path as the contract spells it: the generator renames its parameters."""
        for method, path in self._operations:
            if method == endpoint.method.lower() and _same_path(path, raw_text(endpoint.path)):
                return path
        raise LookupError(f"{endpoint.method} {raw_text(endpoint.path)} is not in the contract")

    # Imports and docstrings

    def endpoint_imports(self, endpoint: Endpoint) -> str:
        """The import lines of an endpoint module."""
        used: list[Any] = [*endpoint.path_parameters, *endpoint.query_parameters]
        used += [body.prop for body in endpoint.bodies if body.body_type != BodyType.CONTENT]
        used += self._results.properties(endpoint)
        lines = {line for prop in used for line in self._shapes.imports_of(prop, "...models.")}
        fixed = ["from ...client import AsyncClient, Client", f"from ...types import {_SHARED}"]
        return "\n".join([*fixed, *sorted(lines)])

    def module_docstring(self, endpoint: Endpoint) -> Code:
        """The docstring of an operation's module."""
        return docstrings.module_docstring(endpoint, self._path(endpoint))

    def build_docstring(self, endpoint: Endpoint) -> Code:
        """The docstring of an operation's `build`."""
        return docstrings.build_docstring(endpoint, self._raw(endpoint))


def _optional(parameter: str) -> str:
    name, _, annotation = parameter.partition(": ")
    return f"{name}: {or_none(annotation)} = None"


def _same_path(one: str, other: str) -> bool:
    return _PARAMETER.sub("{}", one) == _PARAMETER.sub("{}", other)
