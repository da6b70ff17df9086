"""The assets of the demo. Lists the files of its jobs; makes none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from blake3 import blake3

from comfy_cloud_emulator.media.media_types import media_type
from comfy_cloud_emulator.state.assets.asset_store import Asset
from comfy_cloud_emulator.state.files.file_store import FileKind
from comfy_cloud_emulator.state.jobs import outputs
from comfy_cloud_emulator.state.jobs.job import Job

BEFORE_MS: Final = 600_000
"""Milliseconds between the upload of an input and the job that reads it."""


class SeedFile(NamedTuple):
    """One generated file, with its display name."""

    content: bytes
    suffix: str
    display_name: str
    kind: FileKind


def listed(jobs: Iterable[Job], files: Mapping[str, SeedFile]) -> Iterator[Asset]:
    """An asset for each file: the outputs of the jobs, and inputs uploaded some time before."""
    inputs: set[str] = set()
    for job in jobs:
        for node in job.graph.values():
            filename = node["inputs"].get("image")
            if isinstance(filename, str) and filename in files and filename not in inputs:
                inputs.add(filename)
                yield _asset(filename, files[filename], job.create_time - BEFORE_MS)
        indices: dict[tuple[str, str], int] = {}
        for node_id, key, item in outputs.files(job.outputs):
            index = indices[node_id, key] = indices.get((node_id, key), -1) + 1
            filename = item["filename"]
            if filename in files:
                made = {"job_id": job.id, "node_id": node_id, "output_key": key, "output_index": index}
                yield _asset(filename, files[filename], job.end_time or job.create_time, **made)


def _asset(filename: str, file: SeedFile, instant: int, **output: Any) -> Asset:
    # The id is derived from the content and the output, so the same seed gives the same assets.
    digest = blake3(f"{filename} {list(output.values())}".encode()).digest(16)
    return Asset(
        id=str(UUID(bytes=digest, version=4)),
        name=file.display_name,
        digest=filename[:64],
        filename=filename,
        size=len(file.content),
        mime_type=media_type(filename),
        tags=(file.kind,),
        created_at=instant,
        updated_at=instant,
        last_access_time=instant,
        **output,
    )
