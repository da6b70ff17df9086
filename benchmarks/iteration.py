"""Iterating 100,000 history entries over loopback: time, and the peak memory of the process.

Each side runs in a separate process, with the packages of an installation without extras: where
click and rich are there too, httpx imports a command of its own, which takes 5 MB on either side.
The limit decodes no more than msgspec needs for an id.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .bulk_server import HISTORY, serving
from .measurement import Row, middle
from .memory import peak_of_process

PAGE = 200
ROUNDS = 3
KEY = "comfyui-bench-key"


def rows() -> Iterator[Row]:
    """The rows of this file."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as (url, _):
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in SIDES}
        for name in list(SIDES) * ROUNDS:
            taken[name].append(side(name, url, HISTORY))
        tenth = side("ours", url, HISTORY // 10)

    def against_bare(name: str) -> float:
        pairs = zip(taken[name], taken["bare"], strict=True)
        return middle([one[0] / other[0] for one, other in pairs])

    peak = statistics.median(peak for _, peak in taken["ours"])
    least = statistics.median(peak for _, peak in taken["bare"])
    seconds = statistics.median(seconds for seconds, _ in taken["ours"])
    yield Row(
        "iterating 100,000 entries",
        "httpx and json.loads",
        against_bare("ours"),
        0.60,
        f"{seconds:.1f} s",
        limit=against_bare("limit"),
    )
    yield Row("its peak memory", "40 MB", peak / 40e6, 1.0, f"httpx and json.loads: {least / 1e6:.0f} MB")
    yield Row(
        "its peak memory",
        "that of 10,000 entries",
        peak / tenth[1],
        1.10,
        f"{tenth[1] / 1e6:.0f} MB at 10,000",
    )


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
    return sum(len(json.loads(content)["history"]) for content in _pages(url, count))


def limit(url: str, count: int) -> int:
    import msgspec

    entry = msgspec.defstruct("Entry", [("prompt_id", str), ("create_time", int)])
    page: Any = msgspec.defstruct("Page", [("history", list[entry])])  # type: ignore[valid-type]
    decode = msgspec.json.Decoder(page).decode
    return sum(len(decode(content).history) for content in _pages(url, count))


def _pages(url: str, count: int) -> Iterator[bytes]:
    import httpx

    with httpx.Client(headers={"X-API-Key": KEY}) as http:
        for offset in range(0, count, PAGE):
            yield http.get(f"{url}/api/history_v2", params={"max_items": PAGE, "offset": offset}).content


SIDES: dict[str, Callable[[str, int], int]] = {"ours": ours, "bare": bare, "limit": limit}

if __name__ == "__main__":
    sys.modules.update(dict.fromkeys(("click", "rich", "pygments")))  # type: ignore[arg-type]
    begun = time.perf_counter()
    reached = SIDES[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
    assert reached == int(sys.argv[3]), reached
    print(json.dumps([time.perf_counter() - begun, peak_of_process()]))
