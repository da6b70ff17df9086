"""The list of 100,000 finished jobs into a mirror, over a transport that has it in memory.

The other side reads each page with json.loads, and writes all jobs by one bare executemany into a
table without indexes. Each side runs in a process of its own.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .measurement import Row, middle
from .memory import peak_of_process

ENTRIES = 100_000
FEWER = 40_000  # enough to fill the cache of the database
PAGE = 200
ROUNDS = 3
DISTINCT = 25  # pages; the ids and times of the others are made from theirs
NEWEST = 17_950_000  # when the first entry was created, in units of 100 seconds


def rows() -> Iterator[Row]:
    """The rows of this file."""
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(side("ours", ENTRIES))
        bare.append(side("bare", ENTRIES))
    fewer = side("ours", FEWER)
    ratio = middle([one[0] / other[0] for one, other in zip(ours, bare, strict=True)])
    seconds = statistics.median(one[0] for one in ours)
    yield Row("100,000 entries into the mirror", "json.loads, executemany", ratio, 2.0, f"{seconds:.1f} s")
    grown = statistics.median(one[1] for one in ours) / fewer[1]
    yield Row("its peak memory", "that of 40,000 entries", grown, 1.25, f"{fewer[1] / 1e6:.0f} MB at 40,000")
    yield Row("requests of a sync, nothing new", "one", ours[0][2], 2.0)


def side(name: str, count: int) -> tuple[float, float, float]:
    """Seconds, peak bytes, and requests of a second sync, of one run in a new process."""
    command = [sys.executable, "-m", "benchmarks.mirror", name, str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    taken, peak, requests = json.loads(done.stdout)
    return taken, peak, requests


class History:
    """A history in memory: pages of JSON by offset, newest first, as the service lists them."""

    def __init__(self, count: int) -> None:
        rng = random.Random(1)
        self.count = count
        self.requests = 0
        self._pages = [[_entry(rng) for _ in range(PAGE)] for _ in range(DISTINCT)]

    def page(self, size: int, offset: int) -> bytes:
        """The body of one response."""
        self.requests += 1
        entries = [self._entry(place) for place in range(offset, min(self.count, offset + size))]
        return b'{"history":[' + b",".join(entries) + b"]}"

    def _entry(self, place: int) -> bytes:
        page, within = divmod(place, PAGE)
        template, job_id = self._pages[page % DISTINCT][within]
        own_id = f"{page:08x}{job_id[8:]}".encode()
        return template.replace(job_id.encode(), own_id).replace(b"%d" % NEWEST, b"%d" % (NEWEST - place))


def _entry(rng: random.Random) -> tuple[bytes, str]:
    job_id = str(uuid.UUID(int=rng.getrandbits(128)))
    created = NEWEST * 100_000 + rng.randrange(80_000)
    nodes = [str(rng.randrange(1, 90)) for _ in range(8)]
    stamps = {"prompt_id": job_id}
    messages = [
        ["execution_start", {**stamps, "timestamp": created + 900}],
        ["execution_cached", {**stamps, "nodes": nodes, "timestamp": created + 950}],
        ["execution_success", {**stamps, "timestamp": created + 19_000}],
    ]
    image = {"filename": f"{rng.getrandbits(256):064x}.png", "subfolder": "", "type": "output"}
    entry: dict[str, Any] = {
        "prompt_id": job_id,
        "create_time": created,
        "workflow_id": str(uuid.UUID(int=rng.getrandbits(128))),
        "prompt": {
            "priority": 1.0,
            "prompt_id": job_id,
            "extra_data": {"client_id": f"{rng.getrandbits(128):032x}", "extra_pnginfo": {}},
        },
        "outputs": {"9": {"images": [{**image, "display_name": "ComfyUI_00001_.png"}]}},
        "status": {"status_str": "success", "completed": True, "messages": messages},
        "meta": {node: {"node_id": node, "display_node": node} for node in nodes},
    }
    return json.dumps(entry).encode(), job_id


def ours(history: History, folder: Path) -> tuple[float, int]:
    import httpx

    from comfy_cloud import ComfyCloud

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/user":
            history.requests += 1
            return httpx.Response(200, json={"id": "bench", "status": "active"})
        if request.url.path == "/api/jobs":  # which jobs have not ended
            history.requests += 1
            pagination = {"offset": 0, "limit": 100, "total": 0, "has_more": False}
            return httpx.Response(200, json={"jobs": [], "pagination": pagination})
        size, offset = int(request.url.params["max_items"]), int(request.url.params.get("offset", 0))
        body = history.page(size, offset)
        return httpx.Response(200, content=body, headers={"content-type": "application/json"})

    http = httpx.Client(transport=httpx.MockTransport(respond))
    with ComfyCloud(api_key="k", base_url="http://127.0.0.1:9", http_client=http) as cloud:
        with cloud.mirror(folder / "m.sqlite") as mirror:
            began = time.perf_counter()
            assert mirror.sync(details=False).total == history.count
            taken = time.perf_counter() - began
        history.requests = 0
        with cloud.mirror(folder / "m.sqlite") as mirror:
            mirror.sync(details=False)
    return taken, history.requests


def bare(history: History, folder: Path) -> tuple[float, int]:
    import httpx

    def respond(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        return httpx.Response(200, content=history.page(PAGE, offset))

    began = time.perf_counter()
    found = []
    with httpx.Client(transport=httpx.MockTransport(respond)) as http:
        for offset in range(0, history.count, PAGE):
            body = http.get(f"http://127.0.0.1:9/?offset={offset}").content
            for entry in json.loads(body)["history"]:
                messages = dict(entry["status"]["messages"])
                found.append(
                    (
                        entry["prompt_id"],
                        entry["status"]["status_str"],
                        entry["create_time"],
                        messages["execution_start"]["timestamp"],
                        messages["execution_success"]["timestamp"],
                        entry["workflow_id"],
                        json.dumps(entry["outputs"]),
                    )
                )
    database = sqlite3.connect(folder / "bare.sqlite")
    database.execute(
        "CREATE TABLE jobs (id TEXT PRIMARY KEY, status, created, started, ended, workflow, outputs)"
    )
    database.executemany("INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?)", found)
    database.commit()
    database.close()
    return time.perf_counter() - began, 0


def main() -> None:
    """One side in this process."""
    history = History(int(sys.argv[2]))
    with tempfile.TemporaryDirectory() as folder:
        taken, requests = (ours if sys.argv[1] == "ours" else bare)(history, Path(folder))
    peak = peak_of_process()
    print(json.dumps([taken, peak, requests]))


if __name__ == "__main__":
    main()
