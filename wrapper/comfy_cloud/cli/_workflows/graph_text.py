"""Graphs as text to read: their inputs, and how two of them differ. Nothing is read or written."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from .._console.details import Details
from .._console.elastic import TableColumn, render_table, terminal_width
from .._console.exits import CommandError
from .._console.formats import json_text
from .._console.sanitizing import safe_line
from .._console.wording import in_command_words
from .._console.wrapping import fitted
from .graph_tree import graph_tree
from .input import WorkflowInput

if TYPE_CHECKING:
    from comfy_cloud import Workflow

Graph = Mapping[str, Mapping[str, Any]]

_SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}
_LONGEST_VALUE = 300
# Workflows within workflows can have more nodes than anyone reads.
_MOST_LAYOUT_NODES = 10_000
_MOST_LEVELS = 100
# An address is never cut: it is there to be copied after --set.
_INPUT_COLUMNS = (TableColumn("input", None, 0), TableColumn("node", 10, 2), TableColumn("value", 12, 1))
_NODE_COLUMNS = (TableColumn("id", None, 0), TableColumn("node", 12, 1), TableColumn("values", 12, 2))


def workflow_text(source: WorkflowInput, details: Details) -> str:
    """What a workflow contains: its form, models and seeds, then each input with its address."""
    if source.workflow is None:
        return _layout_text(source, details)
    workflow = source.workflow
    head = details.fields(
        {
            "form": source.form,
            "nodes": str(len(workflow.graph)),
            "results": ", ".join(_node_name(workflow.graph, each) for each in workflow.output_nodes),
            "models": "\n".join(f"{where}  {safe_line(name)}" for where, name in models_in(workflow.graph)),
            "seeds": "\n".join(f"{where}  {seed}" for where, seed in seeds_in(workflow.graph)),
            "layout": "yes (`workflow extract --layout` writes it)" if source.layout is not None else None,
        }
    )
    table = _table(_INPUT_COLUMNS, _input_rows(workflow.graph), details)
    return f"{head}\n{table}\n{tree_text(workflow)}"


def tree_text(workflow: Workflow) -> str:
    """The graph as a tree that fits the terminal."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    return graph_tree(
        workflow.graph,
        workflow.output_nodes,
        partial(_node_name, workflow.graph),
        width=terminal_width(),
        is_ascii="utf" not in encoding.lower(),
    )


def svg_image(name: str, workflow: Workflow) -> bytes:
    """The graph as an SVG image. Raises CommandError when the extra for that is not installed."""
    from comfy_cloud import ConfigurationError

    from .graph_svg import graph_svg

    names = {node_id: _node_name(workflow.graph, node_id) for node_id in workflow.graph}
    try:
        return graph_svg(workflow.graph, workflow.output_nodes, names)
    except ConfigurationError as error:
        raise CommandError(f"{name}: {in_command_words(str(error))}") from None


def _table(columns: Sequence[TableColumn], rows: Iterable[Sequence[str]], details: Details) -> str:
    return render_table(columns, rows, color=details.color, width=terminal_width()).text


def models_in(graph: Graph) -> Iterator[tuple[str, str]]:
    """The model files that a graph names, each with the address of its input."""
    from comfy_cloud_catalogue.value_types import names_model

    for where, value in _inputs(graph):
        if names_model(value):
            yield where, value


def seeds_in(graph: Graph) -> Iterator[tuple[str, Any]]:
    """The seeds in a graph, each with the address of its input."""
    from ..._workflows.seeds import is_seed

    return ((where, value) for where, value in _inputs(graph) if is_seed(where, value))


def graph_difference(old: Graph, new: Graph) -> dict[str, Any]:
    """How two graphs differ: nodes that were added and removed, by id, and what changed in others.

    Each change has the node, its class, the input (None for the class or the title), and both
    values, None where there is none.
    """
    changes = [
        change
        for node_id in old
        if node_id in new
        for change in _changes(node_id, old[node_id], new[node_id])
    ]
    return {
        "added": {node_id: node for node_id, node in new.items() if node_id not in old},
        "removed": {node_id: node for node_id, node in old.items() if node_id not in new},
        "changed": changes,
    }


def difference_text(difference: Mapping[str, Any], old: Graph, new: Graph, *, color: bool) -> str:
    """The same as lines: + for what was added, - for what was removed, ~ for what changed."""
    lines = [("removed", _node_name(old, node_id)) for node_id in difference["removed"]]
    lines += [("added", _node_name(new, node_id)) for node_id in difference["added"]]
    for change in difference["changed"]:
        node = change["node"]
        what = f"{node}.{change['input']}" if change["what"] == "input" else f"{change['what']} of {node}"
        name = f"{what} ({change['class']})"
        if change["before"] is None:
            lines.append(("added", f"{name}: {_value_text(change['after'])}"))
        elif change["after"] is None:
            lines.append(("removed", f"{name}: {_value_text(change['before'])}"))
        else:
            both = f"{_value_text(change['before'])} -> {_value_text(change['after'])}"
            lines.append(("changed", f"{name}: {both}"))
    return "".join(f"{fitted(_signed(kind, safe_line(text), color=color))}\n" for kind, text in lines)


