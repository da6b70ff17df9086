"""A large file from a storage that paces each connection: ours against one stream.

One stream is bare httpx, which can be no faster than a connection, so the time for that is computed
from a part of the file. Each of our transfers runs in a process of its own. BENCH_RANGED_MIB sets
the size; the default is 1,024 MiB.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from .measurement import Row
from .paced_storage import paced
from .transfers import MEMORY_BUDGET, SMALL, side

MIB = int(os.environ.get("BENCH_RANGED_MIB", "1024"))
SPEED, LATENCY = 40e6, 0.02
SAMPLE = 64
ROUNDS = 3


def rows() -> Iterator[Row]:
    """The rows of this file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / SMALL).write_bytes(b"small")
        large = sparse_file(folder)
        with paced(folder, SPEED, LATENCY) as addresses:
            one_stream = stream_seconds(f"{addresses[1]}/files/{large.name}") * MIB / SAMPLE
            for kind in ("sync", "async"):
                found = [side(f"ours down {kind}", addresses, large) for _ in range(ROUNDS)]
                taken = statistics.median(seconds for seconds, _ in found)
                peak = statistics.median(peak for _, peak in found)
                note = f"{MIB * 1.048576 / taken:.0f} MB/s from 40 MB/s to a connection, 20 ms"
                yield Row(
                    f"{MIB} MiB in parts, {kind}",
                    "httpx, one stream",
                    one_stream / taken,
                    5.0,
                    note,
                    higher_is_better=True,
                )
                yield Row(
                    "  its memory over import",
                    f"{MEMORY_BUDGET} MB",
                    peak / MEMORY_BUDGET / 1e6,
                    1.0,
                    f"{peak / 1e6:.0f} MB",
                )


def sparse_file(folder: Path) -> Path:
    """A large file without blocks on the disk, named by its hash."""
    from comfy_cloud.hashing import hash_file

    path = folder / "new"
    with path.open("w+b") as file:
        file.truncate(MIB * 1024 * 1024)
        digest = hash_file(file)
    return path.rename(folder / f"{digest}.bin")


def stream_seconds(url: str) -> float:
    """Seconds that bare httpx takes for a sample of the file."""
    begun = time.perf_counter()
    with httpx.stream("GET", url, headers={"Range": f"bytes=0-{SAMPLE * 1024 * 1024 - 1}"}) as response:
        for _ in response.iter_raw():
            pass
    return time.perf_counter() - begun
