"""Imports what `node_stubs` writes, and fills nodes with values that their annotations allow."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from types import ModuleType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from comfy_cloud import Output, graph_builder
from comfy_cloud.graph_builder import Graph, Link, Node, Option, UntypedNode
from comfy_cloud_api.models.asset import Asset
from comfy_cloud_api.models.upload_image_response_200 import UploadImageResponse200

_NAMES = {
    **vars(graph_builder), "Output": Output, "Asset": Asset, "UploadImageResponse200": UploadImageResponse200
}  # fmt: skip
_VALUES: dict[Any, Any] = {int: 1, float: 0.5, str: "a", bool: True}


def imported(text: str) -> ModuleType:
    """The module with this text, as `import` would make it."""
    module = ModuleType("made_nodes_of_a_test")
    exec(compile(text, "made_nodes_of_a_test.py", "exec"), vars(module))
    return module


def node_classes(module: ModuleType) -> dict[str, type[Node[Any]]]:
    """The classes of a module by their Python names."""
    return {
        name: kind for name, kind in vars(module).items() if inspect.isclass(kind) and issubclass(kind, Node)
    }


def filled(kind: Any, module: ModuleType, sources: dict[str, Any], *, optional: bool) -> Any:
    """A node or an option with a value for each input; with `optional`, also for optional ones.

    The classes of nodes that links come from are added to `sources`, as object_info has them.
    """
    names = {**_NAMES, **vars(module)}
    hints = get_type_hints(kind.__init__, names)
    positional, given = [], {}
    for parameter in list(inspect.signature(kind.__init__).parameters.values())[1:]:
        if parameter.default is parameter.empty or (optional and parameter.default in (None, ())):
            value = _value(hints[parameter.name], module, sources, optional=optional)
            if parameter.kind is parameter.POSITIONAL_ONLY:
                positional.append(value)
            else:
                given[parameter.name] = value
    return kind(*positional, **given)


def graph_of(kind: Any, module: ModuleType, *, optional: bool) -> tuple[Graph, dict[str, Any]]:
    """A graph with a node of this class, and the further classes that it needs."""
    sources: dict[str, Any] = {}
    return Graph(filled(kind, module, sources, optional=optional)), sources


def _value(hint: Any, module: ModuleType, sources: dict[str, Any], *, optional: bool) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        parts = [part for part in arguments if part is not NoneType]
        links = [part for part in parts if get_origin(part) is Link and get_args(part) != (str,)]
        is_choice = any(get_origin(part) is Literal for part in parts)
        chosen = links[0] if links and not is_choice and parts[0] not in _VALUES else parts[0]
        return _value(chosen, module, sources, optional=optional)
    if origin is Literal:
        return arguments[0]
    if origin is Link:
        (type,) = arguments
        name = "*" if type is str else ",".join(get_args(type))
        sources[f"Source of {name}"] = {"input": {}, "output": [name], "output_name": [name]}
        return UntypedNode(f"Source of {name}", {}).outputs[0]
    if inspect.isclass(hint) and issubclass(hint, Option):
        return filled(hint, module, sources, optional=optional)
    if origin is not None and issubclass(origin, Mapping):
        return {}
    if origin is not None and issubclass(origin, Sequence):
        # As many as any group of the emulator's classes needs.
        return [_value(arguments[0], module, sources, optional=optional)]
    return _VALUES[hint]
