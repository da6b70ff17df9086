"""The node catalogue: the node classes, and how `GET /api/object_info` describes them.

`catalogue()` is the emulator's own; `object_info` reads that of a server instead. The data of the
own one lies beside this module in a compact form. Lists that many inputs share are named once
(`$samplers`), model files are listed by folder (`@checkpoints`), and an output is its type and, if
it differs, its name. Nothing here executes a node or checks a graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Final

import orjson

from comfy_cloud_catalogue.declarations import ALL_GROUPS, COMBO, input_spec
from comfy_cloud_emulator.state.json_values import Json, is_array

PACKAGE: Final = "comfy_cloud_emulator.nodes"
DATA: Final = "catalogue.json"


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a node class.

    `type` is the type of the socket or widget, "COMBO" for a choice. `choices` are the allowed
    values of a choice; None for other types, and for choices among files, which depend on the
    account. `files` are the files that the description lists for such a choice. `is_listed` is
    True if the choices stand where the type is: then a link must come from an equal list.
    """

    name: str
    type: str
    required: bool
    choices: tuple[Any, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    files: tuple[Any, ...] | None = field(default=None, repr=False)
    is_listed: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class NodeClass:
    """One node class: `inputs` by name, `outputs` as types; `saves` for output nodes.

    `is_foreign` is True for a class that is known only by a server's description.
    """

    name: str
    inputs: dict[str, Input] = field(repr=False)
    outputs: tuple[str, ...]
    saves: bool
    info: Json = field(repr=False)
    is_foreign: bool = False
    expand: Callable[[Mapping[str, Any]], dict[str, Input]] | None = field(default=None, repr=False)
    """From the values of a node to its inputs, where these depend on them."""

    def inputs_for(self, values: Mapping[str, Any]) -> dict[str, Input]:
        """The inputs of a node with these values."""
        return self.inputs if self.expand is None else self.expand(values)


class Catalogue:
    """The node classes by name.

    `read` returns them; it is called when the first class is needed. `document` is the description
    that they were read from, as a server sent it; None for the emulator's own classes.
    """

    def __init__(self, read: Callable[[], dict[str, NodeClass]], document: bytes | None = None) -> None:
        self._read = read
        self.document = document

    @cached_property
    def _classes(self) -> dict[str, NodeClass]:
        return self._read()

    def __len__(self) -> int:
        return len(self._classes)

    def __iter__(self) -> Iterator[NodeClass]:
        return iter(self._classes.values())

    def get(self, name: str) -> NodeClass | None:
        """The class of this name, or None."""
        return self._classes.get(name)

    def object_info(self) -> Json:
        """Every class as `GET /api/object_info` returns it, by name."""
        return {name: node_class.info for name, node_class in self._classes.items()}


class _OwnData:
    """The emulator's own data: spells out its compact form."""

    def __init__(self, data: Json) -> None:
        self._data = data

    def classes(self) -> dict[str, NodeClass]:
        """The classes by name."""
        return {name: self._node_class(name, entry) for name, entry in self._data["nodes"].items()}

    def _node_class(self, name: str, entry: Json) -> NodeClass:
        inputs: dict[str, Input] = {}
        described: dict[str, Json] = {}
        for group in ALL_GROUPS:
            for input_name, spec in entry.get(group, {}).items():
                full, read = self._input(input_name, spec, group)
                described.setdefault(group, {})[input_name] = full
                if group != "hidden":
                    inputs[input_name] = read
        pairs = [output.partition(" ")[::2] for output in entry["outputs"]]
        info: Json = {
            "input": described,
            "input_order": {group: list(named) for group, named in described.items()},
            "output": [type for type, _ in pairs],
            "output_is_list": [False] * len(pairs),
            "output_name": [output_name or type for type, output_name in pairs],
            "name": name,
            "display_name": entry["title"],
            "description": "",
            "python_module": "nodes",
            "category": entry["category"],
            "output_node": entry.get("saves", False),
        }
        return NodeClass(name, inputs, tuple(info["output"]), info["output_node"], info)

    def _input(self, name: str, spec: Any, group: str) -> tuple[Any, Input]:
        """One input in the form of `object_info`, and as a value."""
        kind, options = (spec[0], dict(spec[1]) if len(spec) > 1 else {}) if is_array(spec) else (spec, {})
        names_files = _is_folder(kind) or _is_folder(options.get("options"))
        kind = self._spelled_out(kind)
        if "options" in options:
            options["options"] = self._spelled_out(options["options"])
        # A hidden input is only a type.
        full = [kind, options] if options else kind if group == "hidden" else [kind]
        read = input_spec(name, [kind, options])
        choices = None if read is None else read.choices
        return full, Input(
            name=name,
            type=COMBO if read is None else read.type,
            required=group == "required",
            choices=None if names_files or choices is None else tuple(choices),
            options=options,
            files=tuple(choices) if names_files and choices is not None else None,
            is_listed=read is not None and read.is_listed,
        )

    def _spelled_out(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("$"):
            return self._data["lists"][value[1:]]
        return self._data["files"][value[1:]] if _is_folder(value) else value


def _is_folder(value: object) -> bool:
    return isinstance(value, str) and value.startswith("@")


@cache
def catalogue() -> Catalogue:
    """The emulator's catalogue; read once, when the first job or client needs a class."""
    return Catalogue(lambda: classes_of(read_data()))


def classes_of(data: Json) -> dict[str, NodeClass]:
    """The classes of data in the form of the emulator's own, by name."""
    return _OwnData(data).classes()


def read_data() -> Json:
    """The data that lies beside this module."""
    from importlib.resources import files

    data: Json = orjson.loads(files(PACKAGE).joinpath(DATA).read_bytes())
    return data
