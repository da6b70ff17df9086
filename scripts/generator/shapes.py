"""From the generator's view of the contract to Python: types, decoders and imports of values and
models.

These are filters for the templates: plain functions over the parsed contract, so that the rules can
be read and tested. They write no file.

The rules: an absent or null field is None. Enums and unions are open. Ids stay text. Instants are
datetimes, dates are dates. An inline object without declared fields is a plain dict, or a dict of
one type of value; every other object is a model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
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
from scripts.generator.annotations import joined_types, or_none
from scripts.generator.field_names import field_names
from scripts.generator.model_fits import field_fit, tag_fit
from scripts.generator.python_code import Code, as_filter, identifier, literal, raw_text
from scripts.generator.stock_schemas import StockSchemas

_SHARED_BY_MODELS = "NONE, UNREAD, File, LateModel, Model, as_is, extras, read_datetime, read_list, read_map"
# Classes that generated modules import: a schema so named gets an underscore.
_TAKEN_CLASSES = frozenset(
    {
        "Any", "AsyncClient", "ClassVar", "Client", "Content", "Credential", "File", "Fit", "Mapping",
        "LateModel", "Model", "NONE", "NULL", "OpenEnum", "Operation", "Redirect", "Request", "Response",
        "Self", "Sequence", "T", "UNREAD", "UnexpectedStatus", "TYPE_CHECKING", "OPERATION",
    }
)  # fmt: skip


class Shapes:
    """The filters for values and models of one contract."""

    def __init__(self, contract: dict[str, Any], stock: StockSchemas) -> None:
        """Remember which schemas have a name of their own, and what the generator does not keep."""
        self._schema_names = set(contract.get("components", {}).get("schemas", {}))
        self._stock = stock
        self._alternatives: set[str] = set()
        self._imported: dict[str, set[str]] = {}

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Every filter by the name that the templates use."""
        code: list[Callable[..., str]] = [
            self.class_name,
            self.optional_type_of,
            self.extra_type_of,
            self.field_value,
            self.decoded_extras,
            self.model_imports,
            self.late_imports,
            self.json_name,
            self.model_docstring,
        ]
        return {
            **{function.__name__: as_filter(function) for function in code},
            "properties_of": self.properties_of,
            "enum_members": self.enum_members,
            "fit": self.fit,
            "nulls": self.nulls,
            "model_import": model_import,
            "name_and_module": name_and_module,
        }

    def class_name(self, prop: Any) -> Code:
        """The class of a model or an enum."""
        return _class(prop.class_info.name)

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
        names = field_names([self._json_name(prop) for prop in properties])
        for prop in properties:
            object.__setattr__(prop, "python_name", names[self._json_name(prop)])
        return properties

    def json_name(self, prop: Any) -> Code:
        """The literal of a field's name in JSON."""
        return literal(self._json_name(prop))

    def _json_name(self, prop: Any) -> str:
        name = raw_text(prop.name)
        return self._stock.json_names.get(name, name)

    # Types

    def type_of(self, prop: Any) -> str:
        """The annotation of a value when it is there."""
        if self.is_plain_object(prop):
            return f"dict[str, {self.type_of(prop.additional_properties)}]"
        match prop:
            case ModelProperty():
                return self.class_name(prop)
            case EnumProperty():
                return f"{self.class_name(prop)} | str"
            case ListProperty():
                return f"list[{self.type_of(prop.inner_property)}]"
            case UnionProperty():
                return joined_types(self.type_of(inner) for inner in prop.inner_properties)
            case ConstProperty():
                return type(prop.value.raw_value).__name__
            case DateTimeProperty():
                return "datetime"
            case FileProperty():
                return "File"
            case DateProperty():
                return "_date"
            case UuidProperty() | StringProperty():
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
        if isinstance(prop, UnionProperty):
            return self._decoded_union(prop.inner_properties, source)
        if self.is_plain_object(prop):
            inner = self.reader_of(prop.additional_properties)
            return f"read_map({inner}, {source})" if inner else source
        if isinstance(prop, ListProperty):
            inner = self.reader_of(prop.inner_property)
            return f"read_list({inner}, {source})" if inner else source
        reader = self.reader_of(prop)
        return f"{reader}({source})" if reader else source

    def _decoded_union(self, alternatives: list[Any], source: str) -> str:
        """The readers of all alternatives, one after another: each leaves other kinds alone."""
        models = [
            prop
            for prop in alternatives
            if isinstance(prop, ModelProperty) and not self.is_plain_object(prop)
        ]
        maps = [prop for prop in alternatives if self.is_plain_object(prop)]
        lists = [prop for prop in alternatives if isinstance(prop, ListProperty)]
        enums = [prop for prop in alternatives if isinstance(prop, EnumProperty)]
        if any(isinstance(prop, DateTimeProperty) for prop in alternatives):
            texts = (StringProperty, DateProperty, UuidProperty, EnumProperty, ConstProperty)
            reader = (
                "read_instant" if any(isinstance(prop, texts) for prop in alternatives) else "read_datetime"
            )
            source = f"{reader}({source})"
        if any(isinstance(prop, DateProperty) for prop in alternatives):
            source = f"read_date({source})"
        for enum in reversed(enums):
            source = f"{self.class_name(enum)}.read({source})"
        if len(models) == 1 and not maps:
            source = f"{self.class_name(models[0])}.read({source})"
        elif models:
            names = ", ".join(self.class_name(model) for model in models)
            self._alternatives.update(self.class_name(model) for model in models)
            source = f"read_best(({names},), {source})"
        nested = {
            "read_map": [prop.additional_properties for prop in maps],
            "read_list": [prop.inner_property for prop in lists],
        }
        for reader, items in nested.items():
            inner = self._decoded_union(_flat(items), "value") if items else "value"
            if inner != "value":
                source = f"{reader}({_reader(inner)}, {source})"
        return source

    def field_value(self, prop: Any) -> str:
        """The expression of a field in `from_dict`; an absent field calls no reader."""
        source = f"get({self.json_name(prop)})"
        expression = self.decoded(prop, "value")
        return source if expression == "value" else f"None if (value := {source}) is None else {expression}"

    def reader_of(self, prop: Any) -> str | None:
        """The function that reads a value of this kind; None when the JSON value needs none."""
        match prop:
            case ModelProperty() if not self.is_plain_object(prop):
                return f"{self.class_name(prop)}.read"
            case EnumProperty():
                return f"{self.class_name(prop)}.read"
            case DateTimeProperty():
                return "read_datetime"
            case DateProperty():
                return "read_date"
            case _:
                nests = isinstance(prop, (ListProperty, ModelProperty, UnionProperty))
                expression = self.decoded(prop, "value") if nests else "value"
                return None if expression == "value" else _reader(expression)

    # Models that are alternatives, and models that refer to each other

    def learn(self, models: list[Any]) -> None:
        """Learn from all models which of them are alternatives, and which import one another."""
        for model in models:
            for prop in self.properties_of(model):
                self.field_value(prop)
            self.decoded_extras(model)
        for model in models:
            self._imported[self.class_name(model)] = {
                line.rpartition(" ")[2] for line in self._lines_of_imports(model) if line.startswith("from .")
            }

    def fit(self, model: Any) -> list[tuple[Code, Code]]:
        """The name and `field_fit` of each field; nothing for a model that is no alternative."""
        if self.class_name(model) not in self._alternatives:
            return []
        tags = self._stock.tags.get(str(model.class_info.name), {})
        declared = {self._json_name(prop): prop for prop in self.properties_of(model)}
        fits = [(literal(name), field_fit(prop, tags.get(name, ()))) for name, prop in declared.items()]
        # A discriminator may name a field that the model itself does not declare.
        return fits + [(literal(name), tag_fit(tags[name])) for name in tags if name not in declared]

    def nulls(self, model: Any) -> list[Code]:
        """The literals of the JSON names of fields that are sent as null when they are None."""
        names = self._stock.nulls.get(raw_text(model.example or ""), ())
        declared = {self._json_name(prop) for prop in self.properties_of(model)}
        return [literal(name) for name in names if name in declared]

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
        """The import lines at the top of a model's module."""
        late = self._late_lines(model)
        lines = [line for line in self._lines_of_imports(model) if line not in late]
        code = [*map(self.field_value, self.properties_of(model)), self.decoded_extras(model)]
        rare = [
            name
            for name in ("read_best", "read_date", "read_instant")
            if any(re.search(rf"\b{name}\b", text) for text in code)
        ]
        rare += ["Fit"] if self.fit(model) else []
        return "\n".join([f"from ..types import {', '.join([_SHARED_BY_MODELS, *rare])}", *lines])

    def late_imports(self, model: Any) -> str:
        """The import lines below the class: those of modules that import this one in turn."""
        return "\n".join(f"{line}  # noqa: E402" for line in self._late_lines(model))

    def _late_lines(self, model: Any) -> list[str]:
        own = self.class_name(model)
        return [
            line for line in self._lines_of_imports(model) if own in self._reached(line.rpartition(" ")[2])
        ]

    def _reached(self, name: str) -> set[str]:
        """What a model's module imports, directly and through others."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            new = self._imported.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return found

    def _lines_of_imports(self, model: Any) -> list[str]:
        used = [*self.properties_of(model)]
        if model.additional_properties is not None:
            used.append(model.additional_properties)
        own = f" import {self.class_name(model)}"
        return sorted(
            {line for prop in used for line in self.imports_of(prop, ".") if not line.endswith(own)}
        )

    def imports_of(self, prop: Any, prefix: str) -> Iterator[str]:
        """The import lines that the annotation of a value needs; models are below `prefix`."""
        if self.is_plain_object(prop):
            yield from self.imports_of(prop.additional_properties, prefix)
            return
        match prop:
            case ModelProperty() | EnumProperty():
                yield f"from {prefix}{identifier(prop.class_info.module_name)} import {self.class_name(prop)}"
            case ListProperty():
                yield from self.imports_of(prop.inner_property, prefix)
            case UnionProperty():
                for inner in prop.inner_properties:
                    yield from self.imports_of(inner, prefix)
            case DateTimeProperty():
                yield "from datetime import datetime"
            case DateProperty():
                # A field may be called `date`, which would hide the type from other annotations.
                yield "from datetime import date as _date"
            case _:
                return

    def model_docstring(self, model: Any) -> Code:
        """The docstring of a model."""
        return docstrings.model_docstring(model, self.properties_of(model))


def model_import(line: str) -> Code:
    """The import of a model, as the generator writes it: `from .asset import Asset`."""
    module, name = _module_and_class(line)
    return Code(f"from .{module} import {name}")


def name_and_module(line: str) -> Code:
    """The entry of the same model in the table of models."""
    module, name = _module_and_class(line)
    return Code(f"{literal(name)}: {literal(module)}")


def _module_and_class(line: str) -> tuple[Code, Code]:
    _, module, _, name = line.split()
    return identifier(module.removeprefix(".")), _class(name)


def _class(name: object) -> Code:
    made = identifier(name)
    # attrs takes fields whose annotation begins with ClassVar for no fields. A name without a
    # capital, such as a Chinese one, may be a field's name, too, which would hide the class.
    if made.startswith("ClassVar") or made == made.lower():
        return Code(f"Schema{made}")
    return Code(f"{made}_") if made in _TAKEN_CLASSES else made


def _flat(props: list[Any]) -> list[Any]:
    return [each for prop in props for each in getattr(prop, "inner_properties", [prop])]


def _reader(expression: str) -> str:
    """A function of an expression with `value` in it."""
    name, _, argument = expression.partition("(")
    return name if argument == "value)" else f"lambda value: {expression}"
