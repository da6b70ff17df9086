"""A tiny workflow, submitted, followed to its end and removed. This walk may cost credits.

The user asks for it explicitly. The job must appear in the list of jobs; it is cancelled when it
does not end in time, and deleted at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any, Final
from uuid import uuid4

from ..._jobs.states import JobStatus
from .json_access import mapping, object_in, objects_of, text_of
from .probe import Probe

FINAL_STATUSES: Final = frozenset(status for status in JobStatus if status.is_terminal)
LONGEST: Final = 300
"""Seconds after which a job that has not ended is cancelled."""
_PAUSE: Final = 2.0


def graph() -> dict[str, Any]:
    """An image of one random colour, saved: two nodes, none of which needs a model."""
    colour = uuid4().int & 0xFFFFFF
    return {
        "1": {
            "class_type": "EmptyImage",
            "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": colour},
        },
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "contract-run"}},
    }


def submit(probe: Probe) -> str | None:
    """Submit the workflow and wait for its end. Returns the job's id, None when there is no job."""
    response = probe.ask("executePrompt", json={"prompt": graph()})
    job = text_of(object_in(response), "prompt_id")
    if not job:
        return None
    status = end_of(lambda: probe.ask("getJobDetail", path={"job_id": job}), probe, FINAL_STATUSES)
    if status not in FINAL_STATUSES:
        expected = f"an ended job within {LONGEST} seconds"
        probe.deviates("getJobDetail", "status", expected, status or "nothing")
        probe.ask("cancelJob", path={"job_id": job})
    elif status != JobStatus.COMPLETED:
        probe.deviates("executePrompt", "job", "a completed job", f"a {status} one")
    listed = objects_of(object_in(probe.ask("listJobs", query={"limit": 20})), "jobs")
    if all(entry.get("id") != job for entry in listed):
        probe.deviates("listJobs", "jobs[].id", "the newest job on the first page", "nothing of it")
    if status == JobStatus.COMPLETED:
        entry = object_in(probe.ask("getHistoryForPrompt", path={"prompt_id": job}))
        if job in entry and not mapping(mapping(entry[job]).get("outputs")):
            probe.deviates("getHistoryForPrompt", "*.outputs", "the image that was made", "nothing")
    return job


def remove(probe: Probe, job: str) -> None:
    """Delete the job that was submitted."""
    removed = probe.ask("deleteJob", path={"job_id": job})
    if removed is not None and removed.is_good:
        probe.ask_in_vain("getJobDetail", 404, "for a job that was deleted", path={"job_id": job})


def end_of(ask: Callable[[], Any], probe: Probe, final: Container[str]) -> str:
    """The last status of the job that `ask` reads, empty when it cannot be read."""
    waited = 0.0
    while True:
        status = text_of(object_in(ask()), "status")
        if status in final or waited >= LONGEST:
            return status
        probe.sleep(_PAUSE)
        waited += _PAUSE
