"""Every node that may run, with subgraphs unfolded. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import ConfigurationError
from .links import in_execution_order
from .model import Graph, Node

if TYPE_CHECKING:
    from .editor_state import Editor

# A workflow that unfolds to more was not made by a person.
_MOST_NODES = 200_000
_MOST_NESTED = 1000


class Unfolded:
    """A node in one place: its id is the ids of the hosts around it and its own, with colons."""

    __slots__ = ("around", "id", "node")

    def __init__(self, node: Node, around: Unfolded | None) -> None:
        self.node = node
        self.around = around
        self.id: str = node.id if around is None else f"{around.id}:{node.id}"

    @property
    def graph(self) -> Graph:
        """The graph that the node is in."""
        return self.node.graph or Graph()


def unfold(editor: Editor) -> dict[str, Unfolded]:
    """All nodes by their ids, in the order in which the editor sends them.

    Raises ConfigurationError if a subgraph contains itself, or if there are far too many nodes.
    """
    found: dict[str, Unfolded] = {}
    for node in in_execution_order(editor.root):
        place = Unfolded(node, None)
        found[place.id] = place
        if node.definition is not None and node.is_active:
            _unfold_host(editor, place, found)
    return found


def _unfold_host(editor: Editor, host: Unfolded, found: dict[str, Unfolded]) -> None:
    stack = [(host, iter(_inner_nodes(host.node)), {id(host.node.definition)})]
    while stack:
        around, nodes, open_definitions = stack[-1]
        node = next(nodes, None)
        if node is None:
            stack.pop()
            continue
        editor.spend(1 + (len(around.id) + len(node.id)) // 16, host.node)
        place = Unfolded(node, around)
        found[place.id] = place
        if len(found) > _MOST_NODES:
            raise ConfigurationError(
                f"The subgraphs of {host.node.described} unfold to more than {_MOST_NODES} nodes"
            )
        # The editor unfolds hosts in subgraphs also when they are muted or bypassed.
        if node.definition is None or not (node.is_active or editor.strict):
            continue
        if id(node.definition) in open_definitions:
            raise ConfigurationError(
                f"The subgraph {node.definition.name[:60]!r} contains itself, in {node.described}: "
                "remove that node"
            )
        if len(stack) >= _MOST_NESTED:
            raise ConfigurationError(f"The subgraphs around {node.described} are nested too deeply")
        stack.append((place, iter(_inner_nodes(node)), {*open_definitions, id(node.definition)}))


def _inner_nodes(host: Node) -> list[Node]:
    return host.definition.nodes if host.definition is not None else []
