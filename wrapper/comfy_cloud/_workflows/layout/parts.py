"""A graph with ids such as "12:3" as a workflow and its subgraphs, each a small graph. Pure.

Links that lead into a subgraph or out of it go through inputs and outputs of it. Where hosts of one
subgraph give an input different values, the hosts have them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..conversion.model import SUBGRAPH_INPUT
from ..graph import Graph, is_link
from .instances import Instances
from .numbering import Path

_ABSENT = object()


class NotPossibleError(Exception):
    """The subgraphs cannot be as the ids say, because of these hosts of the workflow."""

    def __init__(self, hosts: set[str]) -> None:
        super().__init__()
        self.hosts = hosts


@dataclass
class Part:
    """The workflow (its id is ""), or a subgraph: nodes and hosts by their ids in it.

    The class of a host is the id of its subgraph. A link from "-10" is from an input of this one.
    `outputs` are the nodes and slots that its outputs come from.
    """

    id: str
    name: str
    members: Graph
    inputs: list[str] = field(default_factory=list)
    outputs: dict[tuple[str, int], int] = field(default_factory=dict)


def split(graph: Graph, ids: Mapping[str, int | str], instances: Instances) -> list[Part]:
    """The subgraphs, inner ones first, and the workflow as the last one.

    Raises NotPossibleError if hosts of one subgraph differ in more than values and links from
    outside.
    """
    splitter = _Splitter(graph, ids, instances)
    for hosts in instances.groups:
        splitter.add_subgraph(hosts)
    splitter.add_workflow()
    return splitter.parts


class _Splitter:
    def __init__(self, graph: Graph, ids: Mapping[str, int | str], instances: Instances) -> None:
        self._graph = graph
        self._instances = instances
        # Where each node is in the editor, by its id in the graph.
        self._paths = {id: instances.paths.get(id, (str(ids[id]),)) for id in graph}
        self._nodes: dict[Path, Mapping[str, Any]] = {self._paths[id]: node for id, node in graph.items()}
        self._subgraphs: dict[Path, Part] = {}
        self.parts: list[Part] = []

    def add_workflow(self) -> None:
        members = dict.fromkeys(path[0] for path in self._paths.values())
        self._add(Part("", "", {}), [()], list(members))

    def add_subgraph(self, hosts: list[Path]) -> None:
        name = " and ".join(":".join(host) for host in hosts[:3])
        part = Part("", f"Subgraph {name}{' and more' if len(hosts) > 3 else ''}", {})
        given = self._add(part, hosts, list(self._instances.members[hosts[0]]))
        content = json.dumps([part.members, hosts], sort_keys=True, default=str)
        part.id = str(uuid.uuid5(uuid.NAMESPACE_OID, content))
        for host, inputs in zip(hosts, given, strict=True):
            self._subgraphs[host] = part
            self._nodes[host] = {"class_type": part.id, "inputs": inputs}

    def _add(self, part: Part, hosts: list[Path], members: list[str]) -> list[dict[str, Any]]:
        """Add a part with these members; returns what each host gives to its inputs."""
        self.parts.append(part)
        given: list[dict[str, Any]] = [{} for _ in hosts]
        merged: dict[tuple[str, ...], int] = {}
        taken: dict[str, int] = {}
        for id in members:
            nodes = [self._nodes[*host, id] for host in hosts]
            if any(
                node["class_type"] != nodes[0]["class_type"] or node.get("_meta") != nodes[0].get("_meta")
                for node in nodes
            ):
                raise NotPossibleError({host[0] for host in hosts})
            inputs: dict[str, Any] = {}
            for name in dict.fromkeys(name for node in nodes for name in node["inputs"]):
                values = [node["inputs"].get(name, _ABSENT) for node in nodes]
                shared = self._shared(hosts, values)
                if shared is not _ABSENT:
                    inputs[name] = shared
                    continue
                key = _origins(values) or (id, name)
                if key not in merged:
                    merged[key] = len(part.inputs)
                    part.inputs.append(_unique(name, taken))
                    for own, value in zip(given, values, strict=True):
                        if value is not _ABSENT:
                            own[part.inputs[-1]] = value
                inputs[name] = [SUBGRAPH_INPUT, merged[key]]
            part.members[id] = {**nodes[0], "inputs": inputs}
        return given

    def _shared(self, hosts: list[Path], values: list[Any]) -> Any:
        """The value, or link within the part, that all hosts share; _ABSENT if there is none."""
        ends: list[tuple[Path, int] | None] = []
        for host, value in zip(hosts, values, strict=True):
            path = self._paths[value[0]] if is_link(value) else ()
            is_inside = is_link(value) and path[: len(host)] == host
            ends.append((path[len(host) :], value[1]) if is_inside else None)
        first = ends[0]
        if first is not None and all(end == first for end in ends):
            path, slot = first
            return [path[0], slot if len(path) == 1 else self._output((*hosts[0], path[0]), path[1:], slot)]
        if any(end is not None for end in ends):
            raise NotPossibleError({host[0] for host in hosts})
        if any(value is _ABSENT or is_link(value) for value in values):
            return _ABSENT
        if len(values) > 1 and len({json.dumps(value, sort_keys=True) for value in values}) > 1:
            return _ABSENT
        return values[0]

    def _output(self, host: Path, rest: Path, slot: int) -> int:
        """The output of a host for one of a node inside of it."""
        hosts = [host]
        for id in rest[:-1]:
            hosts.append((*hosts[-1], id))
        inner = slot
        for each, id in zip(reversed(hosts), reversed(rest), strict=True):
            outputs = self._subgraphs[each].outputs
            inner = outputs.setdefault((id, inner), len(outputs))
        return inner


def _origins(values: list[Any]) -> tuple[str, ...] | None:
    """What is the same for inputs that the same links lead to; None if one is not a link."""
    if not all(is_link(value) for value in values):
        return None
    return tuple(f"{value[0]} {value[1]}" for value in values)


def _unique(name: str, taken: dict[str, int]) -> str:
    """A name that is not taken; `taken` counts how often each was asked for."""
    unique = name
    while unique in taken:
        taken[name] += 1
        unique = f"{name}_{taken[name] - 1}"
    taken[unique] = 1
    return unique
