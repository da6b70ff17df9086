"""What the editor holds of a workflow: graphs of nodes with slots, widgets and links. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from comfy_cloud_catalogue.declarations import InputSpec
from comfy_cloud_catalogue.dynamic import Growth

from .document import SavedBoundary, SavedLink, SavedNode
from .editor_values import MISSING
from .node_classes import NodeClass

# The modes of a node that is not sent.
MUTED, BYPASSED = 2, 4
# The ids by which links inside of a subgraph name its own inputs and outputs.
SUBGRAPH_INPUT, SUBGRAPH_OUTPUT = "-10", "-20"


class Widget:
    """A field of a node with a value.

    `is_sent` is False for what is not part of the graph, `is_saved` for what has no place in the
    saved values. Widgets of one node with the same name and kind share their value, as in the
    editor; so the value is in a cell.
    """

    __slots__ = (
        "cell",
        "choices",
        "is_control",
        "is_saved",
        "is_sent",
        "kind",
        "name",
        "on_change",
        "options",
        "resolve",
    )

    def __init__(
        self,
        name: str,
        kind: str,
        value: Any = MISSING,
        *,
        options: Mapping[str, Any] | None = None,
        choices: list[Any] | None = None,
        is_sent: bool = True,
        is_saved: bool = True,
        is_control: bool = False,
    ) -> None:
        self.name = name
        self.kind = kind
        self.cell = [value]
        self.options: Mapping[str, Any] = options or {}
        self.choices = choices
        self.is_sent = is_sent
        self.is_saved = is_saved
        self.is_control = is_control
        # Called after each change of the value.
        self.on_change: Callable[[Any], None] | None = None
        # What makes the value that is sent: "prompt", "name" or a function.
        self.resolve: str | Callable[[], Any] | None = None

    def copy(self) -> Widget:
        """A widget like this one with its own value."""
        made = type(self).__new__(type(self))
        made.name = self.name
        made.kind = self.kind
        made.cell = [self.cell[0]]
        made.options = self.options
        made.choices = self.choices
        made.is_sent = self.is_sent
        made.is_saved = self.is_saved
        made.is_control = self.is_control
        made.on_change = None
        made.resolve = self.resolve
        return made

    @property
    def value(self) -> Any:
        """The value now."""
        return self.cell[0]

    def set(self, value: Any) -> None:
        """Change the value, and what depends on it."""
        if self.kind == "customtext" and (value is None or value is MISSING):
            value = "" if value is None else "undefined"
        self.cell[0] = value
        if self.on_change is not None:
            self.on_change(value)


class Input:
    """An input of a node. `widget` is the name of the widget that it belongs to.

    `slot` and `promoted` are for hosts of a subgraph: the subgraph's input, and the host's widget.
    """

    __slots__ = ("label", "link", "name", "promoted", "slot", "source", "spec", "type", "widget")

    def __init__(
        self,
        name: str,
        type: object,
        *,
        widget: str | None = None,
        link: Any = None,
        spec: InputSpec | None = None,
    ) -> None:
        self.name = name
        self.type = type
        self.widget = widget
        self.link = link
        self.spec = spec
        self.label: str | None = None
        self.slot: Boundary | None = None
        self.promoted: Widget | None = None
        # The input inside of the subgraph that a host's input stands for.
        self.source: Input | None = None


class Output:
    """An output of a node."""

    __slots__ = ("links", "name", "type", "widget_source")

    def __init__(self, name: str, type: object, links: list[Any] | None = None) -> None:
        self.name = name
        self.type = type
        self.links: list[Any] = links if links is not None else []


class Link:
    """A link from an output to an input, by the ids and positions of both."""

    __slots__ = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")

    def __init__(self, saved: SavedLink) -> None:
        self.id = saved.id
        self.origin_id = saved.origin_id
        self.origin_slot = saved.origin_slot
        self.target_id = saved.target_id
        self.target_slot = saved.target_slot
        self.type = saved.type

    @property
    def is_from_boundary(self) -> bool:
        """Whether it comes from an input of the subgraph that it is in."""
        return self.origin_id == SUBGRAPH_INPUT


class Boundary:
    """An input or output of a subgraph."""

    __slots__ = ("id", "label", "link_ids", "name", "type", "widget")

    def __init__(self, saved: SavedBoundary) -> None:
        self.id = saved.id
        self.name = saved.name
        self.type = saved.type
        self.link_ids = list(saved.link_ids)
        self.label = saved.label
        # The widget that it was connected to last.
        self.widget: Widget | None = None


class Node:
    """A node of the editor. `cls` is None for the editor's own nodes and for unknown classes."""

    def __init__(self, type: str, cls: NodeClass | None = None) -> None:
        self.id = ""
        self.saved_id: object = None
        self.type = type
        self.cls = cls
        self.title = ""
        self.mode: object = 0
        self.graph: Graph | None = None
        self.inputs: list[Input] = []
        self.outputs: list[Output] = []
        self.widgets: list[Widget] = []
        self.properties: dict[str, Any] = {}
        self.saved: SavedNode | None = None
        self.order = 0
        self.is_unknown = False
        self.is_virtual = False
        # Whether widgets of one name share a value although their kinds differ.
        self.mixes_kinds = False
        # The subgraph that a host stands for.
        self.definition: Graph | None = None
        # The widgets that a group node had before it became a host: inner nodes and names there.
        self.group_widgets: dict[str, tuple[Node, str]] = {}
        self.autogrow: dict[str, Growth] = {}
        self.match_types: dict[str, dict[str, str]] = {}
        self._cells: dict[str, tuple[str, list[Any]]] | None = None

    @property
    def is_active(self) -> bool:
        """Whether it is neither muted nor bypassed."""
        return self.mode not in (MUTED, BYPASSED)

    def add_widget(self, widget: Widget) -> Widget:
        """Append a widget."""
        self.widgets.append(widget)
        if self.graph is not None:
            self.bind(widget)
        return widget

    def bind(self, widget: Widget) -> None:
        """Let a widget share its value with those of the same name and kind in a graph."""
        cells = self._known_cells()
        kind, cell = cells.get(widget.name, (widget.kind, widget.cell))
        if kind == widget.kind or self.mixes_kinds:
            if kind != widget.kind:
                cell[0] = widget.cell[0]
            widget.cell = cell
        cells[widget.name] = (widget.kind, widget.cell)

    def share_values(self, other: Node) -> None:
        """Let widgets of one name and kind share their values with those of another node."""
        self._cells = other._known_cells()
        for widget in self.widgets:
            self.bind(widget)

    def forget(self, widget: Widget) -> None:
        """Let a later widget of that name have its own value."""
        self._known_cells().pop(widget.name, None)

    def _known_cells(self) -> dict[str, tuple[str, list[Any]]]:
        if self._cells is None:
            self._cells = {}
            for widget in self.widgets:
                self.bind(widget)
        return self._cells

    def widget(self, name: str | None) -> Widget | None:
        """The first widget of a name."""
        return next((widget for widget in self.shown_widgets if widget.name == name), None)

    @property
    def shown_widgets(self) -> list[Widget]:
        """The widgets; those of a host are what it shows of its subgraph."""
        if self.definition is not None:
            return [input.promoted for input in self.inputs if input.promoted is not None]
        return self.widgets

    def widget_of(self, input: Input) -> Widget | None:
        """The widget that an input belongs to."""
        if input.promoted is not None:
            return input.promoted
        return self.widget(input.widget) if input.widget is not None else None

    def input_index(self, name: str) -> int:
        """The position of the first input of a name, -1 if there is none."""
        return next((at for at, input in enumerate(self.inputs) if input.name == name), -1)

    @property
    def described(self) -> str:
        """The node in messages."""
        title = f", {self.title[:40]!r}" if self.title and self.title != self.type else ""
        return f"node {self.path_id} ({self.type[:60]}{title})"

    @property
    def path_id(self) -> str:
        """The id, with that of the subgraph before it for nodes in one."""
        inside = self.graph is not None and not self.graph.is_root
        name = self.graph.name or self.graph.id if self.graph is not None else ""
        return f"{self.id[:60]} of the subgraph {name[:60]!r}" if inside else self.id[:60]


class Graph:
    """The workflow, or the definition of a subgraph."""

    def __init__(self, id: str = "", name: str = "", *, is_root: bool = False) -> None:
        self.id = id
        self.name = name
        self.is_root = is_root
        self.nodes: list[Node] = []
        self.by_id: dict[str, Node] = {}
        self.links: dict[Any, Link] = {}
        self.inputs: list[Boundary] = []
        self.outputs: list[Boundary] = []
        # The nodes that stand for it.
        self.hosts: list[Node] = []

    def link(self, id: Any) -> Link | None:
        """A link by its id."""
        return self.links.get(id) if id is not None else None
