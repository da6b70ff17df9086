"""The `messages` of a job: the events of its run, each with a timestamp in Unix milliseconds.

Each function returns the complete timeline for one way a run can end. The data of each message
follows ComfyUI's; only the messages distinguish a failed job from a cancelled one.
"""

from __future__ import annotations

from collections.abc import Sequence

from comfy_cloud_emulator.state.json_values import Json

from .job import Message


def running(job_id: str, start: int, *, cached: Sequence[str] = ()) -> tuple[Message, ...]:
    """A run that has begun: execution_start and execution_cached."""
    return (
        ("execution_start", {"prompt_id": job_id, "timestamp": start}),
        ("execution_cached", {"nodes": list(cached), "prompt_id": job_id, "timestamp": start + 4}),
    )


def succeeded(job_id: str, start: int, end: int, *, cached: Sequence[str] = ()) -> tuple[Message, ...]:
    """A run that succeeded."""
    return (
        *running(job_id, start, cached=cached),
        ("execution_success", {"prompt_id": job_id, "timestamp": end}),
    )


def failed(
    job_id: str, start: int | None, end: int, error: Json, *, cached: Sequence[str] = ()
) -> tuple[Message, ...]:
    """A run that failed.

    `error` has node_id, node_type, exception_message and the rest; gaps are empty.

    Without `start` the job failed before any node ran, for example because no machine was
    available.
    """
    data: Json = {
        "prompt_id": job_id,
        "node_id": "",
        "node_type": "",
        "executed": [],
        "exception_message": "",
        "exception_type": "",
        "traceback": [],
        "current_inputs": {},
        "current_outputs": [],
    }
    before = () if start is None else running(job_id, start, cached=cached)
    return (*before, ("execution_error", data | error | {"timestamp": end}))


def interrupted(
    job_id: str,
    start: int | None,
    end: int,
    *,
    node_id: str = "",
    node_type: str = "",
    executed: Sequence[str] = (),
) -> tuple[Message, ...]:
    """A run that was cancelled. Without `start` it was waiting, so the message has no node."""
    if start is None:
        return (("execution_interrupted", {"prompt_id": job_id, "timestamp": end}),)
    data: Json = {
        "prompt_id": job_id,
        "node_id": node_id,
        "node_type": node_type,
        "executed": list(executed),
        "timestamp": end,
    }
    return (*running(job_id, start), ("execution_interrupted", data))
