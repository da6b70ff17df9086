"""What a workflow will take, from the jobs of the same graph in the mirror: `Mirror.estimate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from .facts.digests import graph_digest
from .facts.graph import nodes_in
from .schema import JOBS
from .stats import nearest_rank

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

# The newest are closest to what the service does today.
MOST_JOBS = 500
_FEW, _MANY = 5, 20
_WIDE = 2.0


@dataclass(frozen=True, slots=True)
class Range:
    """What jobs took: the median, and the interval in which 80 of 100 were.

    Attributes:
        jobs: How many jobs it is made of.
        median, low, high: Seconds or credits; None without a job.
    """

    jobs: int
    median: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a workflow will probably take.

    Attributes:
        jobs: How many completed jobs of the same graph the mirror has; the newest 500 count.
        run_seconds, queue_seconds, credits: What those took.
        confidence: How sure `run_seconds` is: "none" without a job, "low" with fewer than 5 jobs
            or if the longest of the interval is more than three times the median, "high" from 20
            jobs on if it is at most twice the median, and else "medium".
    """

    jobs: int
    run_seconds: Range
    queue_seconds: Range
    credits: Range
    confidence: str

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values."""
        parts = {
            name: {each: getattr(getattr(self, name), each) for each in Range.__slots__}
            for name in ("run_seconds", "queue_seconds", "credits")
        }
        return {"jobs": self.jobs, **parts, "confidence": self.confidence}


def estimate(mirror: OpenMirror, graph: Mapping[str, Any]) -> Estimate:
    """Estimate what a graph in API format takes; see `Mirror.estimate`."""
    digest = graph_digest(nodes_in(graph))
    query = (
        select(JOBS.c.run_seconds, JOBS.c.queue_seconds, JOBS.c.credits)
        .where(JOBS.c.graph_digest == digest, JOBS.c.status == "completed")
        .order_by(JOBS.c.created_ms.desc())
        .limit(MOST_JOBS)
    )
    with mirror.connect() as connection:
        rows = connection.execute(query).all()
    run, queue, credits = (
        _range([row[place] for row in rows if row[place] is not None]) for place in range(3)
    )
    return Estimate(len(rows), run, queue, credits, _confidence(run))


def _range(values: Sequence[float]) -> Range:
    if not values:
        return Range(0, None, None, None)
    ordered = sorted(values)
    low, high = (ordered[nearest_rank(len(ordered), each)] for each in (10, 90))
    return Range(len(ordered), median(ordered), low, high)


def _confidence(run: Range) -> str:
    if run.median is None or run.high is None:
        return "none"
    if run.jobs < _FEW or run.high > (_WIDE + 1) * run.median:
        return "low"
    return "high" if run.jobs >= _MANY and run.high <= _WIDE * run.median else "medium"
