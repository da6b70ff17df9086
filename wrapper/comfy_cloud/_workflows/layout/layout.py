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
from ..graph import checked_graph
from ..local_files import refuse_files
from .document import saved_document
from .editor_nodes import build_nodes, editor_ids
from .node_sizes import TITLE_HEIGHT, node_size
from .placement import place
from .round_trip import differences

_ACROSS, _DOWN = 80.0, 40.0


@dataclass(frozen=True)
class WorkflowLayout:
    """A workflow in the editor's format, made of a graph in API format.

    `ui` is the workflow, which ComfyUI opens; `ids` the id in the editor of each node of the
    graph: its own where that is a whole number. `warnings` says what the editor would send
    differently.
    """

    ui: dict[str, Any]
    ids: Mapping[str, int]
    warnings: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<WorkflowLayout of {len(self.ids)} nodes, {len(self.warnings)} warnings>"


def layout_workflow(graph: Mapping[str, Any], object_info: Mapping[str, Any]) -> WorkflowLayout:
    """A workflow in the editor's format, with a tidy layout, of a graph in API format.

    Converting it back gives the same graph: `convert_workflow(layout.ui, object_info)`. Nodes whose
    id is not a whole number, such as "12:3", get a new one. What the graph leaves out has the
    default of the class, and what the class has no place for is lost; `warnings` names both.

    Args:
        graph: The graph in API format. It is not changed.
        object_info: The response to GET /api/object_info, such as `cloud.nodes.all()`.

    Raises:
        ConfigurationError: It is not a graph in API format, it contains a file that has to be
            uploaded, or networkx is not installed: pip install 'comfy-cloud[layout]'.
    """
    checked, _ = checked_graph(graph)
    refuse_files(checked)
    warnings: list[str] = []
    editor = Editor(object_info, strict=True, warn=warnings.append, random=lambda: 0.0)
    editor.input_changed = partial(input_changed, editor)
    editor.boundary_disconnected = boundary_disconnected
    ids = editor_ids(checked)
    try:
        build_nodes(editor, checked, ids)
        nodes = editor.root.nodes
        sizes = {node.id: node_size(node) for node in nodes}
        outer = {id: (width, height + TITLE_HEIGHT) for id, (width, height) in sizes.items()}
        edges = [(link.origin_id, link.target_id) for link in editor.root.links.values()]
        corners = place(outer, edges, across=_ACROSS, down=_DOWN).corners
        ui = saved_document(editor, corners, sizes)
        warnings.extend(differences(checked, ui, ids, object_info))
    except RecursionError:
        raise ConfigurationError("A value of this workflow is nested too deeply to be laid out") from None
    unknown = dict.fromkeys(node.type for node in nodes if node.is_unknown)
    warnings[:0] = [f"The server has no node class {name[:80]!r}" for name in unknown]
    return WorkflowLayout(ui, ids, warnings)
