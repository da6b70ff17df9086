"""Usual jobs are written in a way of their own: the database is the one that records give."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud._jobs.entries import HistoryEntry
from comfy_cloud.mirror import job_writing, writing
from comfy_cloud.mirror.job_writing import Job, write_records
from comfy_cloud.mirror.records import record_of
from comfy_cloud.mirror.store import Store
from comfy_cloud.mirror.usual_entries import UsualJob, usual_jobs
from comfy_cloud_api.models.history_entry import HistoryEntry as RawEntry

NEWEST = 1_795_000_000_000
NAMES = ["ComfyUI_00001_.png", "fluxDev2.webp", "a b.mp4", "é世.flac", "x.glb", "", None]
ODD = [
    {"status": {"status_str": "error", "messages": []}},
    {"status": {"status_str": "success", "completed": True, "messages": []}},
    {"outputs": {"9": {"text": ["a text"]}}},
    {"outputs": {"9": {"images": [{"filename": "a.png", "format": "image/png"}, {"filename": "a.png"}]}}},
    {"outputs": {"9": {"images": [{"filename": "s/a.png"}]}}},
    {"outputs": {"9": {"images": [{"filename": "\x00\x1a.png", "display_name": "\ud800"}]}}},
    {"outputs": {}},
    {"workflow_id": None},
    {"workflow_id": "\x1a"},
    {"create_time": None},
    {"create_time": 5},
    {"prompt_id": "long" * 50},
    {"prompt_id": ""},
    {"prompt": {"prompt": {"1": {"class_type": "KSampler", "inputs": {"seed": 4}}}}},
    {"credits": 1.5},
    {"newer": 1},
]


def entry(rng: random.Random, created_ms: int) -> dict[str, Any]:
    """An entry as Comfy Cloud lists it, with outputs of several kinds."""
    started = created_ms + rng.randrange(-5, 5000)
    messages: list[Any] = [["execution_start", {"timestamp": started}], ["execution_cached", {"nodes": []}]]
    if rng.random() < 0.9:
        messages.append(["execution_success", {"timestamp": started + rng.randrange(-5, 90_000)}])
    nodes: dict[str, dict[str, list[Any]]] = {}
    for _ in range(rng.choice([0, 1, 1, 1, 2, 5])):
        file: dict[str, Any] = {
            "filename": f"{rng.getrandbits(256):064x}.{rng.choice(['png', 'MP4', 'odd'])}"
        }
        for name, values in (("subfolder", ["", "s"]), ("type", ["output", "temp"]), ("display_name", NAMES)):
            if rng.random() < 0.8:
                file[name] = rng.choice(values)
        key = rng.choice(["images", "gifs", "audio"])
        nodes.setdefault(rng.choice(["9", "10:3"]), {}).setdefault(key, []).append(file)
    return {
        "prompt_id": f"{rng.getrandbits(128):032x}",
        "create_time": created_ms,
        "workflow_id": f"w{rng.randrange(5)}",
        "prompt": {"priority": 1.0, "extra_data": {}},
        "outputs": nodes,
        "status": {"status_str": "success", "completed": True, "messages": messages},
        "meta": {},
    }


def thorough(raws: Sequence[bytes]) -> list[Job]:
    return [record_of(HistoryEntry(RawEntry.from_dict(json.loads(raw)))) for raw in raws]


def quick(raws: Sequence[bytes]) -> list[Job]:
    pairs = zip(usual_jobs(raws), thorough(raws), strict=True)
    return [record if usual is None else usual for usual, record in pairs]


def contents(path: Path, batches: Sequence[Sequence[bytes]], read: Callable[[Any], list[Job]]) -> Any:
    """Every row of every table after the batches are written, also of those that FTS5 keeps."""
    store = Store.open(path)
    try:
        written = []
        for number, raws in enumerate(batches):
            with store.writing() as connection:
                found = write_records(connection, read(raws), NEWEST + number)
            written.append((found.added, found.changed, found.numbers))
        with store.reading() as connection:
            tables = [
                name
                for (name,) in connection.exec_driver_sql(
                    "SELECT name FROM sqlite_master WHERE type = 'table'"
                )
            ]
            assert {"jobs", "outputs", "search", "search_data", "search_words"} <= {*tables}
            rows = {
                table: sorted(
                    repr(tuple(row)) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
                )
                for table in tables
            }
    finally:
        store.close()
    del rows["meta"]  # when the file was made
    return written, rows


@pytest.mark.parametrize("order", ["newest first", "oldest first", "random", "few times"])
def test_usual_jobs_are_written_as_records_are(
    order: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_ROWS_OF_A_STATEMENT", (70, 9, 1))
    monkeypatch.setattr(job_writing, "_LOOKED_UP_AT_ONCE", (150, 40))
    rng = random.Random(order)
    count = 700
    steps = range(count)
    times = {
        "newest first": [NEWEST - 5 * step for step in steps],
        "oldest first": [NEWEST + 5 * step for step in steps],
        "random": [NEWEST + rng.randrange(10 * count) for _ in steps],
        "few times": [NEWEST + step // 100 for step in steps],
    }[order]
    sent = [entry(rng, time) for time in times]
    odd = [{**each, **rng.choice(ODD)} if rng.random() < 0.2 else each for each in sent]
    later = [each if rng.random() < 0.7 else old for each, old in zip(sent, odd, strict=True)]
    for entries in (odd, later):  # a list repeats some
        entries[50:50] = rng.sample(entries, 20)
    raws = [json.dumps(each).encode() for each in [*odd, *later]]
    batches = []
    while raws:
        size = rng.choice([1, 30, 200, 300])
        batches.append(raws[:size])
        raws = raws[size:]
    made = [job for batch in batches for job in quick(batch)]
    assert 0.6 < sum(isinstance(job, UsualJob) for job in made) / len(made) < 1
    expected = contents(tmp_path / "thorough.sqlite", batches, thorough)
    assert contents(tmp_path / "quick.sqlite", batches, quick) == expected
