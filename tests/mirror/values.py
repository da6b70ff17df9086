"""Values that databases find hard to keep, and a check that a mirror keeps them."""

from __future__ import annotations

import json
from typing import Any

from comfy_cloud._jobs.entries import ComfyHistoryEntry
from comfy_cloud.mirror import Mirror
from comfy_cloud.mirror.facts.found import unpacked
from comfy_cloud.mirror.job_writing import write_records
from comfy_cloud.mirror.records import record_of
from comfy_cloud.mirror.schema import GRAPHS, INPUTS

JOB_ID = "job\x00\ud800"
VALUES: list[Any] = [
    2**64 - 1, 0.1, -0.0, 1e308, True, None, "", "a\x00b\nc\u2028\x1a", "\ud800", "😀", {"x": [1.0, "y"]},
    "long " * 100_000,
]  # fmt: skip


def check_that_every_value_survives(mirror: Mirror) -> None:
    """Write a job with these values, and read it again."""
    inputs = {f"in {place}\n": value for place, value in enumerate(VALUES)}
    graph = {"1" * 5000: {"class_type": "K\x00", "inputs": inputs}}
    raw = {"prompt": [1, "x", graph, {}, []], "status": {}, "outputs": {}}
    with mirror.store.writing() as connection:
        write_records(connection, [record_of(ComfyHistoryEntry(JOB_ID, raw))], 1)
    with mirror.connect() as connection:
        found = connection.execute(INPUTS.select().where(INPUTS.c.job_id == JOB_ID)).all()
        packed = [unpacked(row.graph) for row in connection.execute(GRAPHS.select())]
    stored = {row.name: row.value if row.type == "text" else json.loads(row.value) for row in found}
    assert [stored[f"in {place}\n"] for place in range(len(VALUES))] == VALUES
    assert repr(graph) in [repr(each) for each in packed]
