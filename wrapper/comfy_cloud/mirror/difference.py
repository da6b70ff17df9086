"""How the graphs of two jobs differ: inputs, models, seeds and wiring.

Nodes are matched by what they do in the graph. Their ids, their order, their titles and where the
editor draws them do not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._workflows.seeds import is_seed
from .facts.files import models_in
from .facts.graph import GraphNode, nodes_in, unwrapped
from .stored_jobs import stored_job

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

_ROUNDS = 6
Nodes = Mapping[str, GraphNode]


@dataclass(frozen=True, slots=True)
class Difference:
    """How one graph differs from another.

    Each change is a dict with `node` (its id in the first graph), `class`, `input`, `before` and
    `after`; a missing value is None. Links are texts such as "4.0", by the ids of each graph. A
    change of wiring also has `before_node` and `after_node`, the nodes that the input came from:
    dicts with `node`, `class` and `title`, or None where it was no link.

    Attributes:
        same_graph: Whether nodes and wiring are the same, so that only values differ.
        inputs, models, seeds, wiring: The changes of each kind.
        added, removed: Nodes that only one of them has: dicts with `node` and `class`.
    """

    same_graph: bool
    inputs: list[dict[str, Any]]
    models: list[dict[str, Any]]
    seeds: list[dict[str, Any]]
    wiring: list[dict[str, Any]]
    added: list[dict[str, str]]
    removed: list[dict[str, str]]

    def __bool__(self) -> bool:
        return any((self.inputs, self.models, self.seeds, self.wiring, self.added, self.removed))

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


def difference(mirror: OpenMirror, one: str, other: str) -> Difference:
    """Compare two jobs; see `Mirror.difference`."""
    return graph_difference(stored_job(mirror, one).graph, stored_job(mirror, other).graph)


def graph_difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> Difference:
    """How two graphs in API format differ."""
    old, new = nodes_in(one), nodes_in(other)
    pairs = matched_nodes(old, new)
    changes: dict[str, list[dict[str, Any]]] = {"inputs": [], "models": [], "seeds": [], "wiring": []}
    mine_of = {theirs: mine for mine, theirs in pairs.items()}
    models = {(each.node_id, each.name) for each in models_in(old)}
    models |= {(mine_of[each.node_id], each.name) for each in models_in(new) if each.node_id in mine_of}
    for mine, theirs in pairs.items():
        before, after = old[mine], new[theirs]
        for name in dict.fromkeys([*before.inputs, *after.inputs]):
            first, second = _value(before, name), _value(after, name)
            if name in before.links or name in after.links:
                kind, is_same = "wiring", _is_same_link(before, after, name, pairs)
            else:
                is_same = (name in before.inputs) == (name in after.inputs) and _is_equal(first, second)
                is_seeded = is_seed(name, first) or is_seed(name, second)
                kind = "models" if (mine, name) in models else "seeds" if is_seeded else "inputs"
            if not is_same:
                change: dict[str, Any] = {"node": mine, "class": before.kind, "input": name}
                change |= {"before": first, "after": second}
                if kind == "wiring":
                    change |= {"before_node": _source(old, before, name)}
                    change |= {"after_node": _source(new, after, name)}
                changes[kind].append(change)
    added = [_named(new, node_id) for node_id in new if node_id not in set(pairs.values())]
    removed = [_named(old, node_id) for node_id in old if node_id not in pairs]
    return Difference(not (added or removed or changes["wiring"]), **changes, added=added, removed=removed)


def matched_nodes(old: Nodes, new: Nodes) -> dict[str, str]:
    """Which node of `new` each node of `old` is; nodes without a counterpart are left out.

    Nodes in the same surroundings are matched first, and at last those of the same class. Among
    equals, the same id comes first.
    """
    pairs: dict[str, str] = {}
    taken: set[str] = set()
    for before, after in zip(reversed(_roles(old)), reversed(_roles(new)), strict=True):
        candidates: dict[int, list[str]] = defaultdict(list)
        for node_id in new:
            if node_id not in taken:
                candidates[after[node_id]].append(node_id)
        left = [node_id for node_id in old if node_id not in pairs]
        for node_id in [*(each for each in left if each in new), *(each for each in left if each not in new)]:
            among = candidates[before[node_id]]
            if among:
                chosen = node_id if node_id in among else among[0]
                among.remove(chosen)
                pairs[node_id] = chosen
                taken.add(chosen)
    return {node_id: pairs[node_id] for node_id in old if node_id in pairs}


def _roles(graph: Nodes) -> list[dict[str, int]]:
    """For each round, a number for each node: equal for nodes with equal surroundings so far."""
    roles = {node_id: hash(node.kind) for node_id, node in graph.items()}
    rounds = [roles]
    for _ in range(_ROUNDS):
        sources: dict[str, list[tuple[str, int, int]]] = {node_id: [] for node_id in graph}
        users: dict[str, list[tuple[str, int, int]]] = {node_id: [] for node_id in graph}
        for node_id, node in graph.items():
            for name, link in node.links.items():
                sources[node_id].append((name, link.slot, roles[link.node_id]))
                users[link.node_id].append((name, link.slot, roles[node_id]))
        roles = {
            node_id: hash((roles[node_id], tuple(sorted(sources[node_id])), tuple(sorted(users[node_id]))))
            for node_id in graph
        }
        rounds.append(roles)
    return rounds


def _is_same_link(before: GraphNode, after: GraphNode, name: str, pairs: Mapping[str, str]) -> bool:
    first, second = before.links.get(name), after.links.get(name)
    return (
        first is not None
        and second is not None
        and (pairs.get(first.node_id), first.slot) == (second.node_id, second.slot)
    )


def _is_equal(first: Any, second: Any) -> bool:
    """Whether two values are the same JSON: `true` is not 1, but 2 is 2.0."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    return bool(first == second)


def _value(node: GraphNode, name: str) -> Any:
    link = node.links.get(name)
    return f"{link.node_id}.{link.slot}" if link is not None else unwrapped(node.inputs.get(name))


def _source(graph: Nodes, node: GraphNode, name: str) -> dict[str, Any] | None:
    link = node.links.get(name)
    if link is None:
        return None
    source = graph[link.node_id]
    return {"node": source.id, "class": source.kind, "title": source.title}


def _named(graph: Nodes, node_id: str) -> dict[str, str]:
    return {"node": node_id, "class": graph[node_id].kind}
