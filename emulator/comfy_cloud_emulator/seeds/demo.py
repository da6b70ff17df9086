"""About three hundred varied jobs of the last month: the seed data "demo".

Most made an image. There are videos, audio, models and texts, failures, cancellations, one running
job and a few waiting ones; these never proceed, they only fill the queue. Every file that the jobs
name exists, is small, and is listed as an asset. The same seed and instant give the
same jobs and files.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import lru_cache
from random import Random
from typing import Final

import orjson
from blake3 import blake3

from comfy_cloud_emulator.media import samples
from comfy_cloud_emulator.state.files.file_store import FileContent, FileKind
from comfy_cloud_emulator.state.jobs import timeline
from comfy_cloud_emulator.state.jobs.factory import make_job, node_meta
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.json_values import Json
from comfy_cloud_emulator.state.store import Store

from . import demo_assets, demo_errors, graphs
from .demo_assets import SeedFile
from .template import BASE, Template

MONTH_MS: Final = 30 * 24 * 3_600_000
WORKFLOWS: Final = 12
"""Number of different workflow ids."""

_FINISHED: Final = {
    "image": 172,
    "changed image": 24,
    "upscaled image": 12,
    "video": 22,
    "audio": 16,
    "model": 12,
    "text": 12,
    "failed": 20,
    "cancelled while running": 4,
    "cancelled while waiting": 2,
}
"""Number of finished jobs of each sort."""
_WAITING: Final = 3


def fill(store: Store, seed: int) -> None:
    """Add the jobs, their files and assets, relative to the store's present instant."""
    first = store.reserve_numbers(sum(_FINISHED.values()) + 1 + _WAITING)
    _template(seed, first).fill(store)


@lru_cache(maxsize=4)
def _template(seed: int, first_number: int) -> Template:
    """The demo of a seed, made once in a process, because tests use the same one repeatedly."""
    jobs, files = make_with_files(seed, BASE, first_number)
    assets = list(demo_assets.listed(jobs, files))
    contents = [
        FileContent(name, files[name].content, files[name].display_name, files[name].kind)
        for name in dict.fromkeys(asset.filename for asset in assets)
    ]
    return Template(jobs, contents, assets)


def make(seed: int, now: int, first_number: int) -> list[Job]:
    """The jobs, oldest first."""
    return make_with_files(seed, now, first_number)[0]


def make_with_files(seed: int, now: int, first_number: int) -> tuple[list[Job], dict[str, SeedFile]]:
    """The jobs, oldest first, and every file that they name, by its stored name."""
    rng = Random(seed)  # noqa: S311 - repeatable on purpose
    sorts = [sort for sort, count in _FINISHED.items() for _ in range(count)]
    rng.shuffle(sorts)
    # An hour of distance, so that the longest run is over.
    instants = sorted(now - 3_600_000 - rng.randrange(MONTH_MS) for _ in sorts)
    maker = _Maker(rng)
    jobs = [
        maker.finished(sort, number, created)
        for number, (sort, created) in enumerate(zip(sorts, instants, strict=True), start=first_number)
    ]
    number = first_number + len(jobs)
    jobs.append(maker.running(number, now - 40_000))
    jobs.extend(maker.waiting(number + 1 + index, now - 30_000 + index * 9_000) for index in range(_WAITING))
    return jobs, maker.files


