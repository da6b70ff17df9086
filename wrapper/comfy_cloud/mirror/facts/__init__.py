"""What a graph in API format says: prompts, models, seeds, sizes. Pure, and linear in its size.

- `graph`: the nodes, read from whatever a server sent.
- `values`: the exact value of an input as text, and its type.
- `prompts`: the texts, by the links that lead from them to a sampler.
- `files`: models and LoRAs. `numbers`: seeds and sizes.
- `digests`: when two graphs are the same, with their values and without.
- `found`: all of it together.
"""

from __future__ import annotations

from .found import GraphFacts, graph_facts

__all__ = ["GraphFacts", "graph_facts"]
