"""From the generator's view of an operation to Python: signatures, requests, results and imports.

These are the filters of the endpoint template. Types and decoders of values are in `shapes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty

from scripts.generator import docstrings, requests
from scripts.generator.plans import Plans
from scripts.generator.python_code import Code, as_filter, identifier
from scripts.generator.requests import Requests
from scripts.generator.shapes import Shapes

_SHARED = (
    "File, Redirect, Response, UnexpectedStatus, as_is, decode_list, decode_model, read_datetime, "
    f"read_json, read_list, read_map, redirect, {requests.NAMES}"
)
TAKEN_NAMES = requests.LOCAL_NAMES | frozenset(_SHARED.split(", "))
"""Names that the functions of an endpoint module use themselves, and that no parameter can have."""


class Operations:
    """The filters for the operations of one contract."""

    def __init__(self, plans: Plans, shapes: Shapes) -> None:
        """Keep the plans of the operations and the types of their values."""
        self._shapes = shapes
        self._requests = Requests(plans, shapes)

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Every filter by the name that the templates use."""
        code: list[Callable[..., str]] = [
            self.result_type,
            self.endpoint_imports,
            self.module_docstring,
            self.build_docstring,
        ]
        return {
            **self._requests.filters(),
            **{function.__name__: as_filter(function) for function in code},
            "success_branches": self.success_branches,
        }

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
        used = self._requests.properties(endpoint)
        used += [response.prop for response in self._successes(endpoint)]
        lines = {line for prop in used for line in self._shapes.imports_of(prop, "...models.")}
        fixed = ["from ...client import AsyncClient, Client", f"from ...types import {_SHARED}"]
        return "\n".join([*fixed, *sorted(lines)])

    def module_docstring(self, endpoint: Endpoint) -> Code:
        """The docstring of an operation's module."""
        operation = self._requests.plan(endpoint).operation
        return docstrings.module_docstring(endpoint, operation.path)

    def build_docstring(self, endpoint: Endpoint) -> Code:
        """The docstring of an operation's `build`."""
        return docstrings.build_docstring(endpoint, self._requests.plan(endpoint))
