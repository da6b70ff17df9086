"""Which box is in which layer, so that edges lead from left to right. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from ...errors import ConfigurationError

if TYPE_CHECKING:
    import networkx

    Directed: TypeAlias = networkx.DiGraph[str]

MISSING_LIBRARY = "Laying out a workflow needs the package networkx: pip install 'comfy-cloud[layout]'"


def directed_graph(names: Iterable[str], edges: Iterable[tuple[str, str]]) -> Directed:
    """A graph of boxes and edges, without the edges that close a circle.

    Raises ConfigurationError if networkx is not installed.
    """
    try:
        import networkx
    except ImportError:
        raise ConfigurationError(MISSING_LIBRARY) from None
    graph: Directed = networkx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from((origin, target) for origin, target in edges if origin != target)
    order = reversed(list(networkx.dfs_postorder_nodes(graph)))
    position = {name: at for at, name in enumerate(order)}
    graph.remove_edges_from(
        [(origin, target) for origin, target in graph.edges if position[origin] > position[target]]
    )
    return graph


def parts(graph: Directed) -> list[list[str]]:
    """The boxes that hang together, those of each part in their order, the largest part first."""
    import networkx

    order = {name: at for at, name in enumerate(graph)}
    found = [sorted(part, key=order.__getitem__) for part in networkx.weakly_connected_components(graph)]
    return sorted(found, key=lambda part: (-len(part), order[part[0]]))


def layer_numbers(graph: Directed) -> Mapping[str, int]:
    """The layer of each box: right of all that lead to it, and close to what it leads to."""
    import networkx

    numbers: dict[str, int] = {}
    ordered: list[str] = []
    for number, generation in enumerate(networkx.topological_generations(graph)):
        for name in generation:
            numbers[name] = number
            ordered.append(name)
    for name in reversed(ordered):
        following = [numbers[target] for target in graph.successors(name)]
        if following and graph.out_degree(name) >= graph.in_degree(name):
            numbers[name] = min(following) - 1
    return numbers
