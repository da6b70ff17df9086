"""A tiny workflow, submitted by API v2 and followed to its end. This walk may cost credits.

The user asks for it explicitly. API v2 deletes no jobs, so the job stays until it expires; it is
cancelled when it does not end in time.
"""

from __future__ import annotations

from uuid import uuid4

from .event_stream import check_events
from .job_walk import LONGEST, end_of, graph
from .json_access import object_in, objects_of, text_of
from .probe import Probe
from .v2_read_walk import ENDED, read_asset, read_job
from .v2_write_walk import check_code, check_reuse


def submit(probe: Probe) -> None:
    """Submit the workflow, and wait for its end."""
    body = {"workflow": graph()}
    headers = {"Idempotency-Key": str(uuid4())}
    posted = object_in(probe.ask("postJobs", json=body, headers=headers))
    job = text_of(posted, "id")
    if not job:
        return
    where = {"id": job}
    extra: list[str] = []
    check_reuse(probe, "postJobs", extra, json=body, headers=headers)
    for other in extra:
        if other != job:
            probe.ask("cancelJob", path={"id": other})
    odd = {"workflow": {"nodes": [], "links": [], "version": 1}}
    refused = probe.ask_in_vain("postJobs", 422, "for a workflow of the editor", json=odd)
    check_code(probe, "postJobs", refused, 422, "workflow_format_ui")
    stream = probe.ask("getJobEvents", path=where, stream=True)
    check_events(probe, stream, "", has_ended=False)
    status = end_of(lambda: probe.ask("getJob", path=where), probe, ENDED)
    if status not in ENDED:
        probe.deviates("getJob", "status", f"an ended job within {LONGEST} seconds", status or "nothing")
        probe.ask("cancelJob", path=where)
        return
    if status != "succeeded":
        probe.deviates("postJobs", "job", "a succeeded job", f"a {status} one")
    _check_listed(probe, job)
    outputs = read_job(probe, {"id": job, "status": status})
    if status == "succeeded" and not outputs:
        probe.deviates("getJob", "outputs", "the image that was made", "nothing")
    for output in outputs[:1]:
        read_asset(probe, output)
    cancelled = object_in(probe.ask("cancelJob", path=where))
    if cancelled and cancelled.get("status") != status:
        probe.deviates("cancelJob", "status", "the state that the job has ended in", "another one")


def _check_listed(probe: Probe, job: str) -> None:
    page = probe.ask("listJobs", query={"limit": 20})
    if page is not None and page.is_good:
        listed = objects_of(object_in(page), "jobs")
        if all(entry.get("id") != job for entry in listed):
            probe.deviates("listJobs", "jobs[].id", "the newest job on the first page", "nothing of it")
