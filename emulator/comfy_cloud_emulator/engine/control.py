"""`emulator.jobs`: what tests can do with the running jobs."""

from __future__ import annotations

from .failures import Failure
from .job_engine import JobEngine


class JobControl:
    """Scripts failures, cancels jobs, and counts executions."""

    def __init__(self, engine: JobEngine) -> None:
        self._engine = engine

    def fail_next(
        self, exception_type: str = "OOMError", *, node: str | None = None, message: str | None = None
    ) -> None:
        """Let the next submitted job fail.

        `exception_type` is one of the service's, such as "OOMError" or "ServiceError", or the name
        of a Python exception. `node` is the id or class of the node where it happens; then the next
        job that has such a node fails. Without it, failures of nodes happen at the sampler, or at
        the last node.
        """
        self._engine.fail_next(Failure(exception_type, node, message))

    def executed(self, prompt_id: str) -> int:
        """How many times the execution of this job began: 0 or 1, unless something is wrong."""
        return self._engine.executions(prompt_id)

    def fail(
        self,
        prompt_id: str,
        exception_type: str = "OOMError",
        *,
        node: str | None = None,
        message: str | None = None,
    ) -> bool:
        """Let a waiting or running job fail now, at its current node or at a later one.

        The arguments are those of `fail_next`. False when it is over, unknown, or one of the seeded
        jobs, which never proceed.
        """
        return self._engine.finish(prompt_id, Failure(exception_type, node, message))

    def finish(self, prompt_id: str) -> bool:
        """Run a waiting or running job to its end now, whatever the time and the queue.

        True when it completed. False when it failed, is over, unknown, or one of the seeded jobs,
        which never proceed.
        """
        return self._engine.finish(prompt_id)

    def hold(self, prompt_id: str) -> bool:
        """Keep a waiting or running job where it is until `release`; a running one keeps its slot.

        False when it is over, unknown, or one of the seeded jobs, which never proceed.
        """
        return self._engine.hold(prompt_id)

    def release(self, prompt_id: str) -> bool:
        """Let a job that is held go on. False when it is not held."""
        return self._engine.release(prompt_id)

    def is_held(self, prompt_id: str) -> bool:
        """Whether a job is held."""
        return self._engine.is_held(prompt_id)

    def moves(self, prompt_id: str) -> bool:
        """Whether the engine runs this job: not when it is over or unknown, or never proceeds."""
        return self._engine.runs_job(prompt_id)

    def current_node(self, prompt_id: str) -> str | None:
        """The id of the node at which a running job is, or None."""
        return dict(self._engine.nodes_at_work()).get(prompt_id)

    def cancel(self, prompt_id: str) -> bool:
        """Cancel a waiting or running job from outside the client.

        False when it is over or unknown.
        """
        return self._engine.cancel(prompt_id)

    def forget_results(self) -> None:
        """Empty the node cache, so that the same workflow is executed again."""
        self._engine.forget_results()
