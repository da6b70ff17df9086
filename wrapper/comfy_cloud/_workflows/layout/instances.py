"""Which subgraphs the ids of a graph tell of: the hosts, and which of them share a definition.

The ids "12:3" and "12:5:4" are of node 3 in the subgraph of host 12, and of node 4 in that of host
5 there. No two definitions have nodes of one id, so hosts whose inner ids are the same are hosts of
one subgraph. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from .numbering import Path, inner_path, is_whole

_MOST_ATTEMPTS = 8


class Instances:
    """Hosts by the paths to them. `groups` has those of one subgraph each, inner ones first."""

    def __init__(self, graph: Iterable[str], lost: set[str]) -> None:
        """`lost` are the hosts of the workflow whose subgraphs cannot be made."""
        self.paths = {
            id: path for id in graph if (path := inner_path(id)) is not None and path[0] not in lost
        }
        # The ids of the nodes and hosts inside of each host, in order.
        self.members: dict[Path, dict[str, None]] = {}
        for path in self.paths.values():
            for depth in range(1, len(path)):
                self.members.setdefault(path[:depth], {})[path[depth]] = None
        self._parents: dict[Path, Path] = {host: host for host in self.members}
        owners: dict[str, Path] = {}
        for host, inner in self.members.items():
            for id in inner:
                self._join(owners.setdefault(id, host), host)
        together: dict[Path, list[Path]] = {}
        for host in self.members:
            together.setdefault(self.group_of(host), []).append(host)
        self._together = together
        self.groups: list[list[Path]] = []
        # Hosts of the workflow whose subgraphs would not be what the ids say.
        self.obstacles: set[str] = set()

    def group_of(self, host: Path) -> Path:
        """One of the hosts that share the subgraph of this one, always the same one."""
        while self._parents[host] != host:
            self._parents[host] = self._parents[self._parents[host]]
            host = self._parents[host]
        return host

    def _join(self, one: Path, other: Path) -> None:
        waiting = [(one, other)]
        while waiting:
            one, other = waiting.pop()
            first, second = self.group_of(one), self.group_of(other)
            if first == second:
                continue
            self._parents[second] = first
            # A host in a shared subgraph is one host: what is in it is shared too.
            waiting.extend(
                ((*one, id), (*other, id))
                for id in self.members[one]
                if (*one, id) in self.members and (*other, id) in self.members
            )

    def settle(self, graph: Mapping[str, object]) -> None:
        """Find the order of the groups, and what cannot be."""
        roots = {id for id in graph if is_whole(id)} | {host[0] for host in self.members}
        uses: dict[Path, set[Path]] = {}
        for name, hosts in self._together.items():
            first = self.members[hosts[0]]
            uses[name] = {
                self.group_of((*host, id)) for host in hosts for id in first if (*host, id) in self.members
            }
            for host in hosts:
                is_taken = ":".join(host) in graph or not roots.isdisjoint(self.members[host])
                is_other = self.members[host].keys() != first.keys() or any(
                    ((*host, id) in self.members) != ((*hosts[0], id) in self.members) for id in first
                )
                if is_taken or is_other:
                    self.obstacles.update(each[0] for each in hosts)
        if self.obstacles:
            return
        try:
            order = list(TopologicalSorter(uses).static_order())
        except CycleError as error:
            for name in error.args[1]:
                self.obstacles.update(host[0] for host in self._together[name])
            return
        self.groups = [self._together[name] for name in order]


def find_instances(graph: Mapping[str, object], lost: set[str]) -> Instances:
    """The hosts whose subgraphs can be as the ids say; the others are added to `lost`."""
    for _ in range(_MOST_ATTEMPTS):
        found = Instances(graph, lost)
        found.settle(graph)
        if not found.obstacles:
            return found
        lost |= found.obstacles
    return no_instances()


def no_instances() -> Instances:
    """None of the hosts."""
    return Instances((), set())
