"""Everything that the mirror keeps of one graph."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..._errors.redaction import redact
from .digests import graph_digest, inputs_digest
from .files import Lora, Model, loras_in, models_in
from .graph import GraphNode, nodes_in
from .numbers import Seed, Size, seeds_in, sizes_in
from .prompts import Prompt, prompts_in

_LEVEL = 3


@dataclass(frozen=True, slots=True)
class GraphFacts:
    """What a graph says. `packed` is the graph itself as JSON, compressed by zlib, without keys."""

    nodes: Mapping[str, GraphNode]
    prompts: list[Prompt]
    models: list[Model]
    loras: list[Lora]
    seeds: list[Seed]
    sizes: list[Size]
    graph_digest: str
    inputs_digest: str
    packed: bytes


def graph_facts(graph: Mapping[str, Any]) -> GraphFacts:
    """Find everything in a graph. It never raises for what is malformed."""
    clean = redact(dict(graph))
    nodes = nodes_in(clean)
    models = models_in(nodes)
    return GraphFacts(
        nodes=nodes,
        prompts=prompts_in(nodes),
        models=models,
        loras=loras_in(nodes, models),
        seeds=seeds_in(nodes),
        sizes=sizes_in(nodes),
        graph_digest=graph_digest(nodes),
        inputs_digest=inputs_digest(clean),
        packed=zlib.compress(_json(clean), _LEVEL),
    )


def unpacked(packed: bytes) -> Any:
    """The graph that `packed` is."""
    return json.loads(zlib.decompress(packed))


def _json(graph: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(graph, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError):
        return b"{}"
