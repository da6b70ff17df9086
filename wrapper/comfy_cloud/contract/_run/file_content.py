"""Files and their content: hashes of assets, files of jobs, and content behind signed addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ..._jobs.outputs import Output, find_outputs
from ...hashing import asset_hash
from .json_access import object_in, objects_of, text_of
from .probe import Probe
from .raw_response import RawResponse

_MANY_JOBS: Final = 10
"""How many jobs are searched for a file."""


def digest_of(asset: dict[str, Any]) -> str | None:
    """The hash of an asset in the form that routes take, `blake3:` and 64 hex digits."""
    digits = asset_hash(asset)
    return f"blake3:{digits}" if digits else None


def files_of_jobs(probe: Probe) -> Iterator[Output]:
    """The files of the newest finished jobs, PNG files first."""
    page = probe.ask("listJobs", query={"limit": _MANY_JOBS, "status": "completed"})
    others: list[Output] = []
    for job in objects_of(object_in(page), "jobs"):
        detail = object_in(probe.ask("getJobDetail", path={"job_id": text_of(job, "id")}))
        for output in find_outputs(detail.get("outputs")):
            if output.filename.lower().endswith(".png"):
                yield output
            others.append(output)
    yield from others


def check_content(probe: Probe, operation: str, response: RawResponse | None) -> bytes | None:
    """Content comes at once, or by a redirect to another origin that needs no key.

    Returns the content; its first bytes if they came by a redirect.
    """
    if response is None or not response.is_good:
        return None
    if not 300 <= response.status < 400:
        return response.content
    location = response.headers.get("location", "")
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
