"""From the end of a job to the return of what waits for it, against bare requests with httpx."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
from websockets.sync.client import connect

from comfy_cloud import ComfyCloud, Job

from .measurement import Row, ratio
from .server_process import KEY, emulator_running

HEADERS = {"X-API-Key": KEY}
JOBS = 15
VARIANTS = 100
# A job ends before the next request of its submitter arrives.
INSTANT = 1_000


def rows() -> Iterator[Row]:
    """The rows of this file."""
    with emulator_running(10) as url, ComfyCloud(api_key=KEY, base_url=url) as cloud:
        one_get = get_seconds(url, cloud.run(graph(0)).id)
        against, note = "one GET of the job", f"{one_get * 1e3:.1f} ms"
        with Endings(url) as endings:
            for name, work in (("`wait`", lambda graph: cloud.submit(graph).wait()), ("`run`", cloud.run)):
                late = endings.seconds_until(work)
                yield Row(f"a job's end to the return of {name}", against, late / one_get, 3.0, note)
    with emulator_running(10, INSTANT) as url, ComfyCloud(api_key=KEY, base_url=url) as cloud:
        yield Row("a slot of `map`, instant jobs", "one POST and one GET", map_ratio(url, cloud), 3.0)


def graph(color: int) -> dict[str, Any]:
    """A small graph, whose result each color has for itself."""
    image = {"width": 64, "height": 64, "batch_size": 1, "color": color}
    return {
        "1": {"class_type": "EmptyImage", "inputs": image},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "bench"}},
    }


def get_seconds(url: str, job_id: str) -> float:
    """The median time of one bare GET of a job."""
    with httpx.Client(base_url=url, headers=HEADERS) as http:
        taken = []
        for _ in range(100):
            start = time.perf_counter()
            json.loads(http.get(f"/api/jobs/{job_id}").raise_for_status().content)
            taken.append(time.perf_counter() - start)
    return statistics.median(taken)


class Endings:
    """Notes when the server says that no node of a job runs any more: then its end is recorded."""

    def __init__(self, url: str) -> None:
        query = f"clientId=bench-endings&token={KEY}"
        self._socket = connect(f"ws{url.removeprefix('http')}/ws?{query}")
        self._at: dict[str, float] = {}
        self._noted = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Endings:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._thread.join()

    def seconds_until(self, work: Callable[[dict[str, Any]], Job]) -> float:
        """The median time from the end of a job to the return of the call that waits for it."""
        late = []
        for number in range(JOBS):
            job = work(graph(1 + number))
            returned = time.perf_counter()
            with self._noted:
                self._noted.wait_for(partial(self._at.__contains__, job.id), 5)
            late.append(max(0.0, returned - self._at[job.id]))
        return statistics.median(late)

    def _read(self) -> None:
        for message in self._socket:
            at = time.perf_counter()
            if isinstance(message, str) and '"executing"' in message:
                data = json.loads(message)["data"]
                if data.get("node") is None:
                    with self._noted:
                        self._at[data["prompt_id"]] = at
                        self._noted.notify_all()


def map_ratio(url: str, cloud: ComfyCloud) -> float:
    """The time of one variant in a map of instant jobs, against one POST and one GET."""
    body = {"prompt": graph(1)}

    def ours() -> None:
        inputs = [{"1.color": 1}] * VARIANTS
        assert all(result.is_completed for result in cloud.map(graph(1), inputs))

    with httpx.Client(base_url=url, headers=HEADERS) as http:

        def bare() -> None:
            for _ in range(VARIANTS):
                job = json.loads(http.post("/api/prompt", json=body).raise_for_status().content)
                json.loads(http.get(f"/api/jobs/{job['prompt_id']}").raise_for_status().content)

        return ratio(ours, bare, rounds=5)
