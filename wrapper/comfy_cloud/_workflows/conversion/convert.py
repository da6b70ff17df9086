"""`convert_workflow`: the editor's workflow as a graph in API format. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from ..._collector import collector_paused
from ...errors import ConfigurationError
from ..graph import is_layout
from .document import read_document
from .dynamic_inputs import input_changed
from .editor_state import Editor, hierarchy
from .emission import emit
from .expansion import unfold
from .explanation import Conversion, explain
from .graphs import build_graphs
from .hosts import boundary_disconnected
from .node_classes import check_classes
from .primitives import write_value


def convert_workflow(
    ui: Mapping[str, Any],
    object_info: Mapping[str, Any],
    *,
    strict: bool = False,
    now: datetime | None = None,
    random: Callable[[], float] | None = None,
) -> Conversion:
    """The graph in API format of a workflow in the editor's format.

    Args:
        ui: The workflow as ComfyUI's editor saves it, in version 0.4 or 1. It is not changed.
        object_info: The response to GET /api/object_info, such as `cloud.nodes.all()`.
        strict: Give exactly what the editor gives, also where that is of no use. Otherwise the
            graph is better where the editor loses something, and a warning says so.
        now: The time for `%date:...%` in the names of files. Without it, these are left as they
            are.
        random: Chooses from `{a|b}` in prompts: a function that returns a number from 0 up to 1,
            such as `random.random`. Without it, choices are left as they are.

    Raises:
        ConfigurationError: The workflow cannot be converted; the message names the node.
    """
    if not isinstance(ui, Mapping):
        raise ConfigurationError(
            f"convert_workflow takes the decoded JSON of a workflow, a dict, not a {type(ui).__name__}; "
            "Workflow.load(path, object_info=...) converts a file, and Workflow.load(...).graph is the graph"
        )
    check_classes(object_info, "convert_workflow")
    if now is not None and not isinstance(now, datetime):
        raise ConfigurationError(f"now must be a datetime, such as datetime.now(), not {now!r:.60}")
    if random is not None and not callable(random):
        raise ConfigurationError(
            "random must be a function that returns a number from 0 up to 1, such as random.random, "
            f"not {random!r:.60}"
        )
    if not is_layout(ui):
        raise ConfigurationError("This is not a workflow in the editor's format: it has no list of nodes")
    # Of a workflow with thousands of nodes, collecting would take half of the time.
    with collector_paused():
        return _converted(ui, object_info, strict=strict, now=now, random=random)


def _converted(
    ui: Mapping[str, Any],
    object_info: Mapping[str, Any],
    *,
    strict: bool,
    now: datetime | None,
    random: Callable[[], float] | None,
) -> Conversion:
    warnings: list[str] = []
    editor = Editor(object_info, strict=strict, warn=warnings.append, now=now, random=random)
    editor.input_changed = partial(input_changed, editor)
    editor.boundary_disconnected = boundary_disconnected
    try:
        document = read_document(ui, strict=strict)
        build_graphs(editor, document)
        for node in hierarchy(editor):
            if node.type == "PrimitiveNode" and node.is_virtual:
                write_value(editor, node)
        places = unfold(editor)
        graph, dropped = emit(editor, places)
    except RecursionError:
        raise ConfigurationError("This workflow is nested too deeply to be converted") from None
    return explain(editor, places, graph, dropped, warnings)
