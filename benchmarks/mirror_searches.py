"""Searches of many kinds over a mirror: `python benchmarks/mirror_searches.py FILE`.

Each kind is asked many times, and then a hundred of them mixed. Times are in milliseconds: those of
the clock, and those of the processor, which other programs on the machine do not lengthen.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import Any

from comfy_cloud.mirror.mirror import Mirror

SUBJECTS = [
    "lighthouse",
    "harbour",
    "fox",
    "castle",
    "robot",
    "forest",
    "portrait",
    "market",
    "glacier",
    "café",
]
STYLES = ["dusk", "oil", "photo", "isometric", "watercolour", "night", "fog"]
COMMON = ["blurry", "take", "sample", "png", "a"]
WORDS = [*SUBJECTS, *STYLES, "take", "blurry"]
FILTERS: tuple[dict[str, Any], ...] = (
    {"status": "failed"},
    {"status": ["failed", "cancelled"]},
    {"model": "flux"},
    {"model": "v1-5"},
    {"since": "2026-10-01"},
    {"until": "2025-06-01"},
    {"workflow_id": "wf-tests"},
    {"status": "failed", "model": "flux", "since": "2026-01-01"},
    {"workflow_id": "wf-portraits", "until": "2026-01-01", "model": "schnell"},
)
Search = tuple[str, dict[str, Any]]
PHRASES = ['"at dusk"', '"in oil paint"', '"low quality"', '"as a photo"']
PREFIXES = ["light*", "iso*", "wat*", "f*", "12*", "p* dusk"]
NOWHERE = ["fox castle", "nowhere", "robot -take", '"night dusk"', "glacier market"]
NAMES = ["model:flux", "model:sd_xl", "lora:ink", "file:sample", "title:ksampler"]


def _words(rng: random.Random, *counts: int) -> str:
    return " ".join(rng.sample(WORDS, rng.choice(counts)))


KINDS: dict[str, Callable[[random.Random], Search]] = {
    "a word": lambda rng: (rng.choice(SUBJECTS), {}),
    "a word that half of all have": lambda rng: (rng.choice(COMMON), {}),
    "two or three words": lambda rng: (_words(rng, 2, 3), {}),
    "a phrase": lambda rng: (rng.choice(PHRASES), {}),
    "a prefix": lambda rng: (rng.choice(PREFIXES), {}),
    "minus words": lambda rng: (f"{rng.choice(SUBJECTS)} -{rng.choice([*STYLES, 'blurry'])}", {}),
    "minus words alone": lambda rng: (f"-{rng.choice([*SUBJECTS, 'blurry'])}", {}),
    "a rare phrase": lambda rng: (f'"{rng.choice(SUBJECTS)} at night take {rng.randrange(1000)}"', {}),
    "nothing found": lambda rng: (rng.choice(NOWHERE), {}),
    "a name": lambda rng: (rng.choice(NAMES), {}),
    "words and filters": lambda rng: (_words(rng, 1, 1, 2), rng.choice(FILTERS)),
    "minus, phrase and filters": lambda rng: (f'"at dusk" -{rng.choice(SUBJECTS)}', rng.choice(FILTERS)),
    "filters alone": lambda rng: ("", rng.choice(FILTERS)),
}
EACH = 40
MIXED = 100


def timed(mirror: Mirror, searches: list[Search]) -> tuple[list[float], list[float]]:
    """Milliseconds of the clock and of the processor for each, sorted."""
    clock, processor = [], []
    for query, filters in searches:
        start, began = time.perf_counter(), time.process_time()
        mirror.search(query, **filters)
        processor.append((time.process_time() - began) * 1000)
        clock.append((time.perf_counter() - start) * 1000)
    return sorted(clock), sorted(processor)


def mixed(rng: random.Random, count: int = MIXED) -> list[Search]:
    """Searches of all kinds."""
    kinds = list(KINDS.values())
    return [rng.choice(kinds)(rng) for _ in range(count)]


def percentile(values: list[float], part: int) -> float:
    """By the nearest rank, of sorted values."""
    return values[max(0, -(-len(values) * part // 100) - 1)]


def main() -> None:
    """A line for each kind, and one for the mix."""
    rng = random.Random(7)
    with Mirror.open(sys.argv[1], read_only=True) as mirror:
        mirror.search("lighthouse")
        rows = [(name, [make(rng) for _ in range(EACH)]) for name, make in KINDS.items()]
        for name, searches in [*rows, ("100 mixed", mixed(rng))]:
            clock, processor = timed(mirror, searches)
            found = [f"{percentile(each, part):8.1f}" for each in (clock, processor) for part in (50, 99)]
            print(f"{name:30} clock p50 {found[0]} p99 {found[1]}   processor p50 {found[2]} p99 {found[3]}")


if __name__ == "__main__":
    main()
