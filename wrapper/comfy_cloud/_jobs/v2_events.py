"""Read the server-sent events of one job of API v2 as events. Opens no connection.

As in `event_reader`, reading never raises: what is unknown or broken becomes an `UnknownEvent`. A
`status` becomes a `JobChanged`, which only says that the job should be read: the API decides. A
job that runs has started, too; polling may find it when it has already ended.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from .._http.server_sent_events import SentEvent
from .._lenient import count_in, id_in, number_in, text_in
from .event_reader import image_format, json_in
from .events import (
    Event,
    JobChanged,
    JobStarted,
    NodeExecuting,
    NodeFinished,
    Notification,
    Preview,
    Progress,
    UnknownEvent,
)
from .outputs import Factory, Output
from .states import JobStatus
from .v2_entries import output_in, status_in

_OWNERS: Final = ("job_id", "prompt_id")


class V2EventReader:
    """Reads the events of one job. What was reported before a reconnect is not reported again."""

    MOST_OUTPUTS: ClassVar[int] = 10_000

    def __init__(self, job_id: str, output: Factory[Output] = Output) -> None:
        self._job_id = job_id
        self._output = output
        self._node: str | None = None
        self._outputs: set[tuple[str, ...]] = set()

    def read(self, sent: SentEvent) -> Iterator[Event]:
        """The events of one that was sent; none for one of another job, or without news."""
        data = json_in(sent.data)
        if not isinstance(data, dict):
            yield UnknownEvent(type="unreadable", job_id=self._job_id, raw=data)
            return
        if any(data.get(name) not in (None, self._job_id) for name in _OWNERS):
            return
        match sent.name:
            case "status" if text_in(data.get("status")):
                changed = self._status(data)
                yield changed
                if changed.status is JobStatus.IN_PROGRESS:
                    yield JobStarted(type="execution_start", job_id=self._job_id, raw=data)
            case "progress":
                yield from self._progress(data)
            case "preview":
                yield self._preview(data)
            case "output":
                yield from self._made(data)
            case "log" if text := text_in(data.get("message")):
                yield Notification(type="log", job_id=self._job_id, text=text, raw=data)
            case _:
                yield UnknownEvent(type=sent.name, job_id=self._job_id, raw=data)

    def _status(self, data: Mapping[str, Any]) -> JobChanged:
        status = status_in(data)
        position = count_in(data.get("queue_position")) if status is JobStatus.PENDING else None
        return JobChanged(
            type="job_changed", job_id=self._job_id, status=status, queue_position=position, raw=data
        )

    def _progress(self, data: Mapping[str, Any]) -> Iterator[Event]:
        node_id = id_in(data.get("current_node"))
        if node_id is None:
            return
        if node_id != self._node:
            self._node = node_id
            yield NodeExecuting(type="executing", job_id=self._job_id, node_id=node_id, raw=data)
        steps = number_in(data.get("steps"))
        if steps > 0:
            step = number_in(data.get("step"))
            yield Progress(
                type="progress", job_id=self._job_id, node_id=node_id, value=step, max=steps, raw=data
            )

    def _preview(self, data: Mapping[str, Any]) -> Event:
        try:
            image = base64.b64decode(text_in(data.get("data_base64")) or "", validate=True)
        except (binascii.Error, ValueError):
            image = b""
        if not image:
            return UnknownEvent(type="preview", job_id=self._job_id, raw=data)
        return Preview(
            type="preview",
            job_id=self._job_id,
            node_id=id_in(data.get("node_id")),
            image=image,
            format=image_format(data.get("content_type") == "image/png", image),
            raw={name: value for name, value in data.items() if name != "data_base64"},
        )

    def _made(self, data: Mapping[str, Any]) -> Iterator[Event]:
        output = output_in(data, self._output)
        if output is None:
            yield UnknownEvent(type="output", job_id=self._job_id, raw=data)
            return
        if output.identity in self._outputs or len(self._outputs) >= self.MOST_OUTPUTS:
            return
        self._outputs.add(output.identity)
        yield NodeFinished(
            type="executed", job_id=self._job_id, node_id=output.node_id or None, outputs=(output,), raw=data
        )
