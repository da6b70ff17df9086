"""The live events of one job, as server-sent events: `GET /api/v2/jobs/{id}/events`.

The stream begins with the present state and ends with the state that ends the job. What happened
before is not sent again.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, Iterator
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from comfy_cloud_emulator.engine.events import Event, JsonEvent, NodeText, Preview, job_of
from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.http.responses import ApiProblem
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.json_values import Json
from comfy_cloud_emulator.state.store import Store

from .documents import STATUSES, Documents, progress
from .jobs import job_of as job_in_path

MOST_STREAMS: Final = 32
"""Streams of one account at a time."""
CHECK: Final = 0.1
"""Real seconds without an event after which the state of the job is read again."""
SILENCE: Final = 10.0
"""Real seconds without events after which a comment is sent, to detect dead connections."""
RETRY_AFTER: Final = 1


def routes(store: Store, engine: JobEngine, documents: Documents) -> list[Operation]:
    """The operation of this module over a store and its engine."""
    open_streams: set[_Stream] = set()

    async def get_job_events(request: Request) -> Response:
        job = job_in_path(store, request)
        if len(open_streams) >= MOST_STREAMS:
            message = f"{MOST_STREAMS} streams are open; close one, or read the job"
            raise ApiProblem(429, message, code="too_many_streams", retry_after=RETRY_AFTER)
        stream = _Stream(store, engine, documents, job)
        open_streams.add(stream)

        async def events() -> AsyncGenerator[bytes, None]:
            try:
                async for news in stream.events():
                    yield news
            finally:
                stream.close()
                open_streams.discard(stream)

        return StreamingResponse(
            events(), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    return [Operation("GET", "/api/v2/jobs/{id}/events", get_job_events)]


class _Stream:
    """The events of one job for one client. Listens from the moment that it is made."""

    def __init__(self, store: Store, engine: JobEngine, documents: Documents, job: Job) -> None:
        self._store = store
        self._engine = engine
        self._documents = documents
        self._id = job.id
        self._news: asyncio.Queue[Event] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def on_event(event: Event) -> None:
            if job_of(event) == self._id:
                loop.call_soon_threadsafe(self._news.put_nowait, event)

        self._leave = engine.hub.listen(on_event)
        self._told: tuple[str, int | None] | None = None
        self._outputs: set[str] = set()

    def close(self) -> None:
        """Listen no more."""
        self._leave()

    async def events(self) -> AsyncGenerator[bytes, None]:
        """The stream as bytes, until the job is over."""
        silent = 0.0
        event: Event | None = None
        while True:
            # Events come a moment before what they are about is stored, so the state is read here.
            job = self._store.get(self._id)
            if job is None:
                return
            news = b"".join([*self._of_event(job, event), *self._of_state(job)])
            silent = 0.0 if news else silent + CHECK
            if silent >= SILENCE:
                news, silent = b": still here\n\n", 0.0
            if news:
                yield news
            if job.terminal:
                return
            try:
                event = await asyncio.wait_for(self._news.get(), CHECK)
            except TimeoutError:
                event = None

    def _of_state(self, job: Job) -> Iterator[bytes]:
        if self._told is None and not job.terminal:
            yield from self._status(job)
            if (snapshot := self._documents.progress(job)) is not None:
                yield _encoded("progress", snapshot)
        for output in self._documents.outputs(job):
            if output["id"] not in self._outputs:
                self._outputs.add(output["id"])
                yield _encoded("output", output)
        yield from self._status(job)

    def _status(self, job: Job) -> Iterator[bytes]:
        state = STATUSES[job.status], self._documents.queue_position(job)
        if state != self._told:
            self._told = state
            yield _encoded("status", {"status": state[0], "queue_position": state[1]})

    def _of_event(self, job: Job, event: Event | None) -> Iterator[bytes]:
        done = self._engine.nodes_done(self._id) or 0
        match event:
            case Preview(_, node_id, image):
                shown = base64.b64encode(image).decode()
                yield _encoded(
                    "preview", {"node_id": node_id, "content_type": "image/jpeg", "data_base64": shown}
                )
            case JsonEvent("executing", data) if data.get("node") is not None:
                yield _encoded("progress", progress(job, done, data["node"]))
            case JsonEvent("progress", data):
                yield _encoded("progress", progress(job, done, data["node"], data["value"], data["max"]))
            case JsonEvent() | NodeText() | None:
                pass


def _encoded(name: str, value: Json | dict[str, Any]) -> bytes:
    """One event. The JSON that orjson writes contains no line break."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(value))
