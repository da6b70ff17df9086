"""The course of one job, from submission to its end, as a generator that yields waiting times.

The engine resumes it when a step is due, so a job moves only as the emulated time does, and runs
the work that it yields. It writes the job's state and publishes its events; slots, cancelling and
scheduling are the engine's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from comfy_cloud_emulator.nodes.catalogue import Catalogue
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.account import cost
from comfy_cloud_emulator.state.jobs import timeline
from comfy_cloud_emulator.state.jobs.factory import node_meta
from comfy_cloud_emulator.state.jobs.job import Job, Message
from comfy_cloud_emulator.state.jobs.statuses import JobStatus
from comfy_cloud_emulator.state.json_values import Json, is_array, is_object
from comfy_cloud_emulator.state.store import Store

from . import durations, failures, graph, validation
from .events import EventHub
from .failures import NODE_MESSAGES, Failure, NodeFailure
from .messages import EXECUTING, WAITING, JobMessages, queue_status
from .work import MOST_PIXELS, NodeCache, NodeExecutor, NodeResult, NodeTask, Work

QUEUE_MS: Final = 60
"""From submission to requesting a slot."""
ALLOCATED_MS: Final = 140
PREPARING_MS: Final = 300
CACHED_MS: Final = 4
"""From the start to the list of cached nodes."""
RECORD_MS: Final = 20
"""From the end of the execution to its entry in the history."""

RunSteps = Generator[int | Work | None, Any, None]
"""Yields the milliseconds until the next step, None to wait for a slot, or work to wait for."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """What all runs of one engine share."""

    store: Store
    hub: EventHub
    catalogue: Catalogue
    executor: NodeExecutor
    cache: NodeCache
    quirks: Quirks


@dataclass(slots=True)
class _RunState:
    """How far the execution has come."""

    executed: list[str] = field(default_factory=list[str])
    current: str | None = None
    cached: list[str] = field(default_factory=list[str])
    outputs: Json = field(default_factory=dict[str, Any])


class _Stop(Exception):
    """Raised inside a run to end it as failed; carries the error's data."""

    def __init__(self, error: Json) -> None:
        super().__init__()
        self.error = error


