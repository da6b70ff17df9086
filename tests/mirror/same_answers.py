"""Questions whose answers are the same in SQLite and in PostgreSQL, order included."""

from __future__ import annotations

import random
from typing import Any

from comfy_cloud.mirror import Mirror

from .sample import ERRORS, SUBJECTS

QUERIES = [
    "", "lighthouse", "LIGHTHOUSE dusk", '"at dusk"', '"dusk at"', "cafe", "CAFÉ", "light*", "1*", "blurry",
    "-blurry", "fox -blurry", '-"low quality"', "fox castle", "nothing", "prompt:fox", "-prompt:fox",
    "text:caption", "title:ksampler", "title:sampler", "sampler", "encode", "decode", "vaedecode", "flux",
    "flux1", "model:flux", "model:sd_xl", "-model:flux", "lora:ink", "file:sample", "file:00001", "file:samp",
    "sample", "png",
    "status:failed",
    "-status:completed -status:failed", "workflow:wf-tests", "-workflow:wf-tests fox", "flux1-dev",
    "dev flux1",
    "(masterpiece:1.2)", '"', "ampler", '"flux1 dev safetensors sample"', "a* take",
]  # fmt: skip
FILTERS: list[dict[str, Any]] = [
    {},
    {"status": "failed"},
    {"status": ["failed", "cancelled"], "workflow_id": "wf-portraits"},
    {"model": "flux"},
    {"since": "2026-11-28T12:00:00Z", "until": "2026-11-28T20:00:00Z"},
    {"until": "2026-11-28T20:00:00Z", "model": "sd xl", "status": "completed"},
    {"limit": 7},
    {"limit": 0},
]
STATS: list[dict[str, Any]] = [
    {},
    {"status": "failed"},
    {"model": "flux"},
    {"workflow_id": "wf-tests", "since": "2026-11-28T12:00:00Z"},
]
SUMMARIES = "prompt, negative, model, models, seed, width, height, files"


def check_the_same_jobs(one: Mirror, other: Mirror) -> None:
    """Ask both every query for all jobs, in any order. Raises AssertionError."""
    for query in QUERIES:
        found = [sorted(mirror.search(query, limit=None).column("id")) for mirror in (one, other)]
        assert found[0] == found[1], query


def check_the_same_answers(one: Mirror, other: Mirror) -> int:
    """Ask both everything; returns how many questions that were. Raises AssertionError."""
    asked = 0
    for query in QUERIES:
        for filters in FILTERS:
            found = [mirror.search(query, **{"limit": None, **filters}) for mirror in (one, other)]
            assert found[0] == found[1], (query, filters, len(found[0]), len(found[1]))
            assert found[0].is_cut == found[1].is_cut, (query, filters)
            asked += 1
    rng = random.Random(3)
    for _ in range(100):
        words = rng.sample([*SUBJECTS, "dusk", "take", "-night", "oil*", "blurry", ERRORS[0][2]], 2)
        filters = rng.choice(FILTERS)
        found = [mirror.search(" ".join(words), **filters) for mirror in (one, other)]
        assert found[0] == found[1], (words, filters)
        asked += 1
    for filters in STATS:
        assert one.stats(**filters).to_dict() == other.stats(**filters).to_dict(), filters
        asked += 1
    query = f"SELECT id, {SUMMARIES} FROM jobs ORDER BY search_rowid"
    assert one.query(query) == other.query(query)
    ids = one.jobs(limit=5).column("id")
    for job_id in ids:
        assert one.similar(job_id).to_dicts() == other.similar(job_id).to_dicts()
        assert one.estimate(one.graph(job_id)) == other.estimate(other.graph(job_id))
        assert one.difference(ids[0], job_id) == other.difference(ids[0], job_id)
        asked += 3
    return asked + 1
