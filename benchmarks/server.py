"""The server side of a benchmark, in a process of its own: `python -m benchmarks.server ENTRIES` prints its URL and waits."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

KEY = "comfyui-bench-key"


def running(entries: int) -> AbstractContextManager[str]:
    """The URL of an emulator with that many history entries of about 3 KB."""
    return module_running("benchmarks.server", str(entries))


@contextmanager
def module_running(module: str, *words: str) -> Iterator[str]:
    """The first line that a module prints, which then runs in a process of its own until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def main() -> None:
    from comfy_cloud_emulator import Emulator

    with Emulator(key=KEY, seed_data=("bench", int(sys.argv[1]))) as emulator:
        print(emulator.url, flush=True)
        sys.stdin.read()  # until the other side closes it


if __name__ == "__main__":
    main()
