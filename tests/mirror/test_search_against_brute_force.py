"""Searches against a reading of every job: which are found, in which order, and how many."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud.mirror import Mirror
from comfy_cloud.mirror.facts import graph_facts
from comfy_cloud.mirror.index_tokens import index_tokens
from comfy_cloud.mirror.job_writing import write_records
from comfy_cloud.mirror.name_words import with_name_words
from comfy_cloud.mirror.query_language import read_query, term_of
from comfy_cloud.mirror.records import JobRecord
from comfy_cloud.mirror.relevance import scores

START = 1_790_000_000
WORDS = ["fox", "foxglove", "red", "reed", "café", "CAFE", "dusk", "at", "Ölbild", "桜", "x1"]
CLASSES = ["KSampler", "CLIPTextEncode", "VAEDecodeTiled", "Reroute"]
MODELS = ["flux1-dev.safetensors", "sd_xl_base_1.0.safetensors", "RealVis/foxModel.ckpt"]
STATUSES = ["completed", "failed", "cancelled"]
WORKFLOWS = [None, "wf-red", "wf-fox"]
TYPED = ["fox", "FOX", "red", "cafe", "café", "at", "dusk", "sampler", "ksampler", "flux", "flux1",
         "clip", "x1", "model", "vis", "decode", "nothing", "ölbild", "桜", "xl"]  # fmt: skip


@dataclass
class Made:
    """A job, and what is to be found in it."""

    id: str
    status: str
    created_ms: int | None
    workflow_id: str | None
    seed: int
    texts: list[str] = field(default_factory=list)

    @property
    def time(self) -> datetime | None:
        return None if self.created_ms is None else datetime.fromtimestamp(self.created_ms // 1000, UTC)

    def record(self, graph: dict[str, object] | None, name: str) -> JobRecord:
        output = ("9", "images", "image", "0ff.png", name, "", "output", None, None, None, None, None)
        return JobRecord(
            self.id, self.status, self.created_ms, None, None, self.workflow_id, (None,) * 4, None,
            [output], [],
            None if graph is None else graph_facts(graph), graph is not None,
        )  # fmt: skip


def made_jobs(mirror: Mirror) -> list[Made]:
    """Eighty jobs, written as a sync writes them: first without details, then with them."""
    rng = random.Random(5)
    jobs: list[Made] = []
    first: list[JobRecord] = []
    later: list[JobRecord] = []
    for number in range(80):
        created = None if number % 13 == 0 else (START + rng.randrange(12)) * 1000
        job = Made(f"job-{number}", rng.choice(STATUSES), created, rng.choice(WORKFLOWS), rng.randrange(3))
        prompt = " ".join(rng.choices(WORDS, k=3))
        kind, model, name = rng.choice(CLASSES), rng.choice(MODELS), rng.choice(["Fox_001.png", "a.png"])
        graph = {
            "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": model}},
            "2": {"class_type": "CLIPTextEncode", "inputs": {"text": prompt, "clip": ["1", 1]}},
            "3": {"class_type": "KSampler", "inputs": {"seed": job.seed, "positive": ["2", 0]}},
            "4": {"class_type": kind, "inputs": {}},
        }
        titles = f"CheckpointLoaderSimple\n CLIPTextEncode\n KSampler\n {kind}"
        job.texts = [prompt, "", *(with_name_words(text) for text in (titles, model, name))]
        start = Made(job.id, "unknown", None if number % 3 == 0 else created, None, 0)
        first.append(start.record(None, name))
        later.append(job.record(graph, name))
        jobs.append(job)
    with mirror.store.writing() as connection:
        write_records(connection, first[:50], 1)
        write_records(connection, first[50:], 2)
        write_records(connection, later[:40], 3)
        write_records(connection, later[40:], 4)
    return jobs


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Mirror, list[Made]]]:
    with Mirror.open(tmp_path_factory.mktemp("mirror") / "history.sqlite") as mirror:
        yield mirror, made_jobs(mirror)


def has(job: Made, words: list[str], *, prefix: bool, only: int | None = None) -> bool:
    for place, text in enumerate(job.texts):
        tokens = index_tokens(text)
        if only is not None and place != only:
            continue
        for start in range(len(tokens) - len(words) + 1):
            found = tokens[start : start + len(words)]
            if found[:-1] == words[:-1] and (
                found[-1].startswith(words[-1]) if prefix else found[-1] == words[-1]
            ):
                return True
    return False


FIELDS = {"": None, "prompt:": 0, "title:": 2, "model:": 3, "file:": 4}
pieces = st.tuples(
    st.sampled_from(["", "", "", "-"]),
    st.sampled_from(["", "", "", *FIELDS]),
    st.lists(st.sampled_from(TYPED), min_size=1, max_size=2),
    st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(
    typed=st.lists(pieces, max_size=3),
    statuses=st.none() | st.lists(st.sampled_from(STATUSES), min_size=1, max_size=2),
    workflow=st.sampled_from([None, None, "wf-red", "wf-none"]),
    model=st.sampled_from([None, None, "flux", "sd xl", "fox"]),
    since=st.none() | st.integers(-1, 13).map(lambda second: datetime.fromtimestamp(START + second, UTC)),
    until=st.none() | st.integers(-1, 13).map(lambda second: datetime.fromtimestamp(START + second, UTC)),
    seed=st.sampled_from(["", "", "seed:1", "-seed:2"]),
    limit=st.none() | st.integers(0, 30),
)
def test_the_same_jobs_in_the_same_order(
    history: tuple[Mirror, list[Made]],
    typed: list[tuple[str, str, list[str], bool]],
    statuses: list[str] | None,
    workflow: str | None,
    model: str | None,
    since: datetime | None,
    until: datetime | None,
    seed: str,
    limit: int | None,
) -> None:
    mirror, jobs = history
    words = [
        f'{minus}{name}"{" ".join(phrase)}{"*" if prefix else ""}"' for minus, name, phrase, prefix in typed
    ]
    query = " ".join([*words, seed])
    expected = []
    for job in jobs:
        is_wanted = all(
            has(
                job,
                [token for word in phrase for token in index_tokens(word)],
                prefix=prefix or name in ("model:", "file:"),
                only=FIELDS[name],
            )
            != (minus == "-")
            for minus, name, phrase, prefix in typed
        )
        is_wanted &= statuses is None or job.status in statuses
        is_wanted &= workflow is None or job.workflow_id == workflow
        is_wanted &= model is None or has(job, index_tokens(model), prefix=True, only=3)
        is_wanted &= since is None or (job.time is not None and job.time >= since)
        is_wanted &= until is None or (job.time is not None and job.time < until)
        is_wanted &= {"": True, "seed:1": job.seed == 1, "-seed:2": job.seed != 2}[seed]
        if is_wanted:
            expected.append(job)
    filters = {"status": statuses, "workflow_id": workflow, "model": model, "since": since, "until": until}
    found = mirror.search(query, limit=limit, **filters)  # type: ignore[arg-type]
    ids = found.column("id")
    assert found.is_cut == (limit is not None and len(expected) > limit)
    assert len(ids) == len(expected[:limit])
    everything = mirror.search(query, limit=None, **filters).column("id")  # type: ignore[arg-type]
    assert set(everything) == {job.id for job in expected}
    assert everything[: len(ids)] == ids
    by_id = {job.id: job for job in jobs}
    terms = read_query(query).wanted
    named = term_of(model, "models") if model is not None else None
    terms += [named] if named is not None else []
    ordered = [by_id[job_id] for job_id in everything]
    worth = scores([job.texts for job in ordered], terms) if terms else [0.0] * len(ordered)
    times = [-1 if job.created_ms is None else job.created_ms for job in ordered]
    keys = [(-round(score, 9), -time) for score, time in zip(worth, times, strict=True)]
    assert keys == sorted(keys)