class Run:
    """One job in progress. `instant` is that of the current step, in Unix milliseconds.

    `take_slot` requests one of the account's slots and parks the run when none is free. A run that
    `is_hurried` has no waiting times. One that `is_held` does not move; `held_for` is how many
    milliseconds it will wait when it is released, None when it waits for something else.
    """

    def __init__(
        self,
        job: Job,
        context: RunContext,
        *,
        extra_data: Json,
        targets: Collection[str] | None,
        failure: Failure | None,
        instant: int,
        take_slot: Callable[[Run], bool],
        started: Callable[[Run], object],
    ) -> None:
        self.job = job
        self.steps: RunSteps = self._all_steps()
        self._context = context
        self._extra_data = extra_data
        self._targets = targets
        self._failure = failure
        self.instant = instant
        self._take_slot = take_slot
        self._started = started
        self._messages = JobMessages(context.hub, job.id)
        self._progress = _RunState()
        self._failing_node: str | None = None
        self._left: list[str] = []
        self.is_hurried = False
        self.is_held = False
        self.held_for: int | None = None

    def __repr__(self) -> str:
        return f"<Run of {self.job.id}: {self.job.state}>"

    @property
    def node(self) -> str | None:
        """The current node; None before and after the execution."""
        return self._progress.current if self.job.status == "in_progress" else None

    @property
    def nodes_done(self) -> int:
        """How many nodes have run, or did not need to."""
        return len(self._progress.executed) + len(self._progress.cached)

    @property
    def is_abandoned(self) -> bool:
        """Whether something else ended or deleted the job in the store."""
        found = self._context.store.read("SELECT terminal FROM jobs WHERE id = ?", (self.job.id,))
        return not found or bool(found[0][0])

    def pause(self, milliseconds: int) -> int:
        """How long it really waits between two steps."""
        return 0 if self.is_hurried else milliseconds

    def fail(self, failure: Failure) -> None:
        """Let it fail as it moves on: at its current node, or at a later one that is named."""
        self._failure = failure
        progress, named = self._progress, failure.node
        if progress.current is None:
            return  # the node is chosen when the execution begins
        nodes, over = self.job.graph, progress.executed
        later = [
            each for each in self._left if each not in over and named in (each, nodes[each]["class_type"])
        ]
        self._failing_node = later[0] if later else progress.current

    def interrupt(self) -> None:
        """End it as cancelled, at its instant."""
        progress, job, now = self._progress, self.job, self.instant
        node_id = progress.current or ""
        node_type = job.graph[node_id]["class_type"] if node_id else ""
        event, data = timeline.interrupted(
            job.id, job.start_time, now, node_id=node_id, node_type=node_type, executed=progress.executed
        )[-1]
        self._end("cancelled", "cancelled", (*job.messages, (event, data)))
        self._messages.timeline(event, data)
        self._publish_end()

    # Its steps

    def _all_steps(self) -> RunSteps:
        yield QUEUE_MS
        if not self._take_slot(self):
            self._move("queued_limited")
            yield None
        self._move("allocated")
        self._notify(WAITING)
        yield ALLOCATED_MS
        self._move("preparing")
        yield PREPARING_MS
        try:
            targets = self._validated()
            yield from self._execution(targets)
        except _Stop as stop:
            self._fail(stop.error)
            return
        self._move("executed")
        event = timeline.succeeded(self.job.id, self.job.start_time or 0, self.instant)[-1]
        self._messages.timeline(*event)
        # The entry is written after the last event, so a client that gets the event may still read
        # a running job.
        yield RECORD_MS
        self._end("completed", "success", (*self.job.messages, event))
        self._publish_end()

    def _validated(self) -> tuple[str, ...]:
        failure = self._failure
        if failure is not None and failure.before_start:
            raise _Stop(failures.of_service(failure.exception_type, failure.text))
        context = self._context
        result = validation.check(
            self.job.graph,
            context.catalogue,
            wanted=self._targets,
            run_unknown=context.quirks.run_unknown_nodes,
        )
        if result.error is not None:
            raise _Stop(failures.late_refusal(result.body))
        return result.targets

    def _execution(self, targets: tuple[str, ...]) -> RunSteps:
        job = self.job
        order = graph.in_order(job.graph, graph.reached(job.graph, targets))
        keys = graph.cache_keys(job.graph, order)
        # A run that must fail executes everything, otherwise the failing node might be skipped.
        known = (
            {} if self._failure else {node_id: self._context.cache.get(keys[node_id]) for node_id in order}
        )
        made = {node_id: found for node_id, found in known.items() if found is not None}
        self._progress.cached = list(made)
        self._begin()
        yield CACHED_MS
        self._publish_cached(made)
        left = self._left = [node_id for node_id in order if node_id not in made]
        self._failing_node = self._choose_failing_node(left)
        uses = Counter(link.source for node_id in left for _, link in graph.links(job.graph[node_id]))
        for node_id in [node_id for node_id in made if not uses[node_id]]:
            del made[node_id]
        for node_id in left:
            if node_id == self._failing_node and self._failure is not None and not self._failure.at_node:
                raise _Stop(failures.of_service(self._failure.exception_type, self._failure.text))
            yield from self._node(node_id, keys[node_id], made)
            _forget_unneeded(node_id, job.graph[node_id], uses, made)

    def _node(self, node_id: str, key: str, made: dict[str, NodeResult]) -> RunSteps:
        node, messages = self.job.graph[node_id], self._messages
        self._progress.current = node_id
        effort = durations.effort(node)
        # Newer versions of ComfyUI count in floats.
        counted = float if self._context.quirks.newer_comfyui else int
        most = counted(effort.steps)
        messages.node_state(node_id, "running", counted(0), most)
        messages.executing(node_id)
        for step in range(1, effort.steps + 1):
            yield effort.step_ms
            if effort.steps > 1:
                messages.progress(node_id, step, effort.steps)
                messages.node_state(node_id, "running", counted(step), most)
                if durations.has_preview(node) and messages.is_heard:
                    messages.preview(
                        node_id,
                        (yield Work(partial(self._context.executor.preview, key, step / effort.steps))),
                    )
        if self._failure is not None and node_id == self._failing_node:
            if not self._failure.at_node:
                raise _Stop(failures.of_service(self._failure.exception_type, self._failure.text))
            raise self._node_error(node_id, self._failure.exception_type, self._failure.text)
        result = yield from self._made(node_id, node, key, made)
        made[node_id] = result
        self._context.cache.put(key, result)
        self._progress.executed.append(node_id)
        if result.text is not None:
            messages.text(node_id, result.text)
        if result.shown is not None:
            self._progress.outputs[node_id] = result.shown
            messages.executed(node_id, result.shown)
        messages.node_state(node_id, "finished", most, most)

    def _made(
        self, node_id: str, node: Json, key: str, made: dict[str, NodeResult]
    ) -> Generator[Work, NodeResult, NodeResult]:
        inputs: Json = dict(node.get("inputs", {}))
        if not self._context.quirks.comfyui_prompt:  # that server unwraps values at submission
            inputs = {name: graph.unwrapped(value) for name, value in inputs.items()}
        for name, link in graph.links(node):
            values = made[link.source].values
            inputs[name] = values[link.slot] if link.slot < len(values) else None
        task = NodeTask(
            self.job.id, node_id, node["class_type"], inputs, key, self.job.graph, self._extra_data
        )
        try:
            result: NodeResult = yield Work(partial(self._context.executor.execute, task))
            if sum(each.pixels for each in made.values()) + result.pixels > MOST_PIXELS:
                raise NodeFailure("OOMError", NODE_MESSAGES["OOMError"])
            return result
        except NodeFailure as error:
            failure = Failure(error.exception_type, node_id, str(error))
            failure = failure.inside_node() if self._context.quirks.comfyui_prompt else failure
            raise self._node_error(node_id, failure.exception_type, failure.text) from error
        except Exception as error:  # whatever a node raises fails its job, as in ComfyUI
            raise self._node_error(node_id, self._name_of(type(error)), f"{error}\n") from error

    def _name_of(self, kind: type[Exception]) -> str:
        """The name of an exception; a self-hosted ComfyUI adds the module except for builtins."""
        is_foreign = self._context.quirks.comfyui_prompt and kind.__module__ != "builtins"
        return f"{kind.__module__}.{kind.__qualname__}" if is_foreign else kind.__name__

    def _choose_failing_node(self, left: list[str]) -> str | None:
        """The node at which the scripted failure happens, among those that run."""
        failure, nodes = self._failure, self.job.graph
        if failure is None or not left:
            return None
        if not failure.at_node:
            return left[len(left) // 2]
        if failure.node is not None:
            named = (each for each in left if failure.node in (each, nodes[each]["class_type"]))
            return next(named, left[-1])
        # Samplers first, because most failures happen there.
        return next((each for each in left if durations.has_preview(nodes[each])), left[-1])

    def _node_error(self, node_id: str, exception_type: str, message: str) -> _Stop:
        nodes, executed = self.job.graph, self._progress.executed
        # Newer versions of ComfyUI list all nodes of the graph.
        outputs = list(nodes) if self._context.quirks.newer_comfyui else executed
        return _Stop(failures.of_node(node_id, nodes[node_id], exception_type, message, executed, outputs))

    # Writing the job and publishing its events

    def _move(self, state: str) -> None:
        self._save(state=state)

    def _begin(self) -> None:
        now, cached = self.instant, self._progress.cached
        messages = timeline.running(self.job.id, now, cached=cached)
        self._save(status="in_progress", state="executing", start_time=now, messages=messages)
        self._started(self)
        self._notify(EXECUTING)
        self._messages.timeline(*messages[0])

    def _publish_cached(self, made: dict[str, NodeResult]) -> None:
        self._messages.timeline(*self.job.messages[1])
        for node_id, result in made.items():
            if result.shown is not None:
                self._progress.outputs[node_id] = result.shown
                self._messages.executed(node_id, result.shown)
                if self._context.quirks.newer_comfyui:
                    self._messages.node_state(node_id, "finished", 1, 1)

    def _fail(self, error: Json) -> None:
        job = self.job
        event, data = timeline.failed(job.id, job.start_time, self.instant, error)[-1]
        self._end(
            "failed",
            "error" if error.get("node_id") else "non_retryable_error",
            (*job.messages, (event, data)),
        )
        self._messages.timeline(event, data)
        self._publish_end()

    def _end(self, status: JobStatus, state: str, messages: tuple[Message, ...]) -> None:
        outputs, start = self._progress.outputs, self.job.start_time
        # Listed first: whoever reads that the job is over finds its files. If the process ends in
        # between, the job is not over, and the next process unlists its files before it runs the
        # job again.
        self._list_files(outputs)
        self._save(
            0.0 if start is None else cost((self.instant - start) / 1000),
            status=status,
            state=state,
            end_time=self.instant,
            messages=messages,
            outputs=outputs,
            meta={node_id: node_meta(node_id) for node_id in outputs},
        )

    def _list_files(self, outputs: Json) -> None:
        """List the job's files among the account's assets."""
        store = self._context.store
        with store.library.write():
            for node_id, shown in outputs.items():
                for key, items in shown.items():
                    for index, item in enumerate(items if is_array(items) else []):
                        # A preview may name a file that is not stored.
                        stored = self._stored_name(item) if is_object(item) else None
                        if stored is not None and store.files.record(stored) is not None:
                            # In the cloud the stored name is not the one that is shown.
                            name = None if stored == item["filename"] else item["filename"]
                            store.assets.add_output(stored, self.job.id, node_id, key, index, name=name)

    def _stored_name(self, item: Json) -> str | None:
        """The stored name of a file among the outputs. A self-hosted ComfyUI lists no previews."""
        quirks = self._context.quirks
        if not quirks.comfyui_files:
            return str(item["filename"])
        if quirks.assets_disabled or item.get("type") != "output":
            return None
        named = self._context.store.folders.get("output", item.get("subfolder", ""), item["filename"])
        return None if named is None else named.stored

    def _notify(self, text: str) -> None:
        """A line of text in the cloud; a self-hosted ComfyUI only reports the new queue length."""
        if not self._context.quirks.comfyui_socket:
            self._messages.notification(text)
        elif text == EXECUTING:
            self._publish_queue()

    def _publish_queue(self) -> None:
        remaining = self._context.store.count("pending", "in_progress")
        self._context.hub.publish(queue_status(remaining))

    def _publish_end(self) -> None:
        self._publish_queue()
        if self._context.quirks.executing_null and self.job.start_time is not None:
            self._messages.executing(None)

    def _save(self, cost: float = 0.0, **changes: Any) -> None:
        self.job = replace(self.job, update_time=self.instant, **changes)
        self._context.store.update(self.job, cost=cost)


def _forget_unneeded(node_id: str, node: Json, uses: Counter[str], made: dict[str, NodeResult]) -> None:
    """Drop the results that no later node needs, now that this node has run: images are large."""
    for _, link in graph.links(node):
        uses[link.source] -= 1
        if not uses[link.source]:
            made.pop(link.source, None)
    if not uses[node_id]:
        made.pop(node_id, None)
