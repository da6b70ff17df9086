"""Where files are and what they hold: the hash of an asset, the files of jobs, and what stands behind a signed address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from .._jobs.outputs import Output, find_outputs
from .probe import Answer, Probe
from .values import object_in, objects_of, text_of

_MANY_JOBS: Final = 10
"""Jobs whose outputs are looked through for a file."""


def digest_of(asset: dict[str, Any]) -> str | None:
    """The hash of an asset's content as routes take it, from either of the two spellings that are met."""
    text = text_of(asset, "hash") or text_of(asset, "asset_hash")
    digits = text.removeprefix("blake3:").partition(".")[0]
    return f"blake3:{digits}" if len(digits) == 64 else None


def files_of_jobs(probe: Probe) -> Iterator[Output]:
    """The files that the newest jobs made, pictures first."""
    jobs = objects_of(
        object_in(probe.ask("listJobs", query={"limit": _MANY_JOBS, "status": "completed"})), "jobs"
    )
    others: list[Output] = []
    for job in jobs:
        detail = object_in(probe.ask("getJobDetail", path={"job_id": text_of(job, "id")}))
        for output in find_outputs(detail.get("outputs")):
            if output.filename.lower().endswith(".png"):
                yield output
            others.append(output)
    yield from others


def check_content(probe: Probe, operation: str, answer: Answer | None) -> bytes | None:
    """Content is had at once, or by a redirect to another origin where it needs no key. Returns its beginning, if any."""
    if answer is None or not answer.is_good:
        return None
    if not 300 <= answer.status < 400:
        return answer.content
    location = answer.headers.get("location", "")
    if location and probe.is_own_origin(location):
        probe.deviates(
            operation, "header Location", "an address of another origin", "one of the server itself"
        )
    if probe.holds_key(location):
        probe.deviates(operation, "header Location", "an address without the key", "one with it")
        return None
    if not location or probe.is_own_origin(location):
        return None
    found = probe.fetch_signed(operation, location)
    if found == b"":
        probe.deviates(operation, "storage body", "content", "nothing")
    return found
