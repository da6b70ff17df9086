"""A tiny workflow of one's own, submitted, followed to its end, and removed: the only part of a run that may cost credits.

It is asked for explicitly and once. The job is looked for in the lists, cancelled when it does not end in time, and deleted.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

from .probe import Probe
from .values import mapping, object_in, objects_of, text_of

LONGEST: Final = 300
"""Seconds after which a job that has not ended is cancelled."""
_PAUSE: Final = 2.0
_FINAL: Final = frozenset({"completed", "failed", "cancelled"})


def graph() -> dict[str, Any]:
    """A picture of one colour, another one each time: an image node and nothing that needs a model."""
    colour = uuid4().int & 0xFFFFFF
    return {
        "1": {
            "class_type": "EmptyImage",
            "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": colour},
        },
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "contract-run"}},
    }


def submit(probe: Probe) -> str | None:
    """Submit the workflow and wait for its end; the job's id, or None when there is none."""
    answer = probe.ask("executePrompt", json={"prompt": graph()})
    job = text_of(object_in(answer), "prompt_id")
    if not job:
        return None
    status = _end_of(probe, job)
    if status not in _FINAL:
        probe.deviates(
            "getJobDetail", "status", f"an ended job within {LONGEST} seconds", status or "nothing"
        )
        probe.ask("cancelJob", path={"job_id": job})
    elif status != "completed":
        probe.deviates("executePrompt", "job", "a completed job", f"a {status} one")
    listed = objects_of(object_in(probe.ask("listJobs", query={"limit": 20})), "jobs")
    if all(entry.get("id") != job for entry in listed):
        probe.deviates("listJobs", "jobs[].id", "the newest job on the first page", "nothing of it")
    if status == "completed":
        entry = object_in(probe.ask("getHistoryForPrompt", path={"prompt_id": job}))
        if job in entry and not mapping(mapping(entry[job]).get("outputs")):
            probe.deviates("getHistoryForPrompt", "*.outputs", "the picture that was made", "nothing")
    return job


def remove(probe: Probe, job: str) -> None:
    """Delete the job that was submitted."""
    removed = probe.ask("deleteJob", path={"job_id": job})
    if removed is not None and removed.is_good:
        probe.ask_in_vain("getJobDetail", 404, "for a job that was deleted", path={"job_id": job})


def _end_of(probe: Probe, job: str) -> str:
    waited = 0.0
    while True:
        status = text_of(object_in(probe.ask("getJobDetail", path={"job_id": job})), "status")
        if status in _FINAL or waited >= LONGEST:
            return status
        probe.sleep(_PAUSE)
        waited += _PAUSE
