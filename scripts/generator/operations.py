"""From the generator's view of an operation to Python: signatures, requests, results and imports.

These are the filters of the endpoint template. Types and decoders of values are in `shapes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from openapi_python_client.parser.bodies import Body, BodyType
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty

from comfy_cloud.contract._documents.reader import resolved
from scripts.generator import docstrings
from scripts.generator.python_code import (
    Code,
    as_filter,
    identifier,
    literal,
    literals,
    path_expression,
    raw_text,
)
from scripts.generator.shapes import Shapes, or_none

_SHARED = (
    "Content, File, Operation, Redirect, Request, Response, UnexpectedStatus, as_is, decode_list, "
    "decode_model, form_parts, path_segment, read_datetime, read_json, read_list, read_map, redirect, "
    "to_json, with_query"
)
_PARAMETER = re.compile(r"\{[^{}]*\}")
# Names that the functions of an endpoint module use themselves.
_TAKEN = frozenset({"client", "body", "target", "build", "parse", *_SHARED.split(", ")})


class Operations:
    """The filters for the operations of one contract."""

    def __init__(self, contract: dict[str, Any], shapes: Shapes) -> None:
        """Index the raw operations: the generator's view of them leaves things out."""
        self._shapes = shapes
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
            self.result_type,
            self.endpoint_imports,
            self.module_docstring,
            self.build_docstring,
        ]
        return {
            **{function.__name__: as_filter(function) for function in code},
            "is_body_optional": self.is_body_optional,
            "success_branches": self.success_branches,
        }

    def keep_names_apart(self, endpoint: Endpoint) -> None:
        """Give a parameter that has a name of the generated functions an underscore, in place."""
        for parameter in [*endpoint.path_parameters, *endpoint.query_parameters]:
            if parameter.python_name in _TAKEN:
                object.__setattr__(parameter, "python_name", f"{parameter.python_name}_")

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
            check = f"isinstance(body, {identifier(body.prop.class_info.name)})"  # type: ignore[union-attr]
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

    # Results

    def result_type(self, endpoint: Endpoint) -> str:
        """What a successful call returns."""
        types = dict.fromkeys(self._result_of(response)[0] for response in self._successes(endpoint))
        if endpoint.method.lower() == "head":
            return "bool"
        return " | ".join(types) or "None"

    def success_branches(self, endpoint: Endpoint) -> Iterator[tuple[Code, Code]]:
        """Pairs of a condition on `status` and the expression of the result, first match first."""
        for condition, expression in self._branches(endpoint):
            yield Code(condition), Code(expression)

    def _branches(self, endpoint: Endpoint) -> Iterator[tuple[str, str]]:
        if endpoint.method.lower() == "head":
            codes = [code for code in self._codes(endpoint) if code < 300]
            yield " or ".join(f"status == {code}" for code in codes), "True"
            if 404 in self._codes(endpoint):
                yield "status == 404", "False"
            return
        grouped: dict[str, list[str]] = {}
        for response in self._successes(endpoint):
            low, high = response.status_code.range
            condition = f"status == {low}" if low == high else f"{low} <= status <= {high}"
            grouped.setdefault(self._result_of(response)[1], []).append(condition)
        for expression, conditions in grouped.items():
            yield " or ".join(conditions), expression

    def _codes(self, endpoint: Endpoint) -> list[int]:
        return [
            response.status_code.range[0]
            for response in endpoint.responses.patterns
            if response.status_code.range
        ]

    def _successes(self, endpoint: Endpoint) -> list[Any]:
        return [
            r
            for r in sorted(endpoint.responses.patterns)
            if r.status_code.range and r.status_code.range[0] < 400
        ]

    def _result_of(self, response: Any) -> tuple[str, str]:
        """The type and the expression for one documented success."""
        if 300 <= response.status_code.range[0] < 400:
            return "Redirect", "redirect(response)"
        attribute = response.source["attribute"]
        if attribute == "None":
            return "None", "None"
        if attribute == "response.content" or isinstance(response.prop, FileProperty):
            return "bytes", "response.content"
        if attribute == "response.text":
            return "str", 'response.content.decode("utf-8", "replace")'
        prop, shapes = response.prop, self._shapes
        if shapes.is_plain_object(prop):
            inner = shapes.reader_of(prop.additional_properties)
            reader = f"lambda value: read_map({inner}, value)" if inner else "dict"
            return shapes.type_of(prop), f"decode_model({reader}, response)"
        if isinstance(prop, ModelProperty):
            return shapes.type_of(
                prop
            ), f"decode_model({identifier(prop.class_info.name)}.from_dict, response)"
        if isinstance(prop, ListProperty):
            reader = shapes.reader_of(prop.inner_property) or "as_is"
            return shapes.type_of(prop), f"decode_list({reader}, response)"
        return shapes.type_of(prop), shapes.decoded(prop, "read_json(response)")

    # Imports and docstrings

    def endpoint_imports(self, endpoint: Endpoint) -> str:
        """The import lines of an endpoint module."""
        used: list[Any] = [*endpoint.path_parameters, *endpoint.query_parameters]
        used += [body.prop for body in endpoint.bodies if body.body_type != BodyType.CONTENT]
        used += [response.prop for response in self._successes(endpoint)]
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
