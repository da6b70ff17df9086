"""Submissions: what was accepted as a job, with everything that was sent along."""

from __future__ import annotations

from dataclasses import dataclass, field

from comfy_cloud_emulator.state.json_values import Json


class QueueFull(Exception):
    """The maximum number of jobs is waiting already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """An accepted workflow, with what was sent along. `create_time` is in Unix milliseconds.

    `number` orders the queue. `extra_data` is as it was sent, keys included, so the repr hides it.
    """

    prompt_id: str
    number: float
    create_time: int
    graph: Json = field(repr=False)
    extra_data: Json = field(repr=False)
    workflow_id: str | None = None
    client_id: str | None = None
    partial_execution_targets: tuple[str, ...] | None = None
