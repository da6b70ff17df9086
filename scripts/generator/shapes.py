"""From the generator's view of the contract to Python: types, decoders and imports of values and
models.

These are filters for the templates: plain functions over the parsed contract, so that the rules can
be read and tested. They write no file.

The rules: an absent or null field is None. Enums and unions are open. Ids stay text. Instants are
datetimes. An inline object without declared fields is a plain dict, or a dict of one type of value;
every other object is a model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

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

from scripts.generator import docstrings
from scripts.generator.python_code import Code, as_filter, identifier, literal

RESERVED = frozenset({"additional_properties", "from_dict", "to_dict", "read", "keys", "get"})
"""Names that every model has: a field so named gets an underscore, as Python's keywords do."""

_SHARED_BY_MODELS = "NONE, File, Model, extras, read_datetime, read_list, read_map"


class Shapes:
    """The filters for values and models of one contract."""

    def __init__(self, contract: dict[str, Any]) -> None:
        """Remember which schemas have a name of their own."""
        self._schema_names = set(contract.get("components", {}).get("schemas", {}))

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Every filter by the name that the templates use."""
        code: list[Callable[..., str]] = [
            self.class_name,
            self.optional_type_of,
            self.extra_type_of,
            self.field_value,
            self.decoded_extras,
            self.model_imports,
            self.model_docstring,
        ]
        return {
            **{function.__name__: as_filter(function) for function in code},
            "properties_of": self.properties_of,
            "enum_members": self.enum_members,
            "model_import": model_import,
            "name_and_module": name_and_module,
        }

    def class_name(self, prop: Any) -> Code:
        """The class of a model or an enum."""
        return identifier(prop.class_info.name)

    def enum_members(self, enum: Any) -> list[tuple[Code, Code]]:
        """Name and literal of each value, sorted by name."""
        # The generator keeps the values escaped for a literal in double quotes, as JSON does.
        return [
            (identifier(name), literal(json.loads(f'"{value}"')))
            for name, value in sorted(enum.values.items())
        ]

    # Which objects become a class
    def is_plain_object(self, prop: Any) -> bool:
        """Whether this is an inline object without declared fields: a dict, not a class."""
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
                return self.class_name(prop)
            case EnumProperty() if is_number_enum(prop):
                return "int"
            case EnumProperty():
                return f"{self.class_name(prop)} | str"
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
        return or_none(self.type_of(prop))

    def extra_type_of(self, model: Any) -> str:
        """The annotation of the values in `additional_properties`."""
        extra = model.additional_properties
        return self.type_of(extra) if extra is not None else "Any"

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
        """The expression of a field in `from_dict`; an absent field calls no reader."""
        source = f"get({literal(prop.name)})"
        expression = self.decoded(prop, "value")
        return source if expression == "value" else f"None if (value := {source}) is None else {expression}"

    def reader_of(self, prop: Any) -> str | None:
        """The function that reads a value of this kind; None when the JSON value needs none."""
        match prop:
            case EnumProperty() if is_number_enum(prop):
                return None
            case ModelProperty() if not self.is_plain_object(prop):
                return f"{self.class_name(prop)}.read"
            case EnumProperty():
                return f"{self.class_name(prop)}.read"
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

    def model_imports(self, model: Any) -> str:
        """The import lines of a model module."""
        used = [*self.properties_of(model)]
        if model.additional_properties is not None:
            used.append(model.additional_properties)
        own = f" import {model.class_info.name}"
        lines = {line for prop in used for line in self.imports_of(prop, ".") if not line.endswith(own)}
        return "\n".join([f"from ..types import {_SHARED_BY_MODELS}", *sorted(lines)])

    def imports_of(self, prop: Any, prefix: str) -> Iterator[str]:
        """The import lines that the annotation of a value needs; models are below `prefix`."""
        if self.is_plain_object(prop):
            yield from self.imports_of(prop.additional_properties, prefix)
            return
        match prop:
            case EnumProperty() if is_number_enum(prop):
                return
            case ModelProperty() | EnumProperty():
                yield f"from {prefix}{identifier(prop.class_info.module_name)} import {self.class_name(prop)}"
            case ListProperty():
                yield from self.imports_of(prop.inner_property, prefix)
            case UnionProperty():
                for inner in prop.inner_properties:
                    yield from self.imports_of(inner, prefix)
            case DateTimeProperty():
                yield "from datetime import datetime"
            case _:
                return

    def model_docstring(self, model: Any) -> Code:
        """The docstring of a model."""
        return docstrings.model_docstring(model, self.properties_of(model))


def model_import(line: str) -> Code:
    """The import of a model, as the generator writes it: `from .asset import Asset`."""
    module, name = _parts_of(line)
    return Code(f"from .{module} import {name}")


def name_and_module(line: str) -> Code:
    """The entry of the same model in the table of models."""
    module, name = _parts_of(line)
    return Code(f"{literal(name)}: {literal(module)}")


def _parts_of(line: str) -> tuple[Code, Code]:
    _, module, _, name = line.split()
    return identifier(module.removeprefix(".")), identifier(name)


def is_number_enum(prop: Any) -> bool:
    """Whether this is an enum of whole numbers, which stay numbers."""
    return isinstance(prop, EnumProperty) and prop.value_type is int


def _nests(prop: Any) -> bool:
    return isinstance(prop, (ListProperty, ModelProperty))


def or_none(annotation: str) -> str:
    """The annotation with None allowed."""
    return annotation if annotation == "Any" or annotation.endswith("None") else f"{annotation} | None"
