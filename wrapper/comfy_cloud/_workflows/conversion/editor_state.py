"""What all steps of one conversion share. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ...errors import ConfigurationError
from .model import Boundary, Graph, Link, Node
from .node_classes import NodeClasses


class Editor:
    """The state of one conversion.

    `is_restoring` is True while graphs are built; slots then keep the links that were saved, and
    what the editor does a moment later waits in `later`.
    """

    def __init__(
        self,
        object_info: Mapping[str, Any],
        *,
        strict: bool,
        warn: Callable[[str], None],
        now: datetime | None = None,
        random: Callable[[], float] | None = None,
    ) -> None:
        self.classes = NodeClasses(object_info)
        self.strict = strict
        self.warn = warn
        # Without a clock, dates in texts are left as they are; without chance, choices are.
        self.now = now
        self.random = random
        self.root = Graph(is_root=True)
        self.subgraphs: dict[str, Graph] = {}
        # A node of each class that is always made alike.
        self.prototypes: dict[str, Node] = {}
        # The first node of each id, in whatever graph.
        self.first_of_id: dict[str, Node] = {}
        self.is_restoring = True
        # What follows a change: of what is connected to an input, and of an input of a subgraph
        # that lost a connection. `convert` puts the rules here, which need what calls them.
        self.input_changed: Callable[[Node, int, Link | None, bool], None]
        self.boundary_disconnected: Callable[[Graph, Boundary], None]
        self.later: deque[Callable[[], None]] = deque()
        self.last_node_id = 0
        self.last_link_id = 0
        self.depth = 0
        # The node that work is for, where nobody says another one.
        self.at: Node | None = None
        self._work_left = _MOST_WORK
        self._named: tuple[dict[str, Node], dict[str, Node]] | None = None

    def spend(self, work: int, node: Node | None = None) -> None:
        """Note work that may grow faster than the workflow: some tenths of a microsecond each.

        Raises ConfigurationError, which names the node, when there was far too much of it.
        """
        self._work_left -= work
        if self._work_left < 0:
            node = node if node is not None else self.at
            where = f", at {node.described}" if node is not None else ""
            raise ConfigurationError(
                f"This workflow takes too much work to be converted{where}: it has too many inputs, "
                "links, subgraphs or choices that multiply each other"
            )

    def next_node_id(self) -> str:
        """A new id for a node."""
        self.last_node_id += 1
        return str(self.last_node_id)

    def next_link_id(self) -> int:
        """A new id for a link."""
        self.last_link_id += 1
        return self.last_link_id

    def graphs(self) -> list[Graph]:
        """The workflow and all its subgraphs."""
        return [self.root, *self.subgraphs.values()]

    def named_node(self, name: str) -> Node | None:
        """The first node that texts name so: by its property for that, else by its title."""
        if self._named is None:
            self._named = {}, {}
            for node in hierarchy(self):
                own = node.properties.get("Node name for S&R")
                if isinstance(own, str):
                    self._named[0].setdefault(own, node)
                self._named[1].setdefault(node.title, node)
        return self._named[0].get(name) or self._named[1].get(name)

    def run_later(self) -> None:
        """Do what waits, including what that adds, as far as that ends."""
        for _ in range(_MOST_LATER):
            if not self.later:
                return
            self.later.popleft()()


_MOST_LATER = 1_000_000
# A workflow of 10,000 nodes needs less than a hundredth of it.
_MOST_WORK = 20_000_000


def hierarchy(editor: Editor) -> list[Node]:
    """Every node once, those inside of a subgraph before its first host."""
    found: list[Node] = []
    seen: set[int] = set()
    # Iterators instead of recursion: subgraphs may be nested as deep as somebody likes.
    stack: list[tuple[Any, Node | None]] = [(iter(editor.root.nodes), None)]
    while stack:
        nodes, host = stack[-1]
        node = next(nodes, None)
        if node is None:
            stack.pop()
            if host is not None:
                found.append(host)
        elif node.definition is not None and id(node.definition) not in seen:
            seen.add(id(node.definition))
            stack.append((iter(node.definition.nodes), node))
        else:
            found.append(node)
    return found
