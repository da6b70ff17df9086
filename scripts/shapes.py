"""From the generator's view of the contract to Python expressions: types, decoders, imports, signatures, docstrings.

These are the filters that `templates/` use. They are plain functions over the parsed contract, so that the rules can
be read and tested; they write no file and know nothing of the order in which files are made.

The rules: an absent or null field is None. Enums and unions are open. Ids stay text. Instants are datetimes. An inline
object without declared fields is a plain dict; with values of one kind, a dict of them; every other object is a model.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openapi_python_client import strings
from openapi_python_client.parser.bodies import Body, BodyType
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.enum_property import EnumProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from scripts import docstrings

RESERVED = frozenset({"additional_properties", "from_dict", "to_dict", "read", "keys", "get"})
"""What every model has: a field of such a name gets an underscore, as the generator does for Python's words."""


class Shapes:
    """The filters, bound to one contract: its raw operations by (method, path) and the names of its schemas."""

    def __init__(self, contract: dict[str, Any]) -> None:
        """Note what the generator's view of the contract leaves out."""
        self._schema_names = set(contract.get("components", {}).get("schemas", {}))
        self._operations: dict[tuple[str, str], dict[str, Any]] = {
            (method.lower(), path): operation
            for path, item in contract.get("paths", {}).items()
            for method, operation in item.items()
            if isinstance(operation, dict)
        }
        self._default_security = contract.get("security", [])

    def filters(self) -> dict[str, Any]:
        """Every filter by the name that the templates call it."""
        names = [
            "properties_of", "optional_type_of", "extra_type_of", "field_value", "decoded", "decoded_extras", "model_imports",
            "model_docstring", "module_docstring", "build_docstring", "endpoint_imports",
            "operation_id", "signature", "signature_after_client", "call_arguments", "path_expression",             "request_expression", "result_type", "success_branches", "key_use", "is_body_optional", "contract_path",
            "repeated_names",
        ]  # fmt: skip
        own = {name: getattr(self, name) for name in names}
        return own | {"as_docstring": docstrings.as_docstring, "enum_docstring": docstrings.of_enum}

    # Which objects become a class of their own

    def is_plain_object(self, prop: Any) -> bool:
        """True for an inline object with no declared field: it is read as a dict and has no class."""
        if not isinstance(prop, ModelProperty) or prop.class_info.name in self._schema_names:
            return False
        return not self.properties_of(prop) and prop.additional_properties is not None

    def properties_of(self, model: Any) -> list[Any]:
        """The declared fields of a model, required ones first."""
        properties = [*(model.required_properties or []), *(model.optional_properties or [])]
        for prop in properties:
            if prop.python_name in RESERVED:
                object.__setattr__(prop, "python_name", f"{prop.python_name}_")
        return properties

    # Types

    def type_of(self, prop: Any) -> str:
        """The annotation of a value when it is there."""
        if self.is_plain_object(prop):
            return f"dict[str, {self.type_of(prop.additional_properties)}]"
        match prop:
            case ModelProperty():
                return str(prop.class_info.name)
            case EnumProperty():
                return f"{prop.class_info.name} | str"
            case ListProperty():
                return f"list[{self.type_of(prop.inner_property)}]"
            case UnionProperty():
                return " | ".join(dict.fromkeys(self.type_of(inner) for inner in prop.inner_properties))
            case DateTimeProperty():
                return "datetime"
            case FileProperty():
                return "File"
            case UuidProperty() | DateProperty() | StringProperty():
                return "str"
            case BooleanProperty():
                return "bool"
            case IntProperty():
                return "int"
            case FloatProperty():
                return "float"
            case NoneProperty():
                return "None"
            case _:
                return "Any"

    def optional_type_of(self, prop: Any) -> str:
        """The annotation of a field: every one may be absent in what a server really sends."""
        return _or_none(self.type_of(prop))

    def extra_type_of(self, model: Any) -> str:
        """The annotation of the values in `additional_properties`."""
        extra = model.additional_properties
        return self.type_of(extra) if extra is not None else "Any"

    def result_type(self, endpoint: Endpoint) -> str:
        """What a successful call returns."""
        types = dict.fromkeys(self._result_of(response)[0] for response in self._successes(endpoint))
        if endpoint.method.lower() == "head":
            return "bool"
        return " | ".join(types) or "None"

    # Decoding

    def decoded(self, prop: Any, source: str) -> str:
        """An expression that turns the JSON value `source` into what `type_of` says."""
        if self.is_plain_object(prop):
            inner = self.reader_of(prop.additional_properties)
            return f"read_map({inner}, {source})" if inner else source
        if isinstance(prop, ListProperty):
            inner = self.reader_of(prop.inner_property)
            return f"read_list({inner}, {source})" if inner else source
        reader = self.reader_of(prop)
        return f"{reader}({source})" if reader else source

    def field_value(self, prop: Any) -> str:
        """The expression of a field in `from_dict`, which spares the call of a reader for what is absent."""
        source = f'get("{strings.in_double_quote_literal(prop.name)}")'
        expression = self.decoded(prop, "value")
        return source if expression == "value" else f"None if (value := {source}) is None else {expression}"

    def reader_of(self, prop: Any) -> str | None:
        """The function that reads a value of this kind; None when the JSON value is used as it is."""
        match prop:
            case ModelProperty() if not self.is_plain_object(prop):
                return f"{prop.class_info.name}.read"
            case EnumProperty():
                return f"{prop.class_info.name}.read"
            case DateTimeProperty():
                return "read_datetime"
            case UnionProperty():
                return next((reader for reader in map(self.reader_of, prop.inner_properties) if reader), None)
            case _:
                expression = self.decoded(prop, "value") if _nests(prop) else "value"
                return None if expression == "value" else f"lambda value: {expression}"

    def decoded_extras(self, model: Any) -> str:
        """An expression for the undeclared fields of a model."""
        raw = (
            "NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)"
            if self.properties_of(model)
            else "dict(data)"
        )
        reader = (
            self.reader_of(model.additional_properties) if model.additional_properties is not None else None
        )
        return f"read_map({reader}, {raw})" if reader else raw

    def success_branches(self, endpoint: Endpoint) -> Iterator[tuple[str, str]]:
        """Pairs of a condition on `status` and the expression of the result, first match first."""
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
        prop = response.prop
        if isinstance(prop, ModelProperty) and not self.is_plain_object(prop):
            return self.type_of(prop), f"decode_model({prop.class_info.name}.from_dict, response)"
        if self.is_plain_object(prop):
            inner = self.reader_of(prop.additional_properties)
            reader = f"lambda value: read_map({inner}, value)" if inner else "dict"
            return self.type_of(prop), f"decode_model({reader}, response)"
        if isinstance(prop, ListProperty):
            return self.type_of(
                prop
            ), f"decode_list({self.reader_of(prop.inner_property) or 'as_is'}, response)"
        return self.type_of(prop), self.decoded(prop, "read_json(response)")

    # Requests

    def operation_id(self, endpoint: Endpoint) -> str:
        """The operationId as the contract spells it."""
        return str(self._raw(endpoint).get("operationId", endpoint.name))

    def contract_path(self, endpoint: Endpoint) -> str:
        """The path template as the contract spells it, for a literal in double quotes."""
        own = self._raw(endpoint)
        path = str(next(path for (_, path), operation in self._operations.items() if operation is own))
        return path.replace("\\", "\\\\").replace('"', '\\"')

    def repeated_names(self, endpoint: Endpoint) -> list[str]:
        """The array parameters that are sent as one pair per item, which is what OpenAPI does unless told."""
        return [
            parameter["name"]
            for parameter in self._raw(endpoint).get("parameters", [])
            if parameter.get("in") == "query"
            and parameter.get("schema", {}).get("type") == "array"
            and parameter.get("explode", True)
        ]

    def key_use(self, endpoint: Endpoint) -> str:
        """Whether the API key is "required", "optional" or "none" for this operation."""
        security = self._raw(endpoint).get("security", self._default_security)
        if not security:
            return "none"
        return "optional" if {} in security else "required"

    def is_body_optional(self, endpoint: Endpoint) -> bool:
        """True when the operation may be called without a body."""
        return bool(endpoint.bodies) and not self._raw(endpoint).get("requestBody", {}).get("required", False)

    def signature(self, endpoint: Endpoint) -> str:
        """The parameters of `build`: path parameters by position, the others by keyword; unset ones are not sent."""
        parts = [f"{p.python_name}: {self.type_of(p)}" for p in endpoint.path_parameters]
        keywords: list[str] = []
        if endpoint.bodies:
            body = f"body: {self._body_type(endpoint)}"
            keywords.append(_optional(body) if self.is_body_optional(endpoint) else body)
        for parameter in sorted(endpoint.query_parameters, key=lambda p: not p.required):
            text = f"{parameter.python_name}: {self.type_of(parameter)}"
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

    def path_expression(self, endpoint: Endpoint) -> str:
        """The expression of the path with its parameters encoded."""
        path = strings.in_double_quote_literal(endpoint.path)
        if not endpoint.path_parameters:
            return f'"{path}"'
        for parameter in endpoint.path_parameters:
            path = path.replace(
                "{" + str(parameter.python_name) + "}", "{path_segment(" + parameter.python_name + ")}"
            )
        return f'f"{path}"'

    def request_expression(self, endpoint: Endpoint) -> str:
        """The expression that makes the Request with its body."""
        branches = [self._body_arguments(body) for body in endpoint.bodies]
        expression = f"Request(OPERATION, target, {branches[0]})"
        for body, arguments in zip(endpoint.bodies[1:], branches[1:], strict=True):
            check = f"isinstance(body, {body.prop.class_info.name})"  # type: ignore[union-attr]
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
                names.append(f"{self.type_of(body.prop)} | Mapping[str, Any]")
        return " | ".join(dict.fromkeys(" | ".join(names).split(" | ")))

    def _raw(self, endpoint: Endpoint) -> dict[str, Any]:
        for (method, path), operation in self._operations.items():
            if method == endpoint.method.lower() and _same_path(path, endpoint):
                return operation
        raise LookupError(f"{endpoint.method} {endpoint.path} is not in the contract")

    # Imports

    def endpoint_imports(self, endpoint: Endpoint) -> list[str]:
        """The import lines of an endpoint module."""
        used: list[Any] = [*endpoint.path_parameters, *endpoint.query_parameters]
        used += [body.prop for body in endpoint.bodies if body.body_type != BodyType.CONTENT]
        used += [response.prop for response in self._successes(endpoint)]
        lines = {line for prop in used for line in self._imports_of(prop, "...models.")}
        return [
            "from ...client import AsyncClient, Client",
            f"from ...types import {_SHARED}",
            *sorted(lines),
        ]

    def model_imports(self, model: Any) -> list[str]:
        """The import lines of a model module."""
        used = [*self.properties_of(model)]
        if model.additional_properties is not None:
            used.append(model.additional_properties)
        own = f" import {model.class_info.name}"
        lines = {line for prop in used for line in self._imports_of(prop, ".") if not line.endswith(own)}
        return [f"from ..types import {_SHARED_BY_MODELS}", *sorted(lines)]

    def _imports_of(self, prop: Any, prefix: str) -> Iterator[str]:
        if self.is_plain_object(prop):
            yield from self._imports_of(prop.additional_properties, prefix)
            return
        match prop:
            case ModelProperty() | EnumProperty():
                yield f"from {prefix}{prop.class_info.module_name} import {prop.class_info.name}"
            case ListProperty():
                yield from self._imports_of(prop.inner_property, prefix)
            case UnionProperty():
                for inner in prop.inner_properties:
                    yield from self._imports_of(inner, prefix)
            case DateTimeProperty():
                yield "from datetime import datetime"
            case _:
                return

    # Docstrings

    def module_docstring(self, endpoint: Endpoint) -> str:
        """The docstring of an operation's module."""
        return docstrings.of_module(endpoint, self.contract_path(endpoint))

    def build_docstring(self, endpoint: Endpoint) -> str:
        """The docstring of an operation's `build`."""
        return docstrings.of_build(endpoint, self._raw(endpoint))

    def model_docstring(self, model: Any) -> str:
        """The docstring of a model."""
        return docstrings.of_model(model, self.properties_of(model))


_SHARED = (
    "Content, Operation, Redirect, Request, Response, UnexpectedStatus, as_is, decode_list, decode_model, "
    "form_parts, path_segment, read_datetime, read_json, read_list, read_map, redirect, to_json, with_query, File"
)
_SHARED_BY_MODELS = "NONE, File, Model, extras, read_datetime, read_list, read_map"


def _nests(prop: Any) -> bool:
    return isinstance(prop, (ListProperty, ModelProperty))


def _or_none(annotation: str) -> str:
    return annotation if annotation == "Any" or annotation.endswith("None") else f"{annotation} | None"


def _optional(parameter: str) -> str:
    name, _, annotation = parameter.partition(": ")
    return f"{name}: {_or_none(annotation)} = None"


def _same_path(raw: str, endpoint: Endpoint) -> bool:
    path = endpoint.path.get_untrusted_value()
    return [part if part[:1] != "{" else "{}" for part in raw.split("/")] == [
        part if part[:1] != "{" else "{}" for part in path.split("/")
    ]
