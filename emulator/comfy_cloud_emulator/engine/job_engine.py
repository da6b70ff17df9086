"""The scheduler: accepts submissions, assigns the account's slots, runs each step when it is due.

A discrete simulation. Steps lie in a heap by instant and are taken in order, so the same
submissions at the same instants give the same run at any speed. Nothing happens unless `catch_up`
is called, and only one thread runs steps at a time. Work that takes real time, such as computing an
image, runs outside the lock; meanwhile jobs can be submitted, cancelled and read.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from threading import get_ident
from typing import TYPE_CHECKING, Any, Final

from comfy_cloud_emulator.state.account import cost
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.json_values import Json

from .engine_state import EngineState
from .failures import Failure
from .submissions import QueueFull, Submission
from .work import Work

if TYPE_CHECKING:
    from .run import Run

MOST_WAITING: Final = 100
"""How many jobs of one account may wait."""
MOST_NODES: Final = 10_000
"""How many nodes a submitted workflow may have; the routes refuse larger ones."""


class JobEngine(EngineState):
    """Runs the jobs that are submitted to it. Other jobs in the store never move.

    Safe to use from any thread.
    """

    # Time

    def catch_up(self) -> None:
        """Run everything that is due by now. Waits for another thread that is doing so."""
        # A listener that calls this during a step cannot wait for the step's end.
        if not self._mover.acquire(blocking=self._holder != get_ident()):
            return
        try:
            while (step := self._next_due()) is not None:
                if callable(step):
                    step()
                else:
                    self._resume(step)
        finally:
            self._mover.release()

    @property
    def is_behind(self) -> bool:
        """Whether `catch_up` must run, or finish, before jobs are read. Never in real time."""
        if self._time.moves_by_itself:
            return False
        with self._locked():
            due = self._steps.first_due
            return self._mover.locked() or (due is not None and due <= self._store.now())

    def seconds_to_next(self) -> float | None:
        """Emulated seconds until the next step is due, or None when there is none."""
        with self._locked():
            due = self._steps.first_due
            return None if due is None or self._closed else max(0.0, due / 1000 - self._time.now())

    def on_schedule(self, callback: Callable[[], object]) -> None:
        """Set a callback for when a step is added, from any thread; it must not block."""
        self._on_schedule = callback

    def at(self, instant: int, action: Callable[[], object]) -> None:
        """Call an action at an instant (Unix milliseconds), between the steps of jobs."""
        with self._locked():
            self._schedule(action, instant)

    def close(self) -> None:
        """Run no more steps."""
        with self._locked():
            self._closed = True
            self._steps.clear()

    # Work

    def submit(
        self,
        graph: Json,
        *,
        extra_data: Json | None = None,
        workflow_id: str | None = None,
        client_id: str | None = None,
        targets: Sequence[str] | None = None,
        prompt_id: str | None = None,
        number: float | None = None,
    ) -> Submission:
        """Accept a workflow as a waiting job.

        Raises QueueFull, or ValueError when `prompt_id` is taken.

        The waiting job with the lowest `number` runs first; without numbers they run in order.
        """
        self._settle()
        with self._locked():
            is_bounded = not self.quirks.comfyui_prompt  # a self-hosted server takes any number
            if is_bounded and self._store.count("pending") >= MOST_WAITING:
                raise QueueFull
            given = dict(extra_data or {})
            job = self._store.accept(
                id=str(uuid.uuid4()) if prompt_id is None else prompt_id,
                targets=targets,
                state="submitted",
                create_time=self._now(),
                graph=graph,
                extra_data={} if self.quirks.drop_extra_data else given,
                workflow_id=workflow_id,
            )
            submission = Submission(
                prompt_id=job.id,
                number=job.number if number is None else number,
                create_time=job.create_time,
                graph=graph,
                extra_data=given,
                workflow_id=workflow_id,
                client_id=client_id,
                partial_execution_targets=None if targets is None else tuple(targets),
            )
            self._submissions[job.id] = submission
            self._start(job, given, submission.partial_execution_targets, job.create_time)
            self._publish_queue()
            return submission

    def resume_unfinished(self) -> None:
        """Restart the jobs that an earlier process accepted and did not finish, in order."""
        with self._locked():
            now = self._now()
            for job, targets in self._store.unfinished():
                # It may have finished all but the last write.
                self._store.assets.delete_of_job(job.id)
                if job.status == "in_progress":
                    job = replace(
                        job,
                        status="pending",
                        state="submitted",
                        start_time=None,
                        messages=(),
                        update_time=max(now, job.update_time),
                    )
                    self._store.update(job)
                self._start(job, job.extra_data, targets, now)

    def fail_next(self, failure: Failure) -> None:
        """Let the next submitted job fail; with a node, the next job that has this node."""
        with self._locked():
            self._failures.append(failure.inside_node() if self.quirks.comfyui_prompt else failure)

    def cancel(self, id: str) -> bool:
        """Cancel a waiting or running job at once. False when it is over or unknown."""
        self._settle()
        with self._locked():
            if self._stepping and id in self._runs:
                # A listener cancels during a step: the step is finished first.
                self._to_cancel.append(id)
                return True
            return self._cancel(id, self._now())

    def finish(self, id: str, failure: Failure | None = None) -> bool:
        """Run a job to its end at once, without its waiting times and whatever holds it.

        With a failure it fails at its current node, or at the one that the failure names. Returns
        whether it ended so: False when it is over, unknown, or does not move.
        """
        self._settle()
        with self._locked():
            run = self._runs.get(id)
            if run is None or run.is_abandoned:
                return False
            if failure is not None:
                run.fail(failure.inside_node() if self.quirks.comfyui_prompt else failure)
            # One whose work is being done goes on by itself afterwards.
            waits = self._steps.take_out(run) is not None or run.held_for is not None
            run.is_hurried, run.is_held, run.held_for = True, False, None
            if run in self._parked:
                self._parked.remove(run)
                self._in_slots.add(id)
                waits = True
            if waits:
                self._schedule(run, self._now())
        self.catch_up()
        job = self._store.get(id)
        return job is not None and job.status == ("completed" if failure is None else "failed")

    def hold(self, id: str) -> bool:
        """Keep a waiting or running job where it is. False when it does not move anyway."""
        self._settle()
        with self._locked():
            run = self._runs.get(id)
            if run is None or run.is_abandoned:
                return False
            if not run.is_held:
                run.is_held = True
                due = self._steps.take_out(run)
                if due is not None:
                    run.held_for = max(0, due - self._now())
            return True

    def release(self, id: str) -> bool:
        """Let a job that is held go on. False when it is not held."""
        with self._locked():
            run = self._runs.get(id)
            if run is None or not run.is_held:
                return False
            run.is_held, left = False, run.held_for
            run.held_for = None
            if left is not None:
                self._schedule(run, self._now() + left)
            return True

    def withdraw(self, id: str) -> bool:
        """Remove a waiting job as if it had never been submitted. False unless it is waiting."""
        self._settle()
        with self._locked():
            if (job := self._store.get(id)) is None or job.status != "pending":
                return False
            run = self._runs.get(id)
            self._store.delete(id)
            if run is not None:
                run.steps.close()
                self._finish(run)
            self._publish_queue()
            return True

    def forget_results(self) -> None:
        """Empty the node cache: the next run computes everything."""
        with self._locked():
            self._cache.clear()

    # Steps

    def _settle(self) -> None:
        """Catch up before a change, unless a driver thread does so all the time."""
        if not self._time.moves_by_itself:
            self.catch_up()

    def _now(self) -> int:
        return max(self._instant, self._store.now())

    def _next_due(self) -> Run | Callable[[], object] | None:
        with self._locked():
            now, first = self._store.now(), self._steps.first_due
            if self._closed or first is None or first > now:
                self._instant = max(self._instant, now)
                return None
            due, _, step = self._steps.pop()
            # During a step the time is the step's own, so a late call makes no difference.
            self._instant = max(self._instant, due)
            if not callable(step):
                step.instant = self._instant
            return step

    def _resume(self, run: Run) -> None:
        """Run one step of a job, and its work.

        Called without the lock by the thread that runs steps.
        """
        go_on: Callable[[], Any] = partial(next, run.steps)
        while isinstance(outcome := self._step(run, go_on), Work):
            try:
                go_on = partial(run.steps.send, outcome.do())
            except Exception as error:  # noqa: BLE001 - the run decides what its failed work means
                go_on = partial(run.steps.throw, error)

    def _step(self, run: Run, go_on: Callable[[], int | Work | None]) -> Work | None:
        """Let a run continue until it waits for its time, a slot, or work. Returns the work."""
        with self._locked():
            if self._closed or self._runs.get(run.job.id) is not run:
                return None
            if run.is_abandoned:
                run.steps.close()
                self._finish(run)
                return None
            self._stepping = True
            try:
                outcome = go_on()
            except StopIteration:
                outcome = None
                self._finish(run)
            finally:
                self._stepping = False
            while self._to_cancel:
                self._cancel(self._to_cancel.popleft(), run.instant)
            if self._runs.get(run.job.id) is not run:
                return None
            if isinstance(outcome, Work):
                return outcome
            if outcome is not None:
                self._schedule(run, run.instant + run.pause(outcome))
            return None

    # One run

    def _start(self, job: Job, extra_data: Json, targets: tuple[str, ...] | None, instant: int) -> None:
        # Imported with the first job: many clouds never run one.
        from .run import Run, RunContext

        run = Run(
            job,
            RunContext(self._store, self.hub, self.catalogue, self._executor, self._cache, self.quirks),
            extra_data=extra_data,
            targets=targets,
            failure=self._failure_for(job),
            instant=instant,
            take_slot=self._take_slot,
            started=self._count,
        )
        self._runs[job.id] = run
        self._schedule(run, instant)

    def _cancel(self, id: str, instant: int) -> bool:
        run = self._runs.get(id)
        if run is None or run.is_abandoned:
            cancelled = bool(self._store.cancel([id]))
            if cancelled:
                self._publish_queue()
            return cancelled
        run.instant = max(run.instant, instant)
        run.steps.close()
        run.interrupt()
        self._finish(run)
        return True

    def _schedule(self, step: Run | Callable[[], object], due: int) -> None:
        if not callable(step) and step.is_held:
            step.held_for = max(0, due - self._now())
            return
        self._steps.add(step, due)
        if self._on_schedule is not None:
            self._on_schedule()

    def _take_slot(self, run: Run) -> bool:
        is_free = not self._parked and len(self._in_slots) < self.account.concurrent_jobs
        if is_free or run.is_hurried:
            self._in_slots.add(run.job.id)
            return True
        self._parked.append(run)
        return False

    def _finish(self, run: Run) -> None:
        """The run is over: charge for it, and give its slot to the job that has waited longest."""
        job = run.job
        if job.start_time is not None and job.end_time is not None:
            self.account.charge(cost((job.end_time - job.start_time) / 1000))
        self._runs.pop(job.id, None)
        self._in_slots.discard(job.id)
        if run in self._parked:
            self._parked.remove(run)
        while self._parked and len(self._in_slots) < self.account.concurrent_jobs:
            following = min(self._parked, key=lambda parked: (self.number(parked.job), parked.job.id))
            self._parked.remove(following)
            self._in_slots.add(following.job.id)
            self._schedule(following, run.instant)

    def _count(self, run: Run) -> None:
        self._executions[run.job.id] += 1

    def _failure_for(self, job: Job) -> Failure | None:
        classes = {node.get("class_type") for node in job.graph.values() if isinstance(node, dict)}
        for index, failure in enumerate(self._failures):
            if failure.node is None or failure.node in job.graph or failure.node in classes:
                return self._failures.pop(index)
        return None

    def _publish_queue(self) -> None:
        self.hub.publish(self.queue_status())
