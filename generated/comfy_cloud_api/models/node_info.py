# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, UNREAD, LateModel, as_is, extras


@_define
class NodeInfo(LateModel):
    """The inputs and outputs of one node class.

    Attributes:
        input_: Inputs in the groups `required`, `optional` and `hidden`. Each input is a list of
            its type (or of the values allowed) and an object of options such as `default`, `min`
            and `max`.
        input_order: Names of the inputs of each group in the order to show them.
        output: Types of the outputs, in order: a name, or the list of values of a choice.
        output_is_list: For each output, whether it is a list of values.
        output_name: Names of the outputs, in order.
        name: Name of the class, as written in `class_type`.
        display_name: Name to show to people.
        description: What the node does, in the words of its author; may be empty.
        python_module: Python module that defines the class; begins with `custom_nodes.` for node
            packs.
        category: Position in the node menu, levels separated by slashes.
        output_node: `true` if a graph may end at this node; a graph needs at least one such node.
        output_tooltips: Explanations of the outputs, in order.
        deprecated: `true` if the class should not be used in new graphs.
        experimental: `true` if the class may still change.
        api_node: `true` if the node calls a paid partner service, which needs a key in
            `extra_data`.
    """

    input_: dict[str, Any] | None = None
    input_order: dict[str, list[str]] | None = None
    output: list[Any] | None = None
    output_is_list: list[bool] | None = None
    output_name: list[str] | None = None
    name: str | None = None
    display_name: str | None = None
    description: str | None = None
    python_module: str | None = None
    category: str | None = None
    output_node: bool | None = None
    output_tooltips: list[str | None] | None = None
    deprecated: bool | None = None
    experimental: bool | None = None
    api_node: bool | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "input": "input_",
        "input_order": "input_order",
        "output": "output",
        "output_is_list": "output_is_list",
        "output_name": "output_name",
        "name": "name",
        "display_name": "display_name",
        "description": "description",
        "python_module": "python_module",
        "category": "category",
        "output_node": "output_node",
        "output_tooltips": "output_tooltips",
        "deprecated": "deprecated",
        "experimental": "experimental",
        "api_node": "api_node",
    }

    _KINDS: ClassVar[Mapping[str, str]] = {
        "name": "string",
        "description": "string",
        "python_module": "string",
        "category": "string",
        "output_node": "boolean",
        "deprecated": "boolean",
        "experimental": "boolean",
        "api_node": "boolean",
    }
    _READERS: ClassVar[Mapping[str, Any]] = {
        "input_": as_is,
        "input_order": as_is,
        "output": as_is,
        "output_is_list": as_is,
        "output_name": as_is,
        "display_name": as_is,
        "output_tooltips": as_is,
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.input_ = get("input")
        self.input_order = get("input_order")
        self.output = get("output")
        self.output_is_list = get("output_is_list")
        self.output_name = get("output_name")
        self.name = get("name")
        self.display_name = get("display_name")
        self.description = get("description")
        self.python_module = get("python_module")
        self.category = get("category")
        self.output_node = get("output_node")
        self.output_tooltips = get("output_tooltips")
        self.deprecated = get("deprecated")
        self.experimental = get("experimental")
        self.api_node = get("api_node")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self

    @classmethod
    def from_records(cls, records: Any, page: Any) -> list[Any]:
        new = cls.__new__
        found = []
        for record in records:
            self: Any = new(cls)
            self.name = record.name
            self.description = record.description
            self.python_module = record.python_module
            self.category = record.category
            self.output_node = record.output_node
            self.deprecated = record.deprecated
            self.experimental = record.experimental
            self.api_node = record.api_node
            self._late_input_ = UNREAD
            self._late_input_order = UNREAD
            self._late_output = UNREAD
            self._late_output_is_list = UNREAD
            self._late_output_name = UNREAD
            self._late_display_name = UNREAD
            self._late_output_tooltips = UNREAD
            self.additional_properties = NONE
            self._undecoded = record
            self._page = page
            found.append(self)
        return found

    def _decode_all(self, record: Any, decode: Any) -> None:
        model: Any = self
        if model._late_input_ is UNREAD:
            model._late_input_ = None if record.input_ is None else decode(record.input_)
        if model._late_input_order is UNREAD:
            model._late_input_order = None if record.input_order is None else decode(record.input_order)
        if model._late_output is UNREAD:
            model._late_output = None if record.output is None else decode(record.output)
        if model._late_output_is_list is UNREAD:
            model._late_output_is_list = (
                None if record.output_is_list is None else decode(record.output_is_list)
            )
        if model._late_output_name is UNREAD:
            model._late_output_name = None if record.output_name is None else decode(record.output_name)
        if model._late_display_name is UNREAD:
            model._late_display_name = None if record.display_name is None else decode(record.display_name)
        if model._late_output_tooltips is UNREAD:
            model._late_output_tooltips = (
                None if record.output_tooltips is None else decode(record.output_tooltips)
            )


_KNOWN = frozenset(NodeInfo._JSON_NAMES)
