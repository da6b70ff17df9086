"""A made-up history, written straight into a mirror: quick enough for a million jobs.

Every table gets rows. The same seed gives the same history.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from comfy_cloud.mirror import schema
from comfy_cloud.mirror.mirror import Mirror
from comfy_cloud.mirror.search_index import filter_words
from comfy_cloud.mirror.search_rowids import free_rowids
from comfy_cloud.mirror.search_writing import SearchRow, insert_search_rows
from comfy_cloud.mirror.writing import insert_rows, next_number

NEWEST_MS = 1_796_000_000_000  # 2026-11-29
STEP_MS = 60_000
BATCH = 5_000

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
STYLES = ["at dusk", "in oil paint", "as a photo", "isometric", "in watercolour", "at night", "in fog"]
NEGATIVES = ["blurry", "low quality, blurry", "text, watermark", ""]
CHECKPOINTS = ["flux1-dev.safetensors", "sd_xl_base_1.0.safetensors", "v1-5-pruned.ckpt", "flux1-schnell.sft"]
LORAS = ["ink.safetensors", "detail/add_detail.safetensors"]
SIZES = [(512, 512), (1024, 1024), (832, 1216), (1216, 832)]
WORKFLOWS = [None, "wf-portraits", "wf-landscapes", "wf-tests"]
ERRORS = [
    ("OOMError", "3", "KSampler", "CUDA out of memory"),
    ("ValueError", "5", "EmptyLatentImage", "width must be a multiple of 8"),
]


def fill(mirror: Mirror, jobs: int, seed: int = 0) -> list[str]:
    """Write so many jobs, newest first; returns their ids."""
    rng = random.Random(seed)
    ids: list[str] = []
    for start in range(0, jobs, BATCH):
        with mirror.store.writing() as connection:
            first = next_number(connection)
            made = [_Job(rng, first + place, start + place) for place in range(min(BATCH, jobs - start))]
            ids += [job.id for job in made]
            for job, rowid in zip(made, free_rowids(connection, [job.created for job in made]), strict=True):
                job.rowid = rowid
            insert_rows(connection, schema.JOBS, (job.row() for job in made))
            detailed = [job for job in made if job.has_details]
            graphs = {job.inputs_digest: job.graph_bytes() for job in detailed}
            insert_rows(connection, schema.GRAPHS, graphs.items(), replace=True)
            insert_rows(connection, schema.OUTPUTS, (row for job in made for row in job.outputs()))
            insert_rows(connection, schema.OUTPUT_TEXTS, (row for job in made for row in job.texts()))
            insert_rows(connection, schema.NODES, (row for job in detailed for row in job.nodes()))
            insert_rows(connection, schema.INPUTS, (row for job in detailed for row in job.inputs()))
            insert_rows(connection, schema.PROMPTS, (row for job in detailed for row in job.prompts()))
            insert_rows(connection, schema.MODELS, (row for job in detailed for row in job.models()))
            insert_rows(connection, schema.LORAS, (row for job in detailed for row in job.loras()))
            insert_rows(connection, schema.SEEDS, ((job.id, "3", "seed", str(job.seed)) for job in detailed))
            insert_rows(connection, schema.SIZES, ((job.id, "5", *job.size, 1) for job in detailed))
            insert_search_rows(connection, [job.search_row() for job in made])
    return ids


class _Job:
    def __init__(self, rng: random.Random, number: int, place: int) -> None:
        self.number = number
        self.rowid = 0  # in the full-text index
        self.id = f"{rng.getrandbits(128):032x}"
        self.id = f"{self.id[:8]}-{self.id[8:12]}-4{self.id[13:16]}-a{self.id[17:20]}-{self.id[20:]}"
        self.created = NEWEST_MS - place * STEP_MS - rng.randrange(STEP_MS)
        chance = rng.random()
        self.status = "completed" if chance < 0.9 else "failed" if chance < 0.97 else "cancelled"
        self.queue, self.run = rng.expovariate(0.5), 2 + rng.expovariate(0.1)
        self.has_details = rng.random() < 0.99
        self.is_deleted = rng.random() < 0.01
        self.positive = f"a {rng.choice(SUBJECTS)} {rng.choice(STYLES)}, take {rng.randrange(1000)}"
        self.negative = rng.choice(NEGATIVES)
        self.seed = rng.getrandbits(64)
        self.size = rng.choice(SIZES)
        self.checkpoint = rng.choice(CHECKPOINTS)
        self.lora = rng.choice([None, None, None, *LORAS])
        self.workflow_id = rng.choice(WORKFLOWS)
        self.error = rng.choice(ERRORS) if self.status == "failed" else (None, None, None, None)
        self.files = [f"{rng.getrandbits(256):064x}.png" for _ in range(rng.choice((1, 1, 1, 2, 4)))]
        if self.status != "completed":
            self.files = []
        self.graph_digest = _digest("graph", self.lora is None)
        self.inputs_digest = _digest("inputs", self.id)
        self._graph: dict[str, Any] | None = None

    def row(self) -> tuple[Any, ...]:
        started, finished = (
            self.created + int(self.queue * 1000),
            self.created + int((self.queue + self.run) * 1000),
        )
        error_class, node_id, node_class, message = self.error
        return (
            self.number, self.id, self.status, self.created, started, finished, self.queue, self.run,
            self.workflow_id, error_class, node_id, node_class, message,
            round(self.run / 10, 3) if self.number % 2 else None, len(self.files),
            self.graph_digest if self.has_details else None,
            self.inputs_digest if self.has_details else None,
            self.has_details, None if self.has_details else NEWEST_MS,
            NEWEST_MS if self.is_deleted else None, NEWEST_MS, NEWEST_MS, *self.summary(),
            self.rowid,
        )  # fmt: skip

    def summary(self) -> tuple[Any, ...]:
        files = ", ".join(row[6] for row in self.outputs()) or None
        if not self.has_details:
            return (*[None] * 7, files)
        models = ", ".join(model for *_, model in self.models())
        prompts = self.positive, self.negative
        return (*prompts, self.checkpoint, models, str(self.seed), *self.size, files)

    def graph(self) -> dict[str, Any]:
        if self._graph is None:
            self._graph = self._made_graph()
        return self._graph

    def _made_graph(self) -> dict[str, Any]:
        model = ["4", 0] if self.lora is None else ["10", 0]
        nodes = {
            "3": ("KSampler", {
                "seed": self.seed, "steps": 20, "cfg": 7.5, "sampler_name": "euler", "model": model,
                "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0],
            }),
            "4": ("CheckpointLoaderSimple", {"ckpt_name": self.checkpoint}),
            "5": ("EmptyLatentImage", {"width": self.size[0], "height": self.size[1], "batch_size": 1}),
            "6": ("CLIPTextEncode", {"text": self.positive, "clip": ["4", 1]}),
            "7": ("CLIPTextEncode", {"text": self.negative, "clip": ["4", 1]}),
            "8": ("VAEDecode", {"samples": ["3", 0], "vae": ["4", 2]}),
            "9": ("SaveImage", {"images": ["8", 0], "filename_prefix": "sample"}),
        }  # fmt: skip
        if self.lora is not None:
            loader = {"lora_name": self.lora, "strength_model": 0.8, "strength_clip": 1, "model": ["4", 0]}
            nodes["10"] = ("LoraLoader", loader)
        return {
            node_id: {"class_type": kind, "inputs": inputs, "_meta": {"title": f"The {kind}"}}
            for node_id, (kind, inputs) in nodes.items()
        }

    def graph_bytes(self) -> bytes:
        return zlib.compress(json.dumps(self.graph()).encode(), 1)

    def outputs(self) -> Iterator[tuple[Any, ...]]:
        for position, name in enumerate(self.files):
            yield (
                self.id, position, "9", "images", "image", name, f"sample_{position:05}.png", "", "output",
                "image/png", 1_000_000 + position, name[:64], None, None,
            )  # fmt: skip

    def texts(self) -> Iterator[tuple[Any, ...]]:
        if self.files and self.number % 50 == 0:
            yield self.id, 0, f"a caption of {self.positive}"

    def nodes(self) -> Iterator[tuple[Any, ...]]:
        for node_id, node in self.graph().items():
            yield self.id, node_id, node["class_type"], node["_meta"]["title"]

    def inputs(self) -> Iterator[tuple[Any, ...]]:
        for node_id, node in self.graph().items():
            for name, value in node["inputs"].items():
                yield self.id, node_id, name, *_typed(value)

    def prompts(self) -> Iterator[tuple[Any, ...]]:
        yield self.id, "6", "text", "positive", self.positive
        yield self.id, "7", "text", "negative", self.negative

    def models(self) -> Iterator[tuple[Any, ...]]:
        yield self.id, "4", "ckpt_name", "checkpoint", self.checkpoint
        if self.lora is not None:
            yield self.id, "10", "lora_name", "lora", self.lora

    def loras(self) -> Iterator[tuple[Any, ...]]:
        if self.lora is not None:
            yield self.id, "10", "lora_name", self.lora, 0.8, 1.0

    def search_row(self) -> SearchRow:
        files = " ".join(f"sample_{position:05}.png" for position in range(len(self.files)))
        texts = " ".join(row[2] for row in self.texts())
        filters = filter_words(self.status, self.workflow_id, [str(self.seed)] if self.has_details else [])
        if not self.has_details:
            return SearchRow(self.rowid, self.id, filters, "", texts, "", "", files)
        prompts = f"{self.positive}\n{self.negative}"
        titles = " ".join(node["_meta"]["title"] for node in self.graph().values())
        models = " ".join(model for *_, model in self.models())
        return SearchRow(self.rowid, self.id, filters, prompts, texts, titles, models, files)


def _typed(value: Any) -> tuple[Any, ...]:
    """Type, value, number, and what it is linked from."""
    if isinstance(value, list):
        return "link", json.dumps(value), None, value[0], value[1]
    if isinstance(value, str):
        return "text", value, None, None, None
    return "integer" if isinstance(value, int) else "number", json.dumps(value), float(value), None, None


def _digest(*parts: object) -> str:
    return blake2b(repr(parts).encode(), digest_size=20).hexdigest()
