"""What shells complete for NODE.INPUT: the addresses in the workflow that is named on the line.

Only a file with JSON is read, never a server, and nothing of the library is imported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from .._console.completions import completion_items

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_LARGEST_FILE = 4_000_000


def settable_inputs(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """NODE.INPUT= of each value in the graph, with the node's class and the value."""
    graph = _graph(context)
    return completion_items(_addresses(graph, by_class=bool(incomplete)), incomplete)


def file_inputs(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """NODE.INPUT= of the inputs that name a file of the user: those of nodes that load one."""
    graph = {key: node for key, node in _graph(context).items() if "load" in node["class_type"].lower()}
    rows = _addresses(graph, by_class=bool(incomplete))
    # Loaders of models have inputs such as ckpt_name. Those of files have image, audio or video.
    return completion_items((row for row in rows if not row[0].endswith(("_name=", "_type="))), incomplete)


def _addresses(graph: Mapping[str, Any], *, by_class: bool) -> Iterator[tuple[str, str]]:
    counts = Counter(node["class_type"] for node in graph.values())
    for node_id, node in graph.items():
        name = node["class_type"]
        inputs = node.get("inputs")
        for key, value in (inputs if isinstance(inputs, dict) else {}).items():
            if isinstance(value, (str, int, float)):
                about = (
                    f"{name}, now {str(value)[:40]!r}" if isinstance(value, str) else f"{name}, now {value}"
                )
                yield f"{node_id}.{key}=", about
                if by_class and counts[name] == 1:
                    yield f"{name}.{key}=", about


def _graph(context: click.Context) -> dict[str, dict[str, Any]]:
    """The graph in the file that the line names; empty if there is none."""
    import json

    source = str(context.params.get("source") or next(iter(context.args), ""))
    try:
        with open(source, "rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        document = json.loads(content) if len(content) <= _LARGEST_FILE else None
    except (OSError, ValueError, RecursionError):
        return {}
    if isinstance(document, dict) and isinstance(document.get("prompt"), dict):
        document = document["prompt"]
    nodes = document.items() if isinstance(document, dict) else ()
    return {
        key: node for key, node in nodes if isinstance(node, dict) and isinstance(node.get("class_type"), str)
    }
