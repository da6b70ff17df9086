"""Iterating 100,000 history entries over loopback: time, and memory, which must not grow.

Each side runs in a separate process.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from .measurement import Row
from .server_process import KEY, emulator_running

ENTRIES = 100_000
PAGE = 200
ROUNDS = 3


def rows() -> Iterator[Row]:
    """The rows of this file."""
    with emulator_running(ENTRIES) as url:
        ours, bare = [], []
        for _ in range(ROUNDS):
            ours.append(side("ours", url, ENTRIES))
            bare.append(side("bare", url, ENTRIES))
        tenth = side("ours", url, ENTRIES // 10)
    found = statistics.median(one[0] / other[0] for one, other in zip(ours, bare, strict=True))
    yield Row(
        "iterating 100,000 entries",
        "httpx and json.loads",
        found,
        1.15,
        f"{statistics.median(o[0] for o in ours):.1f} s",
    )
    grown = statistics.median(one[1] for one in ours) / tenth[1]
    yield Row("its peak memory", "that of 10,000 entries", grown, 1.10, f"{tenth[1] / 1e6:.0f} MB at 10,000")


def side(name: str, url: str, count: int) -> tuple[float, float]:
    """Seconds and peak bytes of one run in a new process."""
    command = [sys.executable, "-m", "benchmarks.iteration", name, url, str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    taken, peak = json.loads(done.stdout)
    return taken, peak


def ours(url: str, count: int) -> int:
    from comfy_cloud import ComfyCloud

    with ComfyCloud(api_key=KEY, base_url=url) as cloud:
        return sum(1 for _ in cloud.history.iter(limit=count, page_size=PAGE))


def bare(url: str, count: int) -> int:
    import httpx

    found = 0
    with httpx.Client(headers={"X-API-Key": KEY}) as http:
        for offset in range(0, count, PAGE):
            response = http.get(f"{url}/api/history_v2", params={"max_items": PAGE, "offset": offset})
            for _entry in json.loads(response.content)["history"]:
                found += 1
    return found


if __name__ == "__main__":
    begun = time.perf_counter()
    reached = {"ours": ours, "bare": bare}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
    assert reached == int(sys.argv[3]), reached
    print(
        json.dumps([time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024])
    )