def subgraph_nodes(data: object) -> str:
    """The classes of the nodes in a shared subgraph's `data`."""
    definitions = data.get("definitions") if isinstance(data, Mapping) else None
    subgraphs = definitions.get("subgraphs") if isinstance(definitions, Mapping) else None
    nodes = [
        node
        for each in (subgraphs if isinstance(subgraphs, list) else ())
        for node in (each.get("nodes") or () if isinstance(each, Mapping) else ())
    ]
    return ", ".join(str(node.get("type")) for node in nodes if isinstance(node, Mapping))


def _signed(kind: str, text: str, *, color: bool) -> str:
    sign, style = _SIGNS[kind]
    return click.style(f"{sign} {text}", fg=style) if color else f"{sign} {text}"


def _changes(node_id: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    def change(what: str, name: str | None, before: Any, after: Any) -> dict[str, Any]:
        kind = new["class_type"]
        return {
            "node": node_id, "class": kind, "what": what, "input": name, "before": before, "after": after
        }  # fmt: skip

    if old["class_type"] != new["class_type"]:
        yield change("class", None, old["class_type"], new["class_type"])
    if _title(old) != _title(new):
        yield change("title", None, _title(old), _title(new))
    for name in dict.fromkeys([*old["inputs"], *new["inputs"]]):
        before, after = old["inputs"].get(name), new["inputs"].get(name)
        # 1, 1.0 and true are equal in Python, but not in JSON.
        if json_text(before) != json_text(after) or (name in old["inputs"]) != (name in new["inputs"]):
            yield change("input", name, before, after)


def _layout_text(source: WorkflowInput, details: Details) -> str:
    layout = source.layout or {}
    nodes = list(islice(layout_nodes(layout), _MOST_LAYOUT_NODES))
    head = details.fields(
        {
            "form": f"{source.form}: it is converted when it is run",
            "nodes": str(len(nodes)),
            "models": "\n".join(safe_line(name) for _, node in nodes for name in _layout_models(node)),
            "inputs": "with --object-info FILE, or after `workflow convert`",
        }
    )
    rows = [
        (
            safe_line(address),
            safe_line(_named(str(node.get("type", "")), str(node.get("title") or ""))),
            "" if not node.get("widgets_values") else _value_text(node["widgets_values"]),
        )
        for address, node in nodes
    ]
    return f"{head}\n{_table(_NODE_COLUMNS, rows, details)}"


def layout_nodes(layout: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The nodes of an editor's workflow by their addresses: 5, and 5:3 in its subgraph."""
    definitions = layout.get("definitions")
    listed = definitions.get("subgraphs") if isinstance(definitions, Mapping) else None
    subgraphs = {
        str(each.get("id")): each
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, Mapping)
    }

    def inside(graph: Mapping[str, Any], prefix: str, around: tuple[str, ...]) -> Iterator[Any]:
        nodes = graph.get("nodes")
        for node in nodes if isinstance(nodes, list) else ():
            if not isinstance(node, Mapping):
                continue
            address, kind = f"{prefix}{node.get('id', '')}", str(node.get("type"))
            yield address, node
            # A subgraph that contains itself has no end.
            if kind in subgraphs and kind not in around and len(around) < _MOST_LEVELS:
                yield from inside(subgraphs[kind], f"{address}:", (*around, kind))

    return inside(layout, "", ())


def _layout_models(node: Mapping[str, Any]) -> Iterator[str]:
    from comfy_cloud_catalogue.value_types import names_model

    values = node.get("widgets_values")
    parts = values.values() if isinstance(values, Mapping) else values if isinstance(values, list) else ()
    return (each for each in parts if names_model(each))


def _input_rows(graph: Graph) -> Iterator[tuple[str, str, str]]:
    for node_id, node in graph.items():
        shown = safe_line(_named(node["class_type"], _title(node) or ""))
        if not node["inputs"]:
            yield node_id, shown, ""
        for name, value in node["inputs"].items():
            yield f"{node_id}.{name}", shown, _input_text(graph, value)
            shown = ""


def _input_text(graph: Graph, value: Any) -> str:
    from ..._workflows.graph import is_link

    if is_link(value) and value[0] in graph:
        return f"output {value[1]} of {_node_name(graph, value[0])}"
    return _value_text(value)


def _inputs(graph: Graph) -> Iterator[tuple[str, Any]]:
    for node_id, node in graph.items():
        for name, value in node["inputs"].items():
            yield f"{node_id}.{name}", value


def _node_name(graph: Graph, node_id: str) -> str:
    node = graph[node_id]
    return safe_line(f"{node_id} ({_named(node['class_type'], _title(node) or '')})")


def _named(kind: str, title: str) -> str:
    return f'{kind} "{title}"' if title and title != kind else kind


def _title(node: Mapping[str, Any]) -> str | None:
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, Mapping) else None
    return title if isinstance(title, str) else None


def _value_text(value: Any) -> str:
    text = json_text(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}\N{HORIZONTAL ELLIPSIS}"
