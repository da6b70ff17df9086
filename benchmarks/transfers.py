"""File transfers against bare httpx: one large file down and up, its hash, and many small files.

Each side of a large transfer runs in a separate process, which reports its time and its peak memory
beyond its imports. The first, small transfer of a process is not timed. The many small files have
latency. BENCH_MIB sets the size of the large file; the default is 1,024 MiB.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .bulk_server import serving
from .measurement import Row, middle, ratio
from .memory import Memory

MIB = int(os.environ.get("BENCH_MIB") or 1024)
ROUNDS = 5
MEMORY_BUDGET = 40  # MB above the memory after imports
FILES, LATENCY = 300, 0.02
KEY = "comfyui-bench-key"
SMALL = "small.bin"


def rows() -> Iterator[Row]:
    """The rows of this file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / SMALL).write_bytes(b"small")
        large = make_file(folder)
        with serving(folder) as addresses:
            for way, word in (("down", "download"), ("up", "upload")):
                for kind in ("sync", "async", "async, `fast`"):
                    yield from transfer_rows(f"{MIB} MiB {word}, {kind}", way, kind, addresses, large)
        yield Row(f"hashing {MIB} MiB", "blake3 mmap, threads", hashing(large), 0.9, higher_is_better=True)
        large.unlink()
        yield many(folder)


def make_file(folder: Path) -> Path:
    """A large file named by its hash, so that downloads are verified, as they are by default."""
    from comfy_cloud.hashing import hash_file

    block = os.urandom(1024 * 1024)
    path = folder / "new"
    with path.open("w+b") as file:
        for number in range(MIB):
            file.write(number.to_bytes(8, "big") + block[8:])
        file.flush()
        digest = hash_file(file)
    return path.rename(folder / f"{digest}.bin")


def transfer_rows(work: str, way: str, kind: str, addresses: tuple[str, str], large: Path) -> Iterator[Row]:
    """The rows for the speed and the memory of a large transfer."""
    bare_kind = kind.partition(",")[0]
    found, peaks = [], []
    for _ in range(ROUNDS):
        taken, peak = side(f"ours {way} {kind}", addresses, large)
        found.append(side(f"bare {way} {bare_kind}", addresses, large)[0] / taken)
        peaks.append(peak)
    against = "httpx iter_raw to disk" if way == "down" else "httpx, a file handle"
    speed = f"{MIB / 1024 / taken:.2f} GiB/s"
    yield Row(work, against, middle(found), 0.9, speed, higher_is_better=True)
    peak = statistics.median(peaks)
    yield Row(
        "  its memory over import",
        f"{MEMORY_BUDGET} MB",
        peak / MEMORY_BUDGET / 1e6,
        1.0,
        f"{peak / 1e6:.0f} MB",
    )


