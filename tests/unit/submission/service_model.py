"""A small model of a service that loses responses, to test exactly-once submission.

It has only the operations that a submission needs, and counts what it accepted. The test chooses
the faults.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Literal
from uuid import UUID

import httpx

PostOutcome = Literal[
    "accepted", "refused", "busy", "not_sent",
    "lost_500", "lost_502", "lost_504", "lost_520", "lost_reset", "lost_timeout", "lost_garbage", "lost_id",
    "failed_500", "failed_503", "failed_reset", "failed_timeout", "failed_html",
]  # fmt: skip
GRAPH: dict[str, Any] = {"1": {"class_type": "SaveImage", "inputs": {"filename_prefix": "ours"}}}
OTHER_GRAPH: dict[str, Any] = {"1": {"class_type": "SaveImage", "inputs": {"filename_prefix": "theirs"}}}


@dataclass
class Stored:
    """A job of the model. `visible_at` is when lists begin to show it."""

    id: str
    created: float
    graph: dict[str, Any]
    extra_data: dict[str, Any] | None
    visible_at: float = 0.0
    is_over: bool = False


@dataclass
class Model:
    """The service. `now` is its clock in epoch seconds.

    `posts` and `reads` are the outcomes of the next requests; after those, every request succeeds.
    """

    now: Callable[[], float]
    posts: Iterator[PostOutcome] = field(default_factory=lambda: iter(()))
    reads: Iterator[bool] = field(default_factory=lambda: iter(()))
    lag: float = 0.0
    drops_nonces: bool = False
    missing: frozenset[str] = frozenset()
    sends_date: bool = True
    queue_has_extra_data: bool = False
    ends_at_once: bool = False
    jobs: list[Stored] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    post_count: int = 0

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request, or raise what httpx raises if there is no response."""
        path = request.url.path
        if request.method == "POST" and path == "/api/prompt":
            return self._post(request)
        name = path.split("/")[2]
        if name in self.missing:
            return httpx.Response(405, text="405: Method Not Allowed")
        if not next(self.reads, True):
            return httpx.Response(500, json={"code": "INTERNAL", "message": "no"}, headers=self._headers())
        if path.startswith("/api/jobs/"):
            return self._detail(path.rsplit("/", 1)[1])
        visible = sorted(
            (job for job in self.jobs if job.visible_at <= self.now()),
            key=lambda job: job.created,
            reverse=True,
        )
        offset, limit = (
            int(request.url.params.get(key, default))
            for key, default in (("offset", 0), ("limit", 0) if name == "jobs" else ("max_items", 0))
        )
        page = visible[offset : offset + limit]
        match name:
            case "queue":
                items = [self._queue_item(job) for job in visible if not job.is_over]
                return self._json({"queue_running": [], "queue_pending": items})
            case "jobs":
                return self._json({"jobs": [self._entry(job) for job in page], "pagination": {}})
            case "history":
                entries = {job.id: self._comfy_entry(job) for job in visible[::-1] if job.is_over}
                return self._json(entries)
            case _:
                over = [job for job in visible if job.is_over][offset : offset + limit]
                return self._json({"history": [self._history_entry(job) for job in over]})

    def _post(self, request: httpx.Request) -> httpx.Response:
        self.post_count += 1
        outcome = next(self.posts, "accepted")
        if outcome == "not_sent":
            raise httpx.ConnectError("refused", request=request)
        if outcome == "refused":
            return httpx.Response(400, json={"error": {"type": "invalid_prompt", "message": "no"}})
        if outcome == "busy":
            return httpx.Response(429, json={"error": {"type": "QUEUE_LIMIT", "message": "full"}})
        kind, _, how = outcome.partition("_")
        job_id = self._accept(json.loads(request.content)) if kind in {"accepted", "lost"} else ""
        if not how:
            return self._json({"prompt_id": job_id, "number": 1, "node_errors": {}})
        match how:
            case "reset":
                raise httpx.ReadError("reset", request=request)
            case "timeout":
                raise httpx.ReadTimeout("silence", request=request)
            case "garbage":
                return httpx.Response(200, content=b'{"prompt_id": "5f')
            case "id":
                return self._json({"number": 1})
            case "html":
                return httpx.Response(502, html="<html>no</html>")
            case _:
                return httpx.Response(int(how), text="upstream connect error")

    def _accept(self, body: dict[str, Any]) -> str:
        job_id = str(UUID(int=len(self.jobs) + 1))
        extra_data = dict(body["extra_data"])
        self.accepted.append(extra_data["comfy_cloud_nonce"])
        if self.drops_nonces:
            extra_data = {}
        job = Stored(job_id, self.now(), body["prompt"], extra_data, self.now() + self.lag, self.ends_at_once)
        self.jobs.append(job)
        return job_id

    def _detail(self, job_id: str) -> httpx.Response:
        for job in self.jobs:
            if job.id == job_id:
                workflow: dict[str, Any] = {"prompt": job.graph}
                if job.extra_data is not None:
                    workflow["extra_data"] = job.extra_data
                return self._json({**self._entry(job), "workflow": workflow})
        return httpx.Response(404, json={"code": "NOT_FOUND", "message": "no such job"})

    def _entry(self, job: Stored) -> dict[str, Any]:
        status = "completed" if job.is_over else "pending"
        return {"id": job.id, "status": status, "create_time": int(job.created * 1000)}

    def _history_entry(self, job: Stored) -> dict[str, Any]:
        prompt = {"prompt_id": job.id, "priority": 1, "extra_data": job.extra_data or {}}
        return {"prompt_id": job.id, "create_time": int(job.created * 1000), "prompt": prompt, "outputs": {}}

    def _comfy_entry(self, job: Stored) -> dict[str, Any]:
        start = ["execution_start", {"prompt_id": job.id, "timestamp": int(job.created * 1000)}]
        status = {"status_str": "success", "completed": True, "messages": [start]}
        prompt = [1, job.id, job.graph, job.extra_data or {}, ["1"]]
        return {"prompt": prompt, "outputs": {}, "status": status}

    def _queue_item(self, job: Stored) -> list[Any]:
        if self.queue_has_extra_data:
            return [1, job.id, job.graph, job.extra_data or {}, ["1"]]
        return [1, job.id, job.graph, ["1"], {"create_time": int(job.created * 1000)}]

    def _json(self, value: object) -> httpx.Response:
        return httpx.Response(200, json=value, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"date": formatdate(self.now(), usegmt=True)} if self.sends_date else {}
