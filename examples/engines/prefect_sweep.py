"""A sweep as a flow of Prefect: `python prefect_sweep.py shades-1 20`.

Each variant is a task with retries, and runs in a process of its own: one that is killed is a task
that failed, and Prefect runs it again.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from prefect import flow, task
from prefect.task_runners import ThreadPoolTaskRunner

VARIANT = str(Path(__file__).with_name("variant.py"))


@task(retries=20, retry_delay_seconds=0.5)
def variant(name: str, color: int, base_urls: tuple[str, ...]) -> str:
    """Run one variant in a process; returns the id of its job."""
    command = [sys.executable, VARIANT, name, str(color), *base_urls]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@flow(task_runner=ThreadPoolTaskRunner(max_workers=4))
def sweep(name: str, count: int, base_urls: tuple[str, ...] = ()) -> list[str]:
    """Run the variants; returns the ids of their jobs."""
    futures = [variant.submit(name, color, base_urls) for color in range(count)]
    return [future.result() for future in futures]


if __name__ == "__main__":
    print(*sweep(sys.argv[1], int(sys.argv[2]), tuple(sys.argv[3:])), sep="\n")
