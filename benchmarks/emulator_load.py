"""The local Comfy Cloud under load: response times, long lists, many requests and listeners,
uploads.

A ratio here is to a fixed budget, or to the same work done in another way in the same run. The
emulator runs in a separate process: `python -m benchmarks.emulator_load` prints its URL and waits.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
from websockets.asyncio.client import connect

from .measurement import Row, process_ratio
from .server_process import KEY, module_running

HEADERS = {"X-API-Key": KEY}
JOBS = 10_000
PAGE_MS = 20.0
WAIT_MS = 50.0
"""Milliseconds that a small response may take while the emulator is busy."""
IN_FLIGHT = 500
LISTENERS = 200
UPLOAD_MB = 500
GROWTH_MB = 40.0
"""Megabytes by which the process may grow during an upload."""

PAGES: list[tuple[str, dict[str, Any]]] = [
    ("/api/jobs", {}),
    ("/api/jobs", {"limit": 1000, "offset": 9000}),
    ("/api/jobs", {"sort_order": "asc", "offset": 9000}),
    ("/api/jobs", {"sort_by": "execution_time"}),
    ("/api/jobs", {"sort_by": "execution_time", "sort_order": "asc", "offset": 9000}),
    ("/api/jobs", {"status": "completed,failed,cancelled"}),
    ("/api/jobs", {"status": "failed"}),
    ("/api/jobs", {"output_type": "video"}),
    ("/api/jobs", {"workflow_id": "none"}),
    ("/api/history_v2", {"max_items": 200}),
    ("/api/history_v2", {"max_items": 1000, "offset": 9000}),
    ("/api/queue", {}),
    ("/api/assets", {"limit": 500}),
    *[("/api/assets", {"sort": name, "order": "asc", "offset": 9000}) for name in ("name", "size")],
    *[("/api/assets", {"sort": name}) for name in ("created_at", "updated_at", "last_access_time")],
    ("/api/assets", {"include_tags": "output,tag7", "include_public": "false"}),
    ("/api/assets", {"include_tags": "output", "exclude_tags": "tag3"}),
    ("/api/assets", {"tags_any": "tag7,tag8"}),
    ("/api/assets", {"name_contains": "99"}),
    ("/api/assets", {"metadata_filter": '{"project": "p3"}'}),
    ("/api/tags", {}),
    ("/api/assets/tags/refine", {"include_tags": "output"}),
    ("/api/assets/tags/refine", {"metadata_filter": '{"project": "p3"}'}),
]


def rows() -> Iterator[Row]:
    """The rows of this file."""
    start = "from comfy_cloud_emulator import Emulator\nwith Emulator(): pass"
    yield Row(
        "start the emulator",
        "import what it is built on",
        process_ratio(["-c", start], ["-c", "import uvicorn, starlette.applications, websockets.server"], 9),
        2.5,
        "uvicorn, starlette, websockets; it responds when this is over",
    )
    with running_emulator() as url:
        yield longest_page(url)
        yield in_flight(url)
        yield asyncio.run(listeners(url))
        yield asyncio.run(latency_under_load(url))
    yield upload_memory()


def running_emulator(*arguments: str) -> AbstractContextManager[str]:
    return module_running("benchmarks.emulator_load", *arguments)


def longest_page(url: str) -> Row:
    slowest, where = 0.0, ""
    with httpx.Client(base_url=url, headers=HEADERS) as http:
        for path, query in PAGES:
            found = []
            for _ in range(9):
                begin = time.perf_counter()
                http.get(path, params=query).raise_for_status()
                found.append((time.perf_counter() - begin) * 1000)
            if statistics.median(found) > slowest:
                slowest, where = statistics.median(found), f"{path} {query}"
    note = f"{slowest:.1f} ms with the client's part: {where}"
    return Row(
        f"slowest of {len(PAGES)} pages, {JOBS} jobs", f"{PAGE_MS:.0f} ms", slowest / PAGE_MS, 1.0, note
    )


def in_flight(url: str) -> Row:
    begin = time.perf_counter()
    with httpx.Client(base_url=url, headers=HEADERS) as http:
        for _ in range(IN_FLIGHT):
            http.get("/api/jobs", params={"limit": 10}).raise_for_status()
    single = time.perf_counter() - begin

    host, port = url.removeprefix("http://").split(":")
    request = (
        f"GET /api/jobs?limit=10 HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {KEY}\r\nConnection: close\r\n\r\n"
    )

    async def one() -> bool:
        # httpx itself is slow with this many connections.
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request.encode())
        response = await reader.read()
        writer.close()
        return response.startswith(b"HTTP/1.1 200 ") and response.endswith(b"}")

    async def together() -> tuple[float, int]:
        begin = time.perf_counter()
        responses = await asyncio.gather(*(one() for _ in range(IN_FLIGHT)), return_exceptions=True)
        return time.perf_counter() - begin, sum(response is not True for response in responses)

    seconds, errors = asyncio.run(together())
    note = f"{errors} errors, {seconds * 1000:.0f} ms; each has a connection of its own"
    return Row(f"{IN_FLIGHT} GETs in flight", "one after the other", seconds / single, 1.5, note)


async def listeners(url: str) -> Row:
    """Seconds per message of a batch of jobs with previews, for one listener and for many."""
    async with httpx.AsyncClient(base_url=url, headers=HEADERS, timeout=120) as http:
        await _listen(url, http, 1)  # imports Pillow and whatever else the first job needs
        alone, received = await _listen(url, http, 1)
        together, received_by_all = await _listen(url, http, LISTENERS)
    note = f"{received_by_all} messages in {together:.2f} s, as many for each"
    ratio = (together / received_by_all) / (alone / received)
    return Row(f"a message, {LISTENERS} listeners", "with one listener", ratio, 1.0, note)


async def _listen(url: str, http: httpx.AsyncClient, count: int) -> tuple[float, int]:
    address = f"{url.replace('http', 'ws')}/ws?token={KEY}"
    sockets = await asyncio.gather(*(connect(address, proxy=None, max_queue=None) for _ in range(count)))
    ids = []
    for _ in range(10):
        seed = random.getrandbits(32)
        response = (await http.post("/api/prompt", json={"prompt": _graph(seed, 64)})).raise_for_status()
        ids.append(response.json()["prompt_id"])
    begin = time.perf_counter()
    receivers = [asyncio.create_task(_until_the_last(socket, len(ids))) for socket in sockets]
    (await http.post("/_emulator/time", json={"advance": 600})).raise_for_status()
    counts = await asyncio.gather(*receivers)
    seconds = time.perf_counter() - begin
    await asyncio.gather(*(socket.close() for socket in sockets))
    assert len(set(counts)) == 1, counts
    return seconds, sum(counts)


async def _until_the_last(socket: Any, jobs: int) -> int:
    received = 0
    while jobs:
        message = await socket.recv()
        received += 1
        jobs -= isinstance(message, str) and json.loads(message)["type"] == "execution_success"
    return received


async def latency_under_load(url: str) -> Row:
    """How long a small request takes while images are computed and the whole history is read."""
    async with httpx.AsyncClient(base_url=url, headers=HEADERS, timeout=120) as http:
        for _ in range(4):
            graph = _graph(random.getrandbits(32), 2048)
            (await http.post("/api/prompt", json={"prompt": graph})).raise_for_status()

        async def busy() -> None:
            advancing = asyncio.create_task(http.post("/_emulator/time", json={"advance": 600}))
            (await http.get("/api/history_v2")).raise_for_status()
            (await advancing).raise_for_status()

        # The client runs in a separate process, so that its own event loop is not measured.
        work = await asyncio.to_thread(_timed_process, url)
        await asyncio.to_thread(work.stdout.readline)
        await busy()
        out, _ = await asyncio.to_thread(work.communicate, "\n")
    waits = sorted(json.loads(out))
    late = waits[int(len(waits) * 0.99)]
    note = (
        f"{late:.1f} ms; middle {statistics.median(waits):.1f} ms, longest {waits[-1]:.1f} ms of {len(waits)}"
    )
    return Row("99 of 100 waits while it computes", f"{WAIT_MS:.0f} ms", late / WAIT_MS, 1.0, note)


def _timed_process(url: str) -> Any:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.emulator_load", "wait", url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def upload_memory() -> Row:
    """By how much the server grows during the upload of a larger asset."""
    with running_emulator("peak") as output:
        url = output.split()[0]
        boundary = "benchmark"
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="large.safetensors"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()
        chunk = bytes(1 << 20)

        def content() -> Iterator[bytes]:
            yield head
            for _ in range(UPLOAD_MB):
                yield chunk
            yield tail

        headers = HEADERS | {
            "content-type": f"multipart/form-data; boundary={boundary}",
            "content-length": str(len(head) + len(tail) + UPLOAD_MB * len(chunk)),
        }
        with httpx.Client(base_url=url, headers=HEADERS, timeout=120) as http:
            http.get("/api/features").raise_for_status()
            before = float(http.get("/api/userdata/peak").text)
            begin = time.perf_counter()
            http.post("/api/assets", content=content(), headers=headers).raise_for_status()
            seconds = time.perf_counter() - begin
            grown = float(http.get("/api/userdata/peak").text) - before
    note = f"{grown:.0f} MB, {seconds:.1f} s; without data="
    return Row(f"memory for an asset of {UPLOAD_MB} MB", f"{GROWTH_MB:.0f} MB", grown / GROWTH_MB, 1.0, note)


def _graph(seed: int, size: int) -> dict[str, Any]:
    from comfy_cloud_emulator.seeds import graphs

    graph = graphs.text_to_image(random.Random(seed))
    for node in graph.values():
        if node["class_type"] == "KSampler":
            node["inputs"]["seed"] = seed
        if node["class_type"] == "EmptyLatentImage":
            node["inputs"] |= {"width": size, "height": size}
    return graph


# The other processes


def serve(*, has_jobs: bool) -> None:
    from comfy_cloud_emulator import Emulator

    seed_data: Any = ("bench", JOBS) if has_jobs else None
    with Emulator(key=KEY, seed_data=seed_data, tier="pro") as emulator:
        if has_jobs:
            _add_assets(emulator)
        else:
            _expose_peak(emulator)
        print(emulator.url, flush=True)
        sys.stdin.read()  # until the other side closes it


def _expose_peak(emulator: Any) -> None:
    """Make the file `peak` read as the peak memory of this process, in MB."""
    from .memory import peak_of_process

    read = emulator.store.userdata.read

    def peak(path: str) -> bytes | None:
        if path != "peak":
            return read(path)  # type: ignore[no-any-return]
        return str(peak_of_process() / 1024**2).encode()

    emulator.store.userdata.read = peak


def _add_assets(emulator: Any) -> None:
    from blake3 import blake3

    from comfy_cloud_emulator.state.assets.asset_store import Asset

    def asset(number: int) -> Asset:
        digest = blake3(str(number).encode()).hexdigest()
        return Asset(
            id=str(uuid.UUID(digest[:32], version=4)),
            name=f"picture {number}.png",
            digest=digest,
            filename=f"{digest}.png",
            size=number * 7919 % 100_000,
            mime_type="image/png",
            tags=("output", f"tag{number % 50}"),
            user_metadata={"project": f"p{number % 20}", "number": number},
            created_at=1_700_000_000_000 + number,
            updated_at=1_700_000_000_000 + number * 7919 % 100_000,
            last_access_time=1_700_000_000_000 + number * 104_729 % 100_000,
        )

    emulator.store.assets.add_all(map(asset, range(JOBS)))


def wait(url: str) -> None:
    """Send small requests until a line arrives; print how long each took, in milliseconds."""
    import threading

    ended = threading.Event()

    def watch() -> None:
        sys.stdin.readline()
        ended.set()

    threading.Thread(target=watch, daemon=True).start()
    waits = []
    with httpx.Client(base_url=url, headers=HEADERS, timeout=60) as http:
        http.get("/api/features").raise_for_status()
        print("ready", flush=True)
        while not ended.is_set():
            begin = time.perf_counter()
            http.get("/api/features").raise_for_status()
            waits.append((time.perf_counter() - begin) * 1000)
            time.sleep(0.002)
    print(json.dumps(waits))


if __name__ == "__main__":
    if sys.argv[1:2] == ["wait"]:
        wait(sys.argv[2])
    else:
        serve(has_jobs=sys.argv[1:] != ["peak"])
