"""The events of one job's run, in the forms that the websocket carries.

Builds and publishes them; `run` decides when.
"""

from __future__ import annotations

from typing import Any

from comfy_cloud_emulator.state.json_values import Json

from .events import EventHub, JsonEvent, NodeText, Preview

WAITING = "Waiting for a machine..."
EXECUTING = "Executing workflow..."


class JobMessages:
    """Publishes the events of one job."""

    def __init__(self, hub: EventHub, job_id: str) -> None:
        self._hub = hub
        self._job_id = job_id
        self._nodes: Json = {}

    @property
    def is_heard(self) -> bool:
        """Whether there are listeners."""
        return len(self._hub) > 0

    def timeline(self, event: str, data: Json) -> None:
        """An event that is also in the job's history."""
        self._hub.publish(JsonEvent(event, data))

    def notification(self, text: str) -> None:
        """A line of text for people."""
        self._hub.publish(JsonEvent("notification", {"value": text, "id": self._job_id}))

    def executing(self, node_id: str | None) -> None:
        """The current node; None when the run is over."""
        data: Json = {"prompt_id": self._job_id, "node": node_id}
        if node_id is not None:
            data["display_node"] = node_id
        self._hub.publish(JsonEvent("executing", data))

    def node_state(self, node_id: str, state: str, value: float, most: float) -> None:
        """The progress of a node; includes the state of every node that has started."""
        self._nodes[node_id] = {
            "value": value,
            "max": most,
            "state": state,
            "node_id": node_id,
            "prompt_id": self._job_id,
            "display_node_id": node_id,
            "parent_node_id": None,
            "real_node_id": node_id,
        }
        if not self.is_heard:
            return
        # The entries are replaced, never changed, so the events may share them.
        nodes: dict[str, Any] = dict(self._nodes)
        self._hub.publish(JsonEvent("progress_state", {"prompt_id": self._job_id, "nodes": nodes}))

    def progress(self, node_id: str, value: int, most: int) -> None:
        """A node finished one of its steps."""
        self._hub.publish(
            JsonEvent("progress", {"prompt_id": self._job_id, "node": node_id, "value": value, "max": most})
        )

    def preview(self, node_id: str, image: bytes) -> None:
        """A preview image of the work in progress."""
        self._hub.publish(Preview(self._job_id, node_id, image))

    def text(self, node_id: str, text: str) -> None:
        """Text that a node shows while it works."""
        self._hub.publish(NodeText(self._job_id, node_id, text))

    def executed(self, node_id: str, shown: Json) -> None:
        """The result of an output node."""
        data = {"prompt_id": self._job_id, "node": node_id, "display_node": node_id, "output": shown}
        self._hub.publish(JsonEvent("executed", data))


def queue_status(remaining: int, sid: str | None = None) -> JsonEvent:
    """The event about the length of the queue.

    `sid` names the socket, in each socket's first message.
    """
    data: Json = {"status": {"exec_info": {"queue_remaining": remaining}}}
    if sid is not None:
        data["sid"] = sid
    return JsonEvent("status", data)
