"""Where the value of an input comes from, through subgraphs, reroutes and bypassed nodes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import ConfigurationError
from .editor_values import are_compatible, item, item_at
from .expansion import Unfolded
from .hosts import host_output
from .model import BYPASSED, MUTED, Input, Node

if TYPE_CHECKING:
    from .editor_state import Editor


_FEW_STEPS = 8


class Source(NamedTuple):
    """The output of a node, or a value: then `node_id` is None.

    `primitive` is the node whose value a host would have taken if the editor did not lose it.
    """

    node_id: str | None
    slot: Any
    value: Any = None


class Resolver:
    """Finds sources among the unfolded nodes of one workflow."""

    def __init__(self, editor: Editor, places: dict[str, Unfolded]) -> None:
        self._editor = editor
        self._places = places
        # Why the last input that was asked for has no source; whether because somebody muted or
        # bypassed a node; and whether a primitive node has its value, which is in the widget.
        self.reason = ""
        self.is_wanted = False
        self.is_primitive = False

    def source(self, place: Unfolded, position: int) -> Source | None:
        """The source of an input; None if nothing is connected to it in the end.

        Raises ConfigurationError if a link leads in a circle, or comes from what is not there.
        """
        self.reason, self.is_wanted, self.is_primitive = "", False, False
        start, visited = place, set()
        spend = self._editor.spend
        wanted: object = None
        while True:
            key = self._key(place, "I", position)
            if key in visited:
                raise ConfigurationError(f"The links to an input of {start.node.described} lead in a circle")
            visited.add(key)
            if len(visited) > _FEW_STEPS:  # many inputs may be behind one long chain
                spend(10, start.node)
            input = item_at(place.node.inputs, position)
            if input is None:
                raise ConfigurationError(
                    f"A link leads to input {position} of {place.node.described}, which is not there"
                )
            if input.link is None:
                self.reason = self.reason or "nothing is connected"
                return None
            link = place.graph.link(input.link)
            if link is None:
                self._refuse_dangling(place, input)
                return None
            if place.around is not None and link.is_from_boundary:
                host = place.around
                outer = item_at(host.node.inputs, link.origin_slot)
                if outer is None:
                    raise ConfigurationError(
                        f"The input {input.name[:60]!r} of {place.node.described} is connected to an input "
                        "of its subgraph that is not there"
                    )
                if outer.link is None:
                    if outer.promoted is None:
                        self.reason = "nothing is connected to the subgraph"
                        return None
                    return Source(None, -1, outer.promoted.value)
                outer_link = host.graph.link(outer.link)
                if outer_link is None:
                    self._refuse_dangling(host, outer)
                    return None
                promoted = outer.promoted
                if promoted is not None and self._loses_primitive(host.node, outer_link.origin_id):
                    return Source(None, -1, promoted.value)
                place, position, wanted = host, outer_link.target_slot, None
                continue
            origin = place.graph.by_id.get(link.origin_id)
            found = self._place_in(place.around, origin) if origin is not None else None
            if origin is None or found is None:
                if origin is not None and not self._editor.strict:
                    self.reason, self.is_wanted = "it comes from a subgraph that is not sent", True
                    return None
                raise ConfigurationError(
                    f"The input {input.name[:60]!r} of {place.node.described} is connected to node "
                    f"{link.origin_id[:60]}, which is not there: remove that link"
                )
            result = self._follow_output(
                found, link.origin_slot, input.type if wanted is None else wanted, visited, start
            )
            if result is None or isinstance(result, Source):
                return result
            place, position, wanted = result

    def _follow_output(
        self, place: Unfolded, slot: Any, type: object, visited: set[Any], start: Unfolded
    ) -> Source | tuple[Unfolded, int, object] | None:
        """The source that an output is, or the input whose source it passes on."""
        while True:
            key = self._key(place, "O", slot)
            if key in visited:
                raise ConfigurationError(f"The links to an input of {start.node.described} lead in a circle")
            visited.add(key)
            if len(visited) > _FEW_STEPS:
                self._editor.spend(10, start.node)
            node = place.node
            if node.mode == MUTED:
                self.reason, self.is_wanted = f"{node.described} is muted", True
                return None
            if node.mode == BYPASSED:
                passed, self.is_wanted = bypass_input(node, slot, type), True
                if passed == -1:
                    self.reason = f"{node.described} is bypassed, and has no input of that type"
                    return None
                self.reason = f"{node.described} is bypassed"
                return place, passed, None
            if node.definition is not None:
                inner = self._inner_output(place, slot)
                if inner is None:
                    self.reason = f"nothing is connected to that output inside of {node.described}"
                    return None
                place, slot = inner
                continue
            if node.is_virtual:
                input = item(node.inputs, slot)
                link = place.graph.link(input.link) if input is not None else None
                if link is None:
                    self.reason = f"{node.described} passes nothing on"
                    self.is_primitive = node.type == "PrimitiveNode"
                    return None
                return place, link.target_slot, type
            return Source(place.id, slot)

    def _inner_output(self, host: Unfolded, slot: Any) -> tuple[Unfolded, Any] | None:
        node, definition = host.node, host.node.definition
        if (
            definition is None
            or item_at(node.outputs, slot) is None
            or item(definition.outputs, slot) is None
        ):
            raise ConfigurationError(
                f"A link comes from output {slot} of {node.described}, which is not there"
            )
        link = host_output(node, slot)
        if link is None:
            return None
        inner = definition.by_id.get(link.origin_id)
        found = self._place_in(host, inner) if inner is not None and not link.is_from_boundary else None
        if found is None:
            raise ConfigurationError(
                f"An output of {node.described} is not connected to a node inside of it. The editor refuses "
                "that too: connect what comes in with what goes out outside of the subgraph"
            )
        return found, link.origin_slot

    def _place_in(self, around: Unfolded | None, node: Node) -> Unfolded | None:
        return self._places.get(node.id if around is None else f"{around.id}:{node.id}")

    def _key(self, place: Unfolded, side: str, slot: Any) -> Any:
        if not self._editor.strict:
            return place.id, side, repr(slot)
        # The editor takes two places of one subgraph for the same.
        around = place.around.node.definition if place.around is not None else None
        return id(around), place.node.id, side, repr(slot)

    def _refuse_dangling(self, place: Unfolded, input: Input) -> None:
        message = (
            f"The input {input.name[:60]!r} of {place.node.described} names link {input.link}, which "
            "is not in the workflow"
        )
        if self._editor.strict:
            raise ConfigurationError(f"{message}: remove it from the node")
        self.reason = "its link is not in the workflow"

    def _loses_primitive(self, host: Node, origin_id: str) -> bool:
        """Whether a primitive node gives the value of a host's widget, which the editor loses."""
        if self._editor.strict or host.graph is None:
            return False
        origin = host.graph.by_id.get(origin_id)
        return origin is not None and origin.type == "PrimitiveNode" and bool(origin.widgets)


def bypass_input(node: Node, slot: Any, type: object) -> int:
    """The input that a bypassed node passes on for an output, -1 if there is none."""
    output = item(node.outputs, slot)
    if output is None:
        raise ConfigurationError(f"A link comes from output {slot} of {node.described}, which is not there")
    inputs = node.inputs
    if type in ("*", ""):
        return slot if len(inputs) > slot else 0
    opposite = item(inputs, slot)
    if (
        opposite is not None
        and are_compatible(opposite.type, output.type)
        and are_compatible(opposite.type, type)
    ):
        return int(slot)
    exact = next((at for at, input in enumerate(inputs) if input.type == type), -1)
    if exact != -1:
        return exact
    return next(
        (
            at
            for at, input in enumerate(inputs)
            if are_compatible(input.type, output.type) and are_compatible(input.type, type)
        ),
        -1,
    )
