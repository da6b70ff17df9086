"""The walk over API v2 that only reads: jobs, their events and workflows, and the assets they made.

What must hold beyond the schemas is what the client relies on. Where a server has no lists of jobs,
as the public service had none in October 2026, nothing leads to a job; `--submit` makes one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final
from uuid import uuid4

from ...times import epoch_ms
from .event_stream import check_events
from .file_content import check_content, digest_of
from .json_access import items_of, mapping, object_in, objects_of, text_of
from .list_rules import check_length
from .probe import Probe

FEW: Final = 5
"""How many items are asked for where a list could be long."""
ENDED: Final = frozenset({"succeeded", "canceled", "failed", "expired"})
"""The states that a job of API v2 never leaves."""
OF_A_JOB: Final = ("getJob", "getJobWorkflow", "getJobEvents")
OF_AN_ASSET: Final = ("getAsset", "getAssetContent", "headAssetByHash")
NO_HASH: Final = f"blake3:{'0' * 64}"
_NO_SUCH_ID: Final = "for an id that does not exist"


def read_everything(probe: Probe) -> None:
    """Ask for everything that can be read."""
    jobs = _jobs(probe)
    for operation in OF_A_JOB:
        probe.leads_nowhere(operation, "listJobs", "there are no jobs")
    for operation in OF_AN_ASSET:
        probe.leads_nowhere(operation, "listJobs", "no job has a file")
    ended = [job for job in jobs if job.get("status") in ENDED]
    outputs: Iterator[dict[str, Any]] = (output for job in ended for output in read_job(probe, job))
    if (output := next(outputs, None)) is not None:
        read_asset(probe, output)
    _missing(probe)
    check_keys(probe)


def _jobs(probe: Probe) -> list[dict[str, Any]]:
    page = object_in(probe.ask("listJobs", query={"limit": FEW}))
    jobs = objects_of(page, "jobs")
    check_length(probe, "listJobs", "jobs", jobs, FEW)
    times = [time for job in jobs if (time := epoch_ms(job.get("create_time"))) is not None]
    if any(later > earlier for earlier, later in pairwise(times)):
        probe.deviates("listJobs", "jobs[].create_time order", "newest first", "another order")
    first = objects_of(object_in(probe.ask("listJobs", query={"limit": 1})), "jobs")
    check_length(probe, "listJobs", "jobs", first, 1)
    cursor = page.get("next_cursor")
    if isinstance(cursor, str) and cursor:
        after = object_in(probe.ask("listJobs", query={"limit": FEW, "cursor": cursor}))
        known = {text_of(job, "id") for job in jobs}
        if any(text_of(job, "id") in known for job in objects_of(after, "jobs")):
            probe.deviates("listJobs", "next_cursor", "the jobs after this page", "a job of this page")
    return jobs


def read_job(probe: Probe, listed: dict[str, Any]) -> list[dict[str, Any]]:
    """Read one ended job, its workflow and its events. Returns its outputs."""
    where = {"id": text_of(listed, "id")}
    job = object_in(probe.ask_for_listed("getJob", path=where))
    if not job:
        return []
    if job.get("id") != listed.get("id"):
        probe.deviates("getJob", "id", "the id that was asked for", "another one")
    if job.get("status") != listed.get("status"):
        probe.deviates("getJob", "status", "the status that the list has", "another one")
    if epoch_ms(job.get("completed_at")) is None:
        probe.deviates("getJob", "completed_at", "an instant, since the job has ended", "nothing")
    workflow = probe.ask_for_listed("getJobWorkflow", path=where)
    if workflow is not None and workflow.is_good and not mapping(object_in(workflow).get("workflow")):
        probe.deviates("getJobWorkflow", "workflow", "the graph of the job", "nothing of it")
    stream = probe.ask_for_listed("getJobEvents", path=where, stream=True)
    check_events(probe, stream, text_of(job, "status"), has_ended=True)
    return [output for output in items_of(job, "outputs") if text_of(output, "id")]


def read_asset(probe: Probe, known: dict[str, Any]) -> bytes | None:
    """Read the asset that a job or an upload has shown, in every way. Returns its content.

    That is only the beginning of the content where it is behind a redirect.
    """
    where = {"id": text_of(known, "id")}
    asset = object_in(probe.ask_for_listed("getAsset", path=where))
    for name in ("id", "size_bytes", "content_type"):
        if asset and asset.get(name) != known.get(name):
            probe.deviates("getAsset", name, "what led to the asset has the same", "another one")
    url = text_of(asset, "url")
    if probe.holds_key(url):
        probe.deviates("getAsset", "url", "an address without the key", "one with it")
    elif url and not probe.is_own_origin(url):
        probe.fetch_signed("getAsset", url)
    content = check_content(probe, "getAssetContent", probe.ask_for_listed("getAssetContent", path=where))
    if (digest := digest_of(asset)) is not None:
        probe.ask_for_listed("headAssetByHash", path={"hash": digest})
    return content


def _missing(probe: Probe) -> None:
    for operation in (*OF_A_JOB, "getAsset", "getAssetContent"):
        probe.ask_in_vain(operation, 404, _NO_SUCH_ID, path={"id": str(uuid4())}, stream=True)
    probe.ask_in_vain("headAssetByHash", 404, "for content that does not exist", path={"hash": NO_HASH})


def check_keys(probe: Probe) -> None:
    """Where a key is needed at all, a missing or wrong one gives 401; a proxy may need none."""
    if not probe.has_key:
        return
    for operation in ("listJobs", "getJob", "getJobWorkflow", "getAsset"):
        parts = probe.last_good(operation)
        if parts is None:
            continue
        refused = probe.try_key(operation, "none", path=parts.path, query=parts.query)
        if refused is not None and refused.status == 401:
            probe.ask_in_vain(
                operation, 401, "with a wrong key", key="wrong", path=parts.path, query=parts.query
            )
