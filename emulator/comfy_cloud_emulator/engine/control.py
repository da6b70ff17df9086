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

    def cancel(self, prompt_id: str) -> bool:
        """Cancel a waiting or running job from outside the client.

        False when it is over or unknown.
        """
        return self._engine.cancel(prompt_id)

    def forget_results(self) -> None:
        """Empty the node cache, so that the same workflow is executed again."""
        self._engine.forget_results()
