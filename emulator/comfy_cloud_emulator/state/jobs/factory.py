"""Building a plausible job from a few fields, for tests and for faults that insert jobs.

Everything left out gets a value that fits the status: a small graph, consistent times, one image
for a completed job, an error message for a failed one. Nothing is stored here.
"""

from __future__ import annotations

from typing import Any, Final

from comfy_cloud_emulator.media import samples
from comfy_cloud_emulator.state.json_values import Json

from . import timeline
from .job import Job, Message
from .statuses import STATUSES, JobStatus, default_state, raw_states

DEFAULT_GRAPH: Final[Json] = {
    "1": {
        "class_type": "EmptyImage",
        "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 3355443},
    },
    "9": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "emulated"}},
}
DEFAULT_ERROR: Final[Json] = {
    "node_id": "1",
    "node_type": "EmptyImage",
    "exception_message": "width and height must be positive\n",
    "exception_type": "ValueError",
    "traceback": ['  File "nodes.py", line 1, in generate\n'],
    "current_inputs": {"width": [0], "height": [64]},
}
QUEUE_MS: Final = 400
"""Default milliseconds between submission and start."""
RUN_MS: Final = 2_000
"""Default milliseconds of execution."""


def make_job(
    status: JobStatus = "completed",
    *,
    id: str,
    number: int,
    create_time: int,
    state: str | None = None,
    start_time: int | None = None,
    end_time: int | None = None,
    workflow_id: str | None = None,
    graph: Json | None = None,
    extra_data: Json | None = None,
    outputs: Json | None = None,
    error: Json | None = None,
    messages: tuple[Message, ...] | None = None,
    meta: Json | None = None,
) -> Job:
    """A job with this status.

    Times are Unix milliseconds; `error` is the data of the execution_error message.

    A cancelled job was cancelled while waiting unless `start_time` is given. Raises ValueError for
    an unknown status, or for a raw `state` of another status.
    """
    if status not in STATUSES:
        raise ValueError(f"unknown status {status!r}; use one of: {', '.join(STATUSES)}")
    if state is not None and state not in raw_states(status):
        raise ValueError(
            f"state {state!r} does not mean {status}; use one of: {', '.join(raw_states(status))}"
        )
    if graph is None:
        graph = DEFAULT_GRAPH
    if status in ("in_progress", "completed", "failed") and start_time is None:
        start_time = create_time + QUEUE_MS
    if status in ("completed", "failed", "cancelled") and end_time is None:
        end_time = (start_time if start_time is not None else create_time) + RUN_MS
    if outputs is None:
        outputs = _one_image(id) if status == "completed" else {}
    if messages is None:
        messages = _messages(status, id, start_time, end_time, DEFAULT_ERROR if error is None else error)
    if meta is None:
        meta = {node_id: node_meta(node_id) for node_id in outputs}
    return Job(
        id=id,
        status=status,
        state=default_state(status) if state is None else state,
        number=number,
        create_time=create_time,
        update_time=max(create_time, start_time or 0, end_time or 0),
        start_time=start_time,
        end_time=end_time,
        workflow_id=workflow_id,
        graph=graph,
        extra_data={} if extra_data is None else extra_data,
        outputs=outputs,
        messages=messages,
        meta=meta,
    )


def node_meta(node_id: str) -> Json:
    """The `meta` record of a node outside subgraphs."""
    return {"node_id": node_id, "display_node": node_id, "parent_node": None, "real_node_id": node_id}


def _one_image(job_id: str) -> Json:
    image = {
        "filename": samples.tiny_png_name(job_id),
        "subfolder": "",
        "type": "output",
        "display_name": "emulated_00001_.png",
    }
    return {"9": {"images": [image]}}


def _messages(
    status: JobStatus, job_id: str, start: int | None, end: int | None, error: dict[str, Any]
) -> tuple[Message, ...]:
    if status == "in_progress" and start is not None:
        return timeline.running(job_id, start)
    if end is None:
        return ()
    if status == "completed" and start is not None:
        return timeline.succeeded(job_id, start, end)
    if status == "failed":
        return timeline.failed(job_id, start, end, error)
    return timeline.interrupted(job_id, start, end)