class _Maker:
    """Makes jobs with one source of randomness."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._workflow_ids = [self._uuid() for _ in range(WORKFLOWS)]
        self._client_id = self._uuid()
        self.files: dict[str, SeedFile] = {}
        self._makers: dict[str, Callable[[], tuple[Json, Json]]] = {
            "image": self._text_image,
            "changed image": self._changed_image,
            "upscaled image": self._upscaled_image,
            "video": self._video,
            "audio": self._audio,
            "model": self._model,
            "text": self._text,
        }

    def finished(self, sort: str, number: int, created: int) -> Job:
        """A finished job of a sort in `_OVER`."""
        started = created + self._rng.randrange(150, 20_000)
        if sort == "failed":
            return self._failed(number, created, started)
        if sort == "cancelled while waiting":
            return self._cancelled(number, created, None)
        if sort == "cancelled while running":
            return self._cancelled(number, created, started)
        graph, outputs = self._makers[sort]()
        slow = sort in ("video", "model")
        ended = started + (
            self._rng.randrange(60_000, 900_000) if slow else self._rng.randrange(1_200, 45_000)
        )
        id = self._uuid()
        ran = list(graph)
        cached = ran[: self._rng.choice((0, 0, 1, 3))]
        return make_job(
            id=id,
            number=number,
            create_time=created,
            start_time=started,
            end_time=ended,
            workflow_id=self._workflow_id(),
            graph=graph,
            extra_data=self._extra_data(graph),
            outputs=outputs,
            messages=timeline.succeeded(id, started, ended, cached=cached),
            meta={node_id: node_meta(node_id) for node_id in outputs},
        )

    def running(self, number: int, created: int) -> Job:
        """A running video job."""
        graph, _ = self._video()
        return self._unfinished("in_progress", number, created, graph, created + 2_500)

    def waiting(self, number: int, created: int) -> Job:
        """A waiting image job."""
        graph, _ = self._text_image()
        return self._unfinished("pending", number, created, graph, None)

    def _unfinished(self, status: str, number: int, created: int, graph: Json, started: int | None) -> Job:
        return make_job(
            "in_progress" if status == "in_progress" else "pending",
            id=self._uuid(),
            number=number,
            create_time=created,
            start_time=started,
            workflow_id=self._workflow_id(),
            graph=graph,
            extra_data=self._extra_data(graph),
        )

    def _failed(self, number: int, created: int, started: int) -> Job:
        graph, _ = self._rng.choice((self._text_image, self._changed_image, self._video))()
        accident = self._rng.choice([one for one in demo_errors.DEMO_ERRORS if demo_errors.fits(one, graph)])
        error = accident(self._rng, graph)
        id = self._uuid()
        ended = started + self._rng.randrange(800, 60_000)
        infrastructure = not error.get("node_id")
        return make_job(
            "failed",
            id=id,
            number=number,
            state="non_retryable_error" if infrastructure else "error",
            create_time=created,
            start_time=started,
            end_time=ended,
            workflow_id=self._workflow_id(),
            graph=graph,
            extra_data=self._extra_data(graph),
            messages=timeline.failed(id, started, ended, error),
        )

    def _cancelled(self, number: int, created: int, started: int | None) -> Job:
        graph, _ = self._text_image()
        id = self._uuid()
        ended = (created if started is None else started) + self._rng.randrange(500, 20_000)
        sampler = next(node_id for node_id, node in graph.items() if node["class_type"] == "KSampler")
        messages = timeline.interrupted(
            id,
            started,
            ended,
            node_id=sampler,
            node_type="KSampler",
            executed=[node_id for node_id in graph if int(node_id) < int(sampler)],
        )
        return make_job(
            "cancelled",
            id=id,
            number=number,
            create_time=created,
            start_time=started,
            end_time=ended,
            graph=graph,
            extra_data=self._extra_data(graph),
            messages=messages,
        )

    # Sorts of work: a graph and its outputs

    def _text_image(self) -> tuple[Json, Json]:
        graph = graphs.text_to_image(self._rng)
        # Mostly one image; sometimes a batch.
        count = self._rng.choice((1, 1, 1, 1, 2, 4))
        return graph, self._saved(graph, "images", [("ComfyUI", ".png")] * count)

    def _changed_image(self) -> tuple[Json, Json]:
        graph = graphs.image_to_image(self._rng, self._input())
        return graph, self._saved(graph, "images", [("img2img", ".png")])

    def _upscaled_image(self) -> tuple[Json, Json]:
        graph = graphs.upscale(self._rng, self._input())
        return graph, self._saved(graph, "images", [("upscaled", ".png")])

    def _video(self) -> tuple[Json, Json]:
        graph = graphs.text_to_video(self._rng)
        # The cloud's worker has `video`; a plain ComfyUI puts the file among `images`, marked as
        # animated.
        if self._rng.random() < 0.7:
            return graph, self._saved(graph, "video", [("ComfyUI", ".mp4")])
        outputs = self._saved(graph, "images", [("ComfyUI", ".mp4")])
        outputs[graphs.output_node(graph)]["animated"] = [True]
        return graph, outputs

    def _audio(self) -> tuple[Json, Json]:
        graph = graphs.text_to_audio(self._rng)
        return graph, self._saved(graph, "audio", [("ComfyUI", ".mp3")])

    def _model(self) -> tuple[Json, Json]:
        graph = graphs.image_to_model(self._rng, self._input())
        return graph, self._saved(graph, "3d", [("ComfyUI", ".glb")])

    def _text(self) -> tuple[Json, Json]:
        graph = graphs.text_to_text(self._rng)
        text = graphs.prompt_text(self._rng)
        # Both forms occur: a list of strings, and a bare string.
        return graph, {graphs.output_node(graph): {"text": [text] if self._rng.random() < 0.8 else text}}

    # Parts

    def _saved(self, graph: Json, key: str, files: list[tuple[str, str]]) -> Json:
        texts = {"prompt": orjson.dumps(graph).decode()}
        items: list[Json] = []
        for index, (prefix, suffix) in enumerate(files, start=self._rng.randrange(1, 900)):
            display_name = f"{prefix}_{index:05d}_{suffix}"
            filename = self._stored(suffix, display_name, "output", texts)
            items.append(
                {"filename": filename, "subfolder": "", "type": "output", "display_name": display_name}
            )
        return {graphs.output_node(graph): {key: items}}

    def _input(self) -> str:
        return self._stored(".png", f"photo_{len(self.files) + 1:04d}.png", "input")

    def _stored(
        self, suffix: str, display_name: str, kind: FileKind, texts: Mapping[str, str] | None = None
    ) -> str:
        content = samples.sample(suffix, f"{self._rng.getrandbits(64):x}", texts)
        filename = f"{blake3(content).hexdigest()}{suffix}"
        self.files[filename] = SeedFile(content, suffix, display_name, kind)
        return filename

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))

    def _workflow_id(self) -> str | None:
        # Jobs submitted by a program carry none.
        return self._rng.choice(self._workflow_ids) if self._rng.random() < 0.8 else None

    def _extra_data(self, graph: Json) -> Json:
        extra_data: Json = {"client_id": self._client_id, "comfy_usage_source": "demo"}
        if self._rng.random() < 0.5:
            nodes = [{"id": int(id), "type": node["class_type"]} for id, node in graph.items()]
            extra_data["extra_pnginfo"] = {"workflow": {"version": 0.4, "nodes": nodes, "links": []}}
        return extra_data
