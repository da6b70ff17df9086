"""The job: everything the emulated cloud keeps about one submitted workflow, as an immutable value.

All instants are integers in Unix MILLISECONDS. `documents` turns a job into the API's JSON,
`factory` builds one from a few fields, `store` keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from comfy_cloud_emulator.state.json_values import Json, is_array, is_object

from .statuses import TERMINAL, JobStatus

Message = tuple[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job.

    `status` is the public status, `state` the scheduler's raw one. `graph` is the workflow in API
    format, `messages` the timeline as (event, data) pairs, `outputs` and `meta` are keyed by node
    id as in the history. `number` is the position in order of submission, starting at 1.
    """

    id: str
    status: JobStatus
    state: str
    number: int
    create_time: int
    update_time: int
    start_time: int | None = None
    end_time: int | None = None
    workflow_id: str | None = None
    graph: Json = field(default_factory=dict[str, Any], repr=False)
    extra_data: Json = field(default_factory=dict[str, Any], repr=False)
    outputs: Json = field(default_factory=dict[str, Any], repr=False)
    messages: tuple[Message, ...] = field(default=(), repr=False)
    meta: Json = field(default_factory=dict[str, Any], repr=False)

    @property
    def terminal(self) -> bool:
        """Whether the job is over. Only such jobs are in the history."""
        return self.status in TERMINAL

    @property
    def output_nodes(self) -> list[str]:
        """Ids of the output nodes: those that no other node reads from."""
        read: set[str] = set()
        for node in self.graph.values():
            # A submission is not checked before the job runs, so a node may be anything.
            inputs = node.get("inputs") if is_object(node) else None
            for value in inputs.values() if is_object(inputs) else ():
                # A link is the pair of a node id and an output number.
                if is_array(value) and len(value) == 2:
                    read.add(str(value[0]))
        return [node_id for node_id in self.graph if node_id not in read]

    @property
    def execution_error(self) -> Json | None:
        """The data of the `execution_error` message, or None for a job that did not fail."""
        if self.status != "failed":
            return None
        for event, data in reversed(self.messages):
            if event == "execution_error":
                return data
        return None