def side(name: str, addresses: tuple[str, str], large: Path) -> tuple[float, float]:
    """Seconds, and peak bytes above the imports, of one transfer in a new process."""
    command = [sys.executable, "-m", "benchmarks.transfers", name, *addresses, str(large)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    taken, peak = json.loads(done.stdout)
    return taken, peak


def hashing(path: Path) -> float:
    """The speed of hashing an open file, against blake3 with memory mapping and threads."""
    from blake3 import blake3

    from comfy_cloud.hashing import hash_file

    def ours() -> None:
        with path.open("rb") as file:
            hash_file(file)

    def bare() -> None:
        hasher = blake3(max_threads=blake3.AUTO)
        hasher.update_mmap(path)
        hasher.digest()

    return 1 / ratio(ours, bare, rounds=9)


def many(folder: Path) -> Row:
    """Many small files concurrently, against the same files one at a time."""
    from comfy_cloud import ComfyCloud
    from comfy_cloud._jobs.outputs import Output
    from comfy_cloud.hashing import hash_bytes

    outputs = []
    for _ in range(FILES):
        content = os.urandom(1_000_000)
        name = f"{hash_bytes(content)}.png"
        (folder / name).write_bytes(content)
        outputs.append(Output({"filename": name}))
    found = []
    with serving(folder, LATENCY) as (api, _), ComfyCloud(api_key=KEY, base_url=api) as cloud:
        for turn in range(2):
            begun = time.perf_counter()
            for output in outputs:
                cloud.files.download(output, f"{folder}/one{turn}/")
            between = time.perf_counter()
            cloud.files.download_all(outputs, folder / f"many{turn}")
            found.append((between - begun) / (time.perf_counter() - between))
    note = f"{LATENCY * 1000:.0f} ms latency, 8 to 32 at a time"
    return Row(
        f"{FILES} files of 1 MB",
        "one after the other",
        middle(found),
        8.0,
        note,
        higher_is_better=True,
    )


# Run in a separate process


def bare_client(api: str, storage: str, source: Path, destination: Path) -> dict[str, Callable[[], object]]:
    """The transfers written with httpx alone."""
    import httpx

    def down(name: str = source.name, to: Path = destination) -> None:
        with httpx.Client() as http, http.stream("GET", f"{storage}/files/{name}") as response:
            with to.open("wb") as file:
                for chunk in response.iter_raw():
                    file.write(chunk)

    async def async_down(name: str = source.name, to: Path = destination) -> None:
        async with httpx.AsyncClient() as http, http.stream("GET", f"{storage}/files/{name}") as response:
            with to.open("wb") as file:
                async for chunk in response.aiter_raw():
                    file.write(chunk)

    def up(path: Path = source) -> None:
        with httpx.Client(timeout=60) as http, path.open("rb") as file:
            http.post(f"{api}/api/assets", files={"file": file}).raise_for_status()

    async def async_up(path: Path = source) -> None:
        async with httpx.AsyncClient(timeout=60) as http:
            with path.open("rb") as file:
                (await http.post(f"{api}/api/assets", files={"file": file})).raise_for_status()

    return {"down": down, "async down": async_down, "up": up, "async up": async_up}


def our_client(api: str, source: Path, destination: Path) -> dict[str, Callable[..., object]]:
    """The same with this library and its defaults: hashed, verified, to a temporary file first."""
    from comfy_cloud import AsyncComfyCloud, ComfyCloud

    def down(name: str = source.name, to: Path = destination) -> None:
        with ComfyCloud(api_key=KEY, base_url=api) as cloud:
            cloud.files.download(name, to)

    async def async_down(name: str = source.name, to: Path = destination) -> None:
        async with AsyncComfyCloud(api_key=KEY, base_url=api) as cloud:
            await cloud.files.download(name, to)

    def up(path: Path = source) -> None:
        with ComfyCloud(api_key=KEY, base_url=api) as cloud:
            cloud.assets.upload(path)

    async def async_up(path: Path = source) -> None:
        async with AsyncComfyCloud(api_key=KEY, base_url=api) as cloud:
            await cloud.assets.upload(path)

    return {"down": down, "async down": async_down, "up": up, "async up": async_up}


def main(name: str, api: str, storage: str, path: str) -> None:
    side, way, kind = name.split(" ", 2)
    from comfy_cloud._http import clients as http_clients

    has_aiohttp = "fast" in kind
    http_clients.has_aiohttp = lambda: has_aiohttp
    source = Path(path)
    destination, small = source.with_name("copy.bin"), source.with_name("small-copy.bin")
    ours = side == "ours"
    functions: dict[str, Any] = (
        our_client(api, source, destination) if ours else bare_client(api, storage, source, destination)
    )
    memory = Memory()  # after the imports

    def call(*arguments: Any) -> None:
        if kind == "sync":
            functions[way](*arguments)
        else:
            asyncio.run(functions[f"async {way}"](*arguments))

    call(*([SMALL, small] if way == "down" else [source.with_name(SMALL)]))
    begun = time.perf_counter()
    call()
    taken = time.perf_counter() - begun
    for made in (destination, small):
        made.unlink(missing_ok=True)
    print(json.dumps([taken, memory.peak()]))


if __name__ == "__main__":
    main(*sys.argv[1:])
