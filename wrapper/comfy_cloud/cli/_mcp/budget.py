"""How many jobs an agent may run: none, unless the person who started the server allowed it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .._console.exits import REFUSED, CommandError

HOW = "The person who starts the server allows it: comfy-cloud mcp --max-jobs N"


class Budget:
    """Counts the jobs of one server, and the credits that the service reports for them.

    Args:
        max_jobs: How many jobs may be submitted until the server ends.
        max_credits: No job is submitted once the ended ones have cost this much; None: no limit.
    """

    def __init__(self, max_jobs: int, max_credits: float | None = None) -> None:
        self.max_jobs = max_jobs
        self.max_credits = max_credits
        self.jobs = 0
        self._credits: dict[str, float] = {}

    @property
    def credits(self) -> float:
        """The credits that the service reported for the jobs of this server."""
        return sum(self._credits.values())

    def check(self) -> None:
        """Raise CommandError if no further job may be submitted; the message says who allows it."""
        if self.max_jobs == 0:
            raise CommandError(f"this server may not run jobs, because they cost credits. {HOW}", REFUSED)
        if self.jobs >= self.max_jobs:
            raise CommandError(
                f"the budget of {self.max_jobs} jobs (--max-jobs) is used up. {HOW}, with a larger N", REFUSED
            )
        if self.max_credits is not None and self.credits >= self.max_credits:
            raise CommandError(
                f"the jobs of this server have cost {self.credits:g} credits, and --max-credits is "
                f"{self.max_credits:g}. The person who starts the server can allow more: comfy-cloud mcp "
                f"--max-jobs N --max-credits CREDITS",
                REFUSED,
            )

    @contextmanager
    def one_job(self) -> Iterator[None]:
        """Count the job that is submitted within; not if the service certainly did not take it."""
        from comfy_cloud import (
            ConfigurationError,
            Forbidden,
            InvalidWorkflow,
            NotSupported,
            PaymentRequired,
            RateLimited,
            Unauthorized,
        )

        self.check()
        self.jobs += 1
        try:
            yield
        except (
            ConfigurationError,
            Forbidden,
            InvalidWorkflow,
            NotSupported,
            PaymentRequired,
            RateLimited,
            Unauthorized,
        ):
            self.jobs -= 1
            raise

    def note_credits(self, job_id: str, value: object) -> None:
        """Remember what the service says that a job has cost."""
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
            self._credits[job_id] = float(value)

    def record(self) -> dict[str, object]:
        """What is used and what is left, for the agent."""
        return {
            "jobs_used": self.jobs,
            "jobs_allowed": self.max_jobs,
            "credits_used": self.credits if self._credits else None,
            "credits_allowed": self.max_credits,
        }
