"""Which models are read from bytes as their fields are asked for, and the code for that.

These are the models of which a page of a list or a map is full, if they have free-form fields:
those are most of a page, and few programs read them all. See `decode_page` in the generated types.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.enum_property import EnumProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from scripts.generator.python_code import Code, identifier, literal_map
from scripts.generator.shapes import Shapes


class Records:
    """The filters for models that are read from bytes."""

    def __init__(self, shapes: Shapes) -> None:
        """Keep what knows the fields and readers of models."""
        self._shapes = shapes
        self._items: set[str] = set()

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Every filter by the name that the templates use."""
        return {"record": self.record, "page_items": self.page_items, "base_class": self.base_class}

    def base_class(self, model: Any) -> Code:
        """The base of a model."""
        return Code("LateModel" if str(self._shapes.class_name(model)) in self._items else "Model")

    def learn(self, models: list[Any], with_maps: list[Any]) -> None:
        """Learn which models are the items of pages, and of the maps among `with_maps`."""
        shapes = self._shapes
        by_name = {str(shapes.class_name(model)): model for model in models}
        listed = {
            str(shapes.class_name(inner))
            for model in models
            for prop in shapes.properties_of(model)
            if (inner := _listed(prop)) is not None and not shapes.is_plain_object(inner)
        }
        listed |= {
            str(shapes.class_name(inner))
            for model in with_maps
            if shapes.is_plain_object(model)
            and isinstance(inner := model.additional_properties, ModelProperty)
            and not shapes.is_plain_object(inner)
        }
        self._items = {
            name
            for name in listed & by_name.keys()
            if any(shapes.is_plain_object(prop) for prop in shapes.properties_of(by_name[name]))
            and not shapes.late_imports(by_name[name])
            and not shapes.reader_of(by_name[name].additional_properties)
            and not self._contains_itself(by_name[name])
        }

    def _contains_itself(self, model: Any) -> bool:
        """Whether a reader of the model names its own class, which is not there yet in its body."""
        own = re.compile(rf"\b{re.escape(str(self._shapes.class_name(model)))}\b")
        readers = (str(self._shapes.decoded(prop, "value")) for prop in self._shapes.properties_of(model))
        return any(own.search(reader) for reader in readers)

    def record(self, model: Any) -> dict[str, Any] | None:
        """The parts of the code for a model that is the item of a page; else None.

        `kinds` are the fields that are decoded at once, `words` the enums of some of these,
        `readers` those that stay bytes, and `late` has the expressions of the latter for a decoded
        `value`.
        """
        if str(self._shapes.class_name(model)) not in self._items:
            return None
        kinds: dict[str, str] = {}
        values: list[tuple[Code, Code]] = []
        readers: list[tuple[Code, Code]] = []
        words: list[tuple[Code, Code]] = []
        late: list[tuple[Code, Code]] = []
        for prop in self._shapes.properties_of(model):
            name = identifier(prop.python_name)
            kind = _kind(prop)
            expression = self._shapes.decoded(prop, "value")
            if kind is None:
                reader, _, argument = expression.partition("(")
                if expression == "value":
                    reader = "as_is"
                elif argument != "value)":
                    reader = f"lambda value: {expression}"
                readers.append((name, Code(reader)))
                late.append((name, Code(expression)))
                continue
            kinds[name] = kind
            source = value = f"record.{name}"
            if isinstance(prop, EnumProperty):
                words.append((name, self._shapes.class_name(prop)))
            elif expression != "value":
                value = f"None if (value := {source}) is None else {expression}"
            values.append((name, Code(value)))
        return {
            "kinds": literal_map(kinds),
            "values": values,
            "readers": readers,
            "late": late,
            "words": words,
        }

    def page_items(self, model: Any) -> list[tuple[Code, Code]]:
        """The JSON name and the class of the items of each list of a page; nothing for the rest."""
        late = self._shapes.late_imports(model)
        found = []
        for prop in self._shapes.properties_of(model):
            inner = _listed(prop)
            name = None if inner is None else self._shapes.class_name(inner)
            if name is not None and str(name) in self._items and not late:
                found.append((self._shapes.json_name(prop), name))
        return found


def _listed(prop: Any) -> Any:
    """The model of the items of a list; None for what is not a list of models."""
    inner = prop.inner_property if isinstance(prop, ListProperty) else None
    return inner if isinstance(inner, ModelProperty) else None


def _kind(prop: Any) -> str | None:
    """The JSON type of a field that is decoded at once; None for a field that stays bytes."""
    match prop:
        case EnumProperty():
            return "string" if prop.value_type is str else None
        case StringProperty() | UuidProperty() | DateTimeProperty() | DateProperty():
            return "string"
        case BooleanProperty():
            return "boolean"
        case IntProperty():
            return "integer"
        case FloatProperty():
            return "number"
        case _:
            return None
