"""`layout_workflow`: a graph in API format as a workflow of the editor. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ...errors import ConfigurationError
from ..conversion.dynamic_inputs import input_changed
from ..conversion.editor_state import Editor
from ..conversion.hosts import boundary_disconnected
from ..conversion.model import Graph as ModelGraph
from ..conversion.node_classes import check_classes
from ..graph import Graph, checked_graph
from ..local_files import refuse_files
from .document import Drawing, saved_document
from .editor_nodes import build_part
from .instances import find_instances, no_instances
from .node_sizes import TITLE_HEIGHT, node_size
from .numbering import numbered, renumbering
from .parts import NotPossibleError, Part, split
from .placement import place
from .round_trip import differences

_ACROSS, _DOWN = 80.0, 40.0
_MOST_ATTEMPTS = 8


@dataclass(frozen=True)
class WorkflowLayout:
    """A workflow in the editor's format, made of a graph in API format.

    `ui` is the workflow, which ComfyUI opens; `ids` the id in the editor of each node of the
    graph: its own where that is a whole number, or a path to a node in a subgraph, such as "12:3".
    `warnings` says what the editor would send differently, and which ids are new.
    """

    ui: dict[str, Any]
    ids: Mapping[str, int | str]
    warnings: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<WorkflowLayout of {len(self.ids)} nodes, {len(self.warnings)} warnings>"


def layout_workflow(graph: Mapping[str, Any], object_info: Mapping[str, Any]) -> WorkflowLayout:
    """A workflow in the editor's format, with a tidy layout, of a graph in API format.

    Converting it back gives the same graph: `convert_workflow(layout.ui, object_info)`. Nodes with
    ids such as "12:3" are put in subgraphs, so that their ids stay: hosts with the same inner ids
    are of one subgraph, and each has its own values. Where that is not possible, and for other ids
    that are no whole numbers, nodes get a new number. What the graph leaves out has the default of
    the class, and what the class has no place for is lost; `warnings` names all of these.

    Args:
        graph: The graph in API format. It is not changed.
        object_info: The response to GET /api/object_info, such as `cloud.nodes.all()`.

    Raises:
        ConfigurationError: It is not a graph in API format, it contains a file that has to be
            uploaded, or networkx is not installed: pip install 'comfy-cloud[layout]'.
    """
    if not isinstance(graph, Mapping):
        raise ConfigurationError(
            f"layout_workflow takes a graph in API format, a dict, not a {type(graph).__name__}; "
            "Workflow.load(path).layout(object_info) lays out a file"
        )
    check_classes(object_info, "layout_workflow")
    checked, _ = checked_graph(graph)
    refuse_files(checked)
    warnings: list[str] = []
    editor = Editor(object_info, strict=True, warn=warnings.append, random=lambda: 0.0)
    editor.input_changed = partial(input_changed, editor)
    editor.boundary_disconnected = boundary_disconnected
    try:
        laid_out = _laid_out(checked, object_info, *_planned(checked))
        if "definitions" in laid_out.ui and laid_out.warnings:
            flat = _laid_out(checked, object_info, *_planned(checked, has_subgraphs=False))
            if not set(laid_out.warnings) <= set(flat.warnings):
                laid_out = flat
    except RecursionError:
        raise ConfigurationError("A value of this workflow is nested too deeply to be laid out") from None
    laid_out.warnings.extend(renumbering(laid_out.ids))
    return laid_out


def _planned(graph: Graph, *, has_subgraphs: bool = True) -> tuple[dict[str, int | str], list[Part]]:
    """The ids in the editor, and the subgraphs and the workflow, by the ids of the graph."""
    lost: set[str] = set()
    for _ in range(_MOST_ATTEMPTS if has_subgraphs else 0):
        instances = find_instances(graph, lost)
        ids = numbered(graph, instances.paths)
        try:
            return ids, split(graph, ids, instances)
        except NotPossibleError as error:
            lost |= error.hosts
    ids = numbered(graph, {})
    return ids, split(graph, ids, no_instances())


def _laid_out(
    graph: Graph, object_info: Mapping[str, Any], ids: Mapping[str, int | str], parts: list[Part]
) -> WorkflowLayout:
    warnings: list[str] = []
    editor = Editor(object_info, strict=True, warn=warnings.append, random=lambda: 0.0)
    editor.input_changed = partial(input_changed, editor)
    editor.boundary_disconnected = boundary_disconnected
    drawings: dict[str, Drawing] = {}
    for part in parts:
        build_part(editor, part)
    for built in editor.graphs():
        drawings[built.id] = _drawn(built)
    ui = saved_document(editor, drawings)
    warnings.extend(differences(graph, ui, ids, object_info))
    unknown = {node.type: None for built in editor.graphs() for node in built.nodes if node.is_unknown}
    warnings[:0] = [f"The server has no node class {name[:80]!r}" for name in unknown]
    return WorkflowLayout(ui, ids, warnings)


def _drawn(graph: ModelGraph) -> Drawing:
    sizes = {node.id: node_size(node) for node in graph.nodes}
    outer = {id: (width, height + TITLE_HEIGHT) for id, (width, height) in sizes.items()}
    edges = [
        (link.origin_id, link.target_id)
        for link in graph.links.values()
        if link.origin_id in sizes and link.target_id in sizes
    ]
    return Drawing(place(outer, edges, across=_ACROSS, down=_DOWN).corners, sizes)
