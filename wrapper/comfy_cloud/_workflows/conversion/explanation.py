"""What a conversion reports: the graph, where each node went, and what to know about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..near_names import nearest
from ..validation import missing_models
from .control_values import seed_controls
from .emission import DroppedLink, Graph
from .expansion import Unfolded
from .model import MUTED, Node
from .shown_inputs import shown_inputs

if TYPE_CHECKING:
    from .editor_state import Editor

# How many names are compared with those of unknown classes, which takes long.
_MOST_COMPARED = 20_000
_VIRTUAL = {
    "Note": "a note",
    "MarkdownNote": "a note",
    "Reroute": "only leads links on",
    "PrimitiveNode": "its value is in the inputs that it is connected to",
}
_MAX_LISTED = 6
# The inputs of classes that the editor fills in while it runs, and with what.
_RECORDED = {"WebcamCapture": [("image", "camera")], "RecordAudio": [("audio", "microphone")]}
_NO_INPUTS: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType({})


class ConvertedNode(NamedTuple):
    """A node of the editor, and where it went.

    `id` is its id in the editor, with those of the subgraphs around it before it, such as "5:3".
    `is_sent` says whether the graph has a node of that id; if not, `reason` says why. `inputs` are
    those of a subgraph's host and of a primitive node, by the names in the editor: each stands for
    inputs of the graph, (id, name).
    """

    id: str
    type: str
    title: str
    is_sent: bool
    reason: str = ""
    inputs: Mapping[str, tuple[tuple[str, str], ...]] = _NO_INPUTS


@dataclass(frozen=True)
class Conversion:
    """The graph in API format of a workflow in the editor's format.

    `nodes` has each node of the editor by its id, and `warnings` what was left out or changed
    unexpectedly. `dropped_links` has all links that are not in the graph, as "id.input" with the
    reason; where a node is muted or bypassed, that is what the person wanted, and no warning.
    `unavailable` are those of the warnings that are about node classes and models which the server
    does not have, which `validate` finds as well. `seed_controls` has, by "id.input", the value of
    each "control after generate" of an integer in the graph: "randomize", "increment", "decrement"
    or "fixed". The graph has the seeds that were saved.
    """

    graph: dict[str, dict[str, Any]]
    nodes: Mapping[str, ConvertedNode]
    warnings: list[str] = field(default_factory=list)
    dropped_links: Mapping[str, str] = field(default_factory=dict)
    unavailable: list[str] = field(default_factory=list)
    seed_controls: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Conversion to {len(self.graph)} nodes, {len(self.warnings)} warnings>"


def explain(
    editor: Editor, places: dict[str, Unfolded], graph: Graph, dropped: list[DroppedLink], warnings: list[str]
) -> Conversion:
    """The report on a conversion."""
    nodes: dict[str, ConvertedNode] = {}
    unknown: dict[str, list[Node]] = {}
    shown = shown_inputs(places)
    for id, place in places.items():
        node = place.node
        reason = "" if id in graph else _reason(node)
        nodes[id] = ConvertedNode(id, node.type, node.title, id in graph, reason, shown.get(id, _NO_INPUTS))
        if node.is_unknown and id in graph:
            unknown.setdefault(node.type, []).append(node)
    known = list(editor.classes.names()) if unknown else []
    unavailable = []
    for at, (type, members) in enumerate(unknown.items()):
        near = nearest(type, known) if at == 0 or at * len(known) < _MOST_COMPARED else []
        unavailable.append(_unknown_warning(type, members, near))
    unavailable += _missing_models(editor, graph)
    warnings.extend(unavailable)
    warnings.extend(_unrecorded(graph))
    warnings.extend(
        f"The input {link.input[:60]!r} of node {link.node_id} has no link in the graph: {link.reason}"
        for link in dropped
        if not link.is_wanted
    )
    links = {f"{link.node_id}.{link.input}": link.reason for link in dropped}
    return Conversion(
        graph, nodes, list(dict.fromkeys(warnings)), links, unavailable, seed_controls(places, graph, shown)
    )


def _reason(node: Node) -> str:
    if not node.is_active:
        return "muted" if node.mode == MUTED else "bypassed"
    if node.definition is not None:
        return "its subgraph's nodes are sent instead"
    return _VIRTUAL.get(node.type, "it is not sent")


def _unknown_warning(type: str, nodes: list[Node], near: list[str]) -> str:
    message = (
        f"The server has no node class {type[:80]!r} ({', '.join(node.id for node in nodes[:_MAX_LISTED])})"
    )
    if near:
        message += f"; similar are {', '.join(near)}"
    pack = _pack(nodes[0])
    return f"{message}. It is from the custom nodes {pack[:80]!r}" if pack else message


def _unrecorded(graph: Graph) -> list[str]:
    """A line for each node whose value the editor records when the workflow is queued."""
    return [
        f"Node {id} ({node['class_type']}) gets its {name} from the {device} of the editor: give the input "
        f"'{id}.{name}' a file"
        for id, node in graph.items()
        for name, device in _RECORDED.get(node.get("class_type", ""), ())
        if node["inputs"].get(name) == ""
    ]


def _missing_models(editor: Editor, graph: Graph) -> list[str]:
    """A line for each model that the server does not have, with the inputs that name it."""
    inputs: dict[str, list[str]] = {}
    suggestions: dict[str, tuple[str, ...]] = {}
    for problem in missing_models(graph, editor.classes.raw):
        inputs.setdefault(problem.message, []).append(f"{problem.node_id}.{problem.input}")
        suggestions[problem.message] = problem.suggestions
    return [
        f"{message} ({', '.join(names[:_MAX_LISTED])})"
        + (f"; similar are {', '.join(suggestions[message])}" if suggestions[message] else "")
        for message, names in inputs.items()
    ]


def _pack(node: Node) -> str:
    for name in ("cnr_id", "aux_id"):
        value = node.properties.get(name)
        if isinstance(value, str) and value and value != "comfy-core":
            return value
    return ""
