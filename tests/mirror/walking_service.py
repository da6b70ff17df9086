"""A service in this process whose history changes and breaks between any two requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from comfy_cloud import ConnectionFailed, NotFound, ServerError
from comfy_cloud._jobs.entries import HistoryEntry
from comfy_cloud_api.models.history_detail_entry import HistoryDetailEntry
from comfy_cloud_api.models.history_entry import HistoryEntry as RawEntry
from tests.clock import FakeTime

START = datetime.fromisoformat("2026-11-20T00:00:00+00:00")
CHANGES = (
    "", "begin", "end oldest", "end newest", "run", "run three", "run many", "run without time", "fail",
    "delete newest", "delete middle", "delete oldest", "repeat",
)  # fmt: skip
ENDS = ("break", "kill", "error")
"""What ends a sync early; an error of the details does not."""
_COUNTS = {"run three": 3, "run many": 15}


class Killed(BaseException):
    """What stands for the end of the process."""


@dataclass
class Job:
    """One job of the service."""

    number: int
    has_ended: bool = False
    has_failed: bool = False
    is_timeless: bool = False
    is_gone: bool = False

    @property
    def id(self) -> str:
        return f"job-{self.number}"

    @property
    def is_listed(self) -> bool:
        return self.has_ended and not self.is_gone

    def sent(self) -> dict[str, Any]:
        begins = 1_795_435_200_000 + self.number * 1000
        status = {
            "status_str": "error" if self.has_failed else "success",
            "messages": [["execution_start", {"timestamp": begins}]],
        }
        files = [{"filename": f"{self.number}-{place}.png"} for place in range(self.number % 3)]
        outputs = {"9": {"images": files}} if files else {}
        time = {} if self.is_timeless else {"create_time": begins}
        return {"status": status, "outputs": outputs, **time}


class HasSettings(Protocol):
    """The part of the settings that a sync reads."""

    max_connections: int


class _Settings:
    max_connections = 1


class WalkingService:
    """Stands for the session and the reader of a client."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self._steps: Iterator[str] = iter(())
        self._repeats = False
        self.requests = 0
        self.runtime = FakeTime(START).runtime()
        self.settings: HasSettings = _Settings()

    def expect(self, steps: Iterable[str]) -> None:
        """Let one of these happen before each of the next requests, and nothing after them."""
        self._steps = iter(steps)

    @property
    def listed(self) -> list[Job]:
        """The history, newest first."""
        return [job for job in reversed(self.jobs) if job.is_listed]

    # What a sync calls

    def pages(self) -> WalkingService:
        return self

    def page(self, size: int, offset: int) -> list[HistoryEntry]:
        self._step()
        found = [
            HistoryEntry(RawEntry.from_dict({"prompt_id": job.id, "prompt": {}, **job.sent()}))
            for job in self.listed[offset : offset + size]
        ]
        if self._repeats and found:
            self._repeats = False
            found = [found[0], *found][:size]
        return found

    def converted(
        self, size: int, offset: int, convert: Callable[[HistoryEntry], Any], quick: Any
    ) -> list[Any]:
        page = self.page(size, offset)
        found = quick([json.dumps(entry.unredacted.to_dict()).encode() for entry in page])
        return [convert(entry) if job is None else job for entry, job in zip(page, found, strict=True)]

    def entry(self, job_id: str) -> HistoryEntry:
        self._step()
        for job in self.jobs:
            if job.id == job_id and job.is_listed:
                graph = {"1": {"class_type": "KSampler", "inputs": {"seed": job.number}}}
                sent = {**job.sent(), "prompt": {"prompt": graph}}
                return HistoryEntry(HistoryDetailEntry.from_dict(sent), job_id)
        raise NotFound(status=404, code="", message="no such job", method="GET", path="/")

    whole_entry = entry

    def graph(self, entry: HistoryEntry) -> Any:
        return entry.workflow

    def unfinished(self) -> list[str]:
        self._step()
        return [job.id for job in self.jobs if not job.has_ended]

    # What happens

    def _step(self) -> None:
        self.requests += 1
        step = next(self._steps, "")
        running = [job for job in self.jobs if not job.has_ended]
        if step == "break":
            raise ConnectionFailed("the connection was lost")
        if step == "kill":
            raise Killed
        if step == "error":
            raise ServerError(status=500, code="", message="oh", method="GET", path="/")
        if step == "begin":
            self.add()
        elif step.startswith("end") and running:
            running[0 if step == "end oldest" else -1].has_ended = True
        elif step.startswith(("run", "fail")):
            for _ in range(_COUNTS.get(step, 1)):
                self.add(has_ended=True, has_failed=step == "fail", is_timeless=step == "run without time")
        elif step.startswith("delete") and self.listed:
            places = {"delete newest": 0, "delete middle": len(self.listed) // 2, "delete oldest": -1}
            self.listed[places[step]].is_gone = True
        elif step == "repeat":
            self._repeats = True

    def add(self, **values: bool) -> None:
        """A new job."""
        self.jobs.append(Job(len(self.jobs), **values))
