"""From the generator's view of an operation to Python: signatures, requests, results and imports.

These are the filters of the endpoint template. Types and decoders of values are in `shapes`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openapi_python_client.parser.openapi import Endpoint

from scripts.generator import docstrings, requests
from scripts.generator.plans import Plans
from scripts.generator.python_code import Code, as_filter
from scripts.generator.records import Records
from scripts.generator.requests import Requests
from scripts.generator.results import Results
from scripts.generator.shapes import Shapes

_SHARED = (
    "File, Redirect, Response, UnexpectedStatus, as_is, decode_list, decode_model, decode_page, "
    "decode_value, "
    "has_media_type, read_best, read_date, read_datetime, read_instant, read_json, read_list, read_map, "
    "redirect, "
    f"{requests.NAMES}"
)
TAKEN_NAMES = requests.LOCAL_NAMES | frozenset(_SHARED.split(", "))
"""Names that the functions of an endpoint module use themselves, and that no parameter can have."""


class Operations:
    """The filters for the operations of one contract."""

    def __init__(self, plans: Plans, shapes: Shapes, records: Records) -> None:
        """Keep the plans of the operations and the types of their values."""
        self._shapes = shapes
        self._requests = Requests(plans, shapes)
        self._results = Results(shapes, records)

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Every filter by the name that the templates use."""
        code: list[Callable[..., str]] = [
            self._results.result_type,
            self.endpoint_imports,
            self.module_docstring,
            self.build_docstring,
        ]
        return {
            **self._requests.filters(),
            **{function.__name__: as_filter(function) for function in code},
            "success_branches": self._results.success_branches,
        }

    def learn(self, endpoint: Endpoint) -> None:
        """Learn which models are alternatives in the results of an operation."""
        list(self._results.success_branches(endpoint))

    # Imports and docstrings

    def endpoint_imports(self, endpoint: Endpoint) -> str:
        """The import lines of an endpoint module."""
        used = self._requests.properties(endpoint)
        used += self._results.properties(endpoint)
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
