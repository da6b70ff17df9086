"""What decides which of several models an object is: `Fit` in the generated types."""

from __future__ import annotations

import json
from typing import Any

from openapi_python_client.parser.properties.any import AnyProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.enum_property import EnumProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.union import UnionProperty

from scripts.generator.python_code import Code

_KINDS = {str: "string", bool: "boolean", int: "integer", float: "number"}


def field_fit(prop: Any, tags: tuple[str, ...]) -> Code:
    """The literal for one field: required, JSON types, words, and whether these name the model.

    `tags` are the words that discriminators give to the model in this field.
    """
    own = _words_of(prop)
    # Without a mapping, the words of a discriminator are names of schemas. Servers do not send them
    # where the field has an enum or a constant.
    words = tags if set(tags) & set(own) else (*tags, *own)
    return Code(repr((bool(prop.required), _kinds_of(prop), words, bool(tags) or len(words) == 1)))


def tag_fit(words: tuple[str, ...]) -> Code:
    """The literal for a field that only discriminators mention, with their words for the model."""
    return Code(repr((False, ("string",), words, True)))


def _words_of(prop: Any) -> tuple[str, ...]:
    match prop:
        case EnumProperty():
            return tuple(json.loads(f'"{value}"') for value in prop.values.values())
        case ConstProperty() if isinstance(prop.value.raw_value, str):
            return (prop.value.raw_value,)
        case _:
            return ()


def _kinds_of(prop: Any) -> tuple[str, ...]:
    """The JSON types of a value; nothing when it may be anything."""
    match prop:
        case UnionProperty():
            kinds = [_kinds_of(inner) for inner in prop.inner_properties]
            return tuple(dict.fromkeys(kind for each in kinds for kind in each)) if all(kinds) else ()
        case ConstProperty():
            return (_KINDS[type(prop.value.raw_value)],)
        case ModelProperty():
            return ("object",)
        case ListProperty():
            return ("array",)
        case BooleanProperty():
            return ("boolean",)
        case IntProperty():
            return ("integer",)
        case FloatProperty():
            return ("number",)
        case NoneProperty():
            return ("null",)
        case AnyProperty():
            return ()
        case _:
            return ("string",)
