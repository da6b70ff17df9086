"""Graphs built in Python: what the modules that `node_stubs` writes are made of.

    loader = nodes.CheckpointLoaderSimple(ckpt_name="sd_xl_base_1.0.safetensors")
    image = nodes.VAEDecode(samples=sampled.latent, vae=loader.vae)
    cloud.run(Graph(nodes.SaveImage(images=image.image, filename_prefix="lighthouse")))

The inputs of a node are values, and links to outputs of nodes that were made before it. So the
nodes at the end of a graph give the whole of it, and it cannot have cycles. Pure: nothing here
opens a file or contacts a server.

`Link[Literal["MODEL"]]` is an output of type MODEL. The parameter is contravariant, so that type
checkers decide as servers do: an output that may be one of two types fits an input of either, and
an output of any type, `Link[str]`, fits everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, Literal, Never, TypeAlias, TypeVar, Union, cast

from ._late_names import names_imported_late
from .errors import ConfigurationError

if TYPE_CHECKING:
    from comfy_cloud_api.models.asset import Asset
    from comfy_cloud_api.models.upload_image_response_200 import UploadImageResponse200

    from ._jobs.outputs import Output
    from ._workflows.workflow import Workflow

__all__ = [
    "Anything", "Boolean", "Combo", "File", "Float", "Graph", "Int", "Link", "Node", "Option", "Several",
    "SeveralByName", "String", "UntypedNode", "Value", "grown", "grown_by_name", "or_default", "titled",
]  # fmt: skip

TypeT_contra = TypeVar("TypeT_contra", bound=str, contravariant=True)
OutputsT_co = TypeVar("OutputsT_co", bound=tuple[Any, ...], covariant=True)
NodeT = TypeVar("NodeT", bound="Node[Any]")
_T = TypeVar("_T")


class Link(Generic[TypeT_contra]):
    """An output of a node, to be given to an input of another.

    Attributes:
        node: The node.
        slot: The number of the output, counted from 0.
    """

    __slots__ = ("node", "slot")

    def __init__(self, node: Node[Any], slot: int) -> None:
        self.node = node
        self.slot = slot

    def __repr__(self) -> str:
        return f"<output {self.slot} of {self.node!r}>"


Value: TypeAlias = str | int | float | bool | Mapping[str, Any] | Sequence[Any]
"""A value of JSON."""
# Not with `|`: these are evaluated at run time, and three of the names only by who asks for them.
File: TypeAlias = Union[str, PathLike[str], bytes, BinaryIO, "Output", "Asset", "UploadImageResponse200"]
"""The name of a file on the server, or a file to upload, such as a `Path`."""
Anything: TypeAlias = Union[Value, File, Link[Never]]  # noqa: UP007
"""The input of a node that takes every type: a value, or any link."""
Int: TypeAlias = int | Link[Literal["INT"]]
Float: TypeAlias = float | Link[Literal["FLOAT"]]
String: TypeAlias = str | Link[Literal["STRING"]]
Boolean: TypeAlias = bool | Link[Literal["BOOLEAN"]]
Combo: TypeAlias = str | Link[Literal["COMBO"]]
"""A choice whose list is not in the module."""
Several: TypeAlias = Sequence[_T]
"""Inputs of a group that grows, in order."""
SeveralByName: TypeAlias = Mapping[str, _T]
"""Inputs of a group that grows, by their names."""


class Option:
    """A value with inputs of its own: the option of a dynamic choice, or a linked dynamic slot."""

    __slots__ = ("inputs", "value")

    def __init__(self, value: object, inputs: Mapping[str, object]) -> None:
        self.value = value
        self.inputs = dict(inputs)


class Node(Generic[OutputsT_co]):
    """A node of a graph: a class with inputs. Subclasses are in the modules of `node_stubs`.

    Raises:
        ConfigurationError: An input is a node instead of one of its outputs.
    """

    __slots__ = ("_class_type", "_count", "_inputs", "_title")

    def __init__(self, class_type: str, inputs: Mapping[str, object], count: int) -> None:
        self._class_type = class_type
        self._inputs = dict(_flattened(inputs, class_type))
        self._count = count
        self._title: str | None = None

    @property
    def outputs(self) -> OutputsT_co:
        """All outputs, in the order of the class."""
        return cast("OutputsT_co", tuple(Link[Any](self, slot) for slot in range(self._count)))

    def __repr__(self) -> str:
        return f"<node {self._class_type!r}>"


@names_imported_late(
    Asset="comfy_cloud_api.models.asset",
    Output="._jobs.outputs",
    UploadImageResponse200="comfy_cloud_api.models.upload_image_response_200",
)
class UntypedNode(Node["tuple[Link[str], ...]"]):
    """A node of any class, whose inputs and outputs are not checked.

    Args:
        class_type: The name of the class.
        inputs: Values and links by name.
        count: The number of outputs that `outputs` has.
    """

    __slots__ = ()

    def __init__(self, class_type: str, inputs: Mapping[str, Anything | None], *, count: int = 16) -> None:
        super().__init__(class_type, inputs, count)


def titled(node: NodeT, title: str) -> NodeT:
    """Give a node a title, by which `inputs` can address it: {"My title.text": "a cat"}.

    Returns the node itself.
    """
    node._title = title
    return node


@names_imported_late(Workflow="._workflows.workflow")
class Graph(Mapping[str, Any]):
    """A graph in API format, which `cloud.run`, `submit`, `map`, `validate` and `Workflow` take.

    It contains these nodes and all that they depend on. Ids are numbers from "1", in the order in
    which nodes can run.

    Args:
        ends: The nodes whose results are wanted, such as a SaveImage.

    Raises:
        ConfigurationError: There are none, or one of them is not a node.
    """

    def __init__(self, *ends: Node[Any]) -> None:
        for end in ends:
            if not isinstance(end, Node):
                raise ConfigurationError(f"A graph is made of nodes, and {end!r:.80} is not one")
        if not ends:
            raise ConfigurationError("Pass the nodes whose results you want, such as a SaveImage")
        self._ids = {node: str(number) for number, node in enumerate(_in_order(ends), 1)}
        self._nodes = {node_id: self._written(node) for node, node_id in self._ids.items()}

    def __getitem__(self, node_id: str) -> dict[str, Any]:
        return self._nodes[node_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """The graph as plain dicts, a copy. Files to upload are in it as they were given."""
        return {
            node_id: {**node, "inputs": {name: _plain(value) for name, value in node["inputs"].items()}}
            for node_id, node in self._nodes.items()
        }

    def workflow(self) -> Workflow:
        """The graph as a `Workflow`, to change, save or lay out."""
        from ._workflows.workflow import Workflow

        return Workflow(self.to_dict())

    def id_of(self, node: Node[Any]) -> str:
        """The id of a node.

        Raises:
            ConfigurationError: The node is not in the graph.
        """
        if node not in self._ids:
            raise ConfigurationError(f"{node!r} is not in this graph: no node that was passed depends on it")
        return self._ids[node]

    def address(self, node: Node[Any], name: str) -> str:
        """The address of an input, such as "3.seed", as `inputs` of `run` and `map` take it.

        Args:
            node: A node of the graph.
            name: The name of the input on the server, such as "seed" or "images.image0".

        Raises:
            ConfigurationError: The node is not in the graph, or was made without this input.
        """
        node_id = self.id_of(node)
        if name not in node._inputs:
            known = ", ".join(node._inputs)
            raise ConfigurationError(f"{node!r} has no input {name!r} here, only: {known or 'none'}")
        return f"{node_id}.{name}"

    def _written(self, node: Node[Any]) -> dict[str, Any]:
        inputs = {
            name: [self._ids[value.node], value.slot] if isinstance(value, Link) else value
            for name, value in node._inputs.items()
        }
        written: dict[str, Any] = {"class_type": node._class_type, "inputs": inputs}
        if node._title is not None:
            written["_meta"] = {"title": node._title}
        return written

    def __repr__(self) -> str:
        return f"<Graph of {len(self)} node{'' if len(self) == 1 else 's'}>"


def grown(values: Several[object] | None, prefix: str, least: int, most: int) -> Option:
    """The inputs of a group that grows, named by numbers after `prefix`.

    Raises ConfigurationError if there are fewer than `least` or more than `most`.
    """
    return _group([] if values is None else values, [f"{prefix}{number}" for number in range(most)], least)


def grown_by_name(
    values: Several[object] | SeveralByName[object] | None, names: Iterable[str], least: int
) -> Option:
    """The inputs of a group that grows, which has these names.

    Raises ConfigurationError if there are fewer than `least`, too many, or others.
    """
    return _group([] if values is None else values, list(names), least)


def or_default(value: object, default: str) -> object:
    """The value, or the default in this JSON if it is None: each node gets a copy of its own."""
    return json.loads(default) if value is None else value


def _group(values: Sequence[object] | Mapping[str, object], names: list[str], least: int) -> Option:
    group = f"The group of {', '.join(names[:2])}{', ...' if len(names) > 2 else ''}"
    if isinstance(values, (str, bytes)) or not isinstance(values, (Sequence, Mapping)):
        raise ConfigurationError(f"{group} takes a list, even of one input only")
    if not least <= len(values) <= len(names):
        limit = f"at least {least}" if len(values) < least else f"at most {len(names)}"
        raise ConfigurationError(f"{group} takes {limit}, and there are {len(values)}")
    if isinstance(values, Mapping):
        wrong = [name for name in values if name not in names]
        if wrong:
            raise ConfigurationError(f"{group} has no {wrong[0]!r:.80}, only {', '.join(names):.300}")
        return Option(None, values)
    return Option(None, dict(zip(names, values, strict=False)))


def _flattened(inputs: Mapping[str, object], where: str, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The inputs as a graph names them; those that are None are left out."""
    for name, value in inputs.items():
        if isinstance(value, Option):
            if value.value is not None:
                yield f"{prefix}{name}", value.value
            yield from _flattened(value.inputs, where, f"{prefix}{name}.")
        elif isinstance(value, Node):
            raise ConfigurationError(
                f"The input {prefix}{name} of {where} is {value!r}: pass one of its outputs, such as "
                "node.outputs[0]"
            )
        elif isinstance(value, (list, tuple)):
            parts = cast("Sequence[object]", value)
            if any(isinstance(part, (Link, Node, Option)) for part in parts):
                raise ConfigurationError(f"The input {prefix}{name} of {where} takes one output, not a list")
            yield f"{prefix}{name}", {"__value__": list(parts)}  # a list would be read as a link
        elif value is not None:
            yield f"{prefix}{name}", value


def _in_order(ends: Iterable[Node[Any]]) -> list[Node[Any]]:
    """The nodes and all that they depend on, each after those that it depends on."""
    done: dict[Node[Any], None] = {}
    for end in ends:
        waiting = [(end, iter(_sources(end)))]
        while waiting:
            node, sources = waiting[-1]
            source = next(sources, None)
            if source is None:
                waiting.pop()
                done[node] = None
            elif source not in done:
                waiting.append((source, iter(_sources(source))))
    return list(done)


def _sources(node: Node[Any]) -> list[Node[Any]]:
    return [value.node for value in node._inputs.values() if isinstance(value, Link)]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value
