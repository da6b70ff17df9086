"""Requests of one client that waits for thousands of jobs, against one that reads each by itself.

The jobs take 10 to 60 seconds on a clock that does not wait, so the numbers are exact. The variable
BENCH_FOLLOWED sets how many there are; the default is 5,000.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator

from .measurement import Row
from .simulated_jobs import followed

JOBS = int(os.environ.get("BENCH_FOLLOWED", "5000"))
CONNECTIONS = 20
SHORTEST, LONGEST = 10.0, 60.0
# So few are always read one by one.
FEW = 9


def rows() -> Iterator[Row]:
    """The rows of this file."""
    alone, minutes = asyncio.run(followed(seconds(FEW), CONNECTIONS))
    one_by_one = alone.requests.total() / minutes
    service, minutes = asyncio.run(followed(seconds(JOBS), CONNECTIONS))
    ours = service.requests.total() / minutes
    listed = service.requests["/api/jobs"] / minutes
    note = f"{ours:.2f} requests per job-minute, {listed:.2f} without the one read at each end"
    yield Row(f"following {JOBS:,} jobs", "each read by itself", ours / one_by_one, 0.25, note)


def seconds(count: int) -> list[float]:
    """How long each job takes."""
    generator = random.Random(1)
    return [generator.uniform(SHORTEST, LONGEST) for _ in range(count)]
