"""A sync in a process of its own, killed by SIGKILL at a random moment, again and again.

`python -m tests.mirror.killed_sync COUNT` kills so many, and fails if a job was lost or doubled.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from comfy_cloud import ComfyCloud
from comfy_cloud.mirror import Mirror
from comfy_cloud_emulator import Emulator

SYNC = """
import sys
from comfy_cloud import ComfyCloud
from comfy_cloud._sync._mirror import sync
sync._PAGE, sync._WRITTEN_AT_ONCE, sync._MOST_WAITING, sync._BATCH = 20, 60, 100, 8
with ComfyCloud(api_key=sys.argv[2], base_url=sys.argv[1]) as cloud, cloud.mirror(sys.argv[3]) as mirror:
    print("ready", flush=True)
    mirror.sync(full=True, wait=600)
    print("done", flush=True)
"""
_MOST_SECONDS = 0.6
_TABLES = ("outputs", "output_texts", "nodes", "inputs", "prompts", "models", "seeds", "sizes", "search")


def contents(path: Path) -> dict[str, Any]:
    """Every row that does not depend on when it was written."""
    with Mirror.open(path) as mirror, mirror.connect() as connection:
        found: dict[str, Any] = {
            table: sorted(repr(tuple(row)) for row in connection.exec_driver_sql(f"SELECT * FROM {table}"))
            for table in _TABLES
        }
        jobs = "SELECT id, status, created_ms, has_details, deleted_ms FROM jobs ORDER BY id"
        found["jobs"] = [tuple(row) for row in connection.exec_driver_sql(jobs)]
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    return found


def kill_and_compare(count: int, folder: Path, seed: int = 0) -> int:
    """Kill so many syncs, finish the last one, and compare it with one that nobody killed.

    Returns how many were killed before they had ended. A mirror that is complete is begun anew.
    """
    rng = random.Random(seed)
    killed = 0
    with Emulator(seed_data="demo") as emulator:
        with ComfyCloud(api_key=emulator.key, base_url=emulator.url) as cloud:
            with cloud.mirror(folder / "whole.sqlite") as mirror:
                mirror.sync()
            expected = contents(folder / "whole.sqlite")
            path = folder / "0.sqlite"
            for number in range(count):
                if _one_killed_sync(emulator, path, rng.uniform(0, _MOST_SECONDS)):
                    killed += 1
                    continue
                assert contents(path) == expected
                path = folder / f"{number + 1}.sqlite"
            with cloud.mirror(path) as mirror:
                mirror.sync(full=True)
            assert contents(path) == expected
    return killed


def _one_killed_sync(emulator: Emulator, path: Path, seconds: float) -> bool:
    command = [sys.executable, "-c", SYNC, emulator.url, emulator.key, str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    process.wait()
    with process.stdout as rest:
        return b"done" not in rest.read()


def main() -> None:
    """Kill as many as the first argument says."""
    count = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        killed = kill_and_compare(count, Path(folder))
    print(f"{killed} of {count} syncs were killed before their end; nothing was lost or doubled")


if __name__ == "__main__":
    main()
