"""Sweeps over Dask, Ray, Prefect and Celery while their workers are killed: nothing runs twice.

    python -m tests.live.engines_check dask [--variants 40] [--kills 12] [--seed 1]

Runs a sweep of `examples/engines` against an emulator, with Debian's redis-server as the store of
idempotency keys (and the broker of Celery), on loopback. Worker processes are killed at random, and
submissions meet faults. In the end it counts at the emulator: each variant was accepted once and
ran once. Not part of the two commands; `make engines-dask` and its neighbours run it.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil

from comfy_cloud_emulator import Emulator, Fault

ENGINES = ("dask", "ray", "prefect", "celery")
EXAMPLES = Path(__file__).parents[2] / "examples/engines"
# What the command lines of the processes that may be killed contain.
WORKERS = {
    "dask": ("multiprocessing.spawn", "spawn_main"),
    "ray": ("ray::run_variant",),
    "prefect": ("variant.py",),
    "celery": ("celery_sweep",),
}
# Seconds after which a worker may be killed: engines give up where workers never start.
AGE = {"dask": 6.0, "ray": 1.0, "prefect": 1.0, "celery": 2.0}
LIMIT = 900.0
JOB_ID = re.compile(r"[0-9a-f-]{36}")


def main(arguments: list[str] | None = None) -> int:
    """Run one check; 0 when every variant ran exactly once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("--variants", type=int, default=40)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    return check(given.engine, given.variants, given.kills, random.Random(given.seed))


def check(engine: str, variants: int, kills: int, chance: random.Random) -> int:
    """Run the sweep of an engine while its workers are killed."""
    emulator = Emulator(tier="pro", speed=0.4)  # a job takes more than a second
    with emulator, _redis() as port, tempfile.TemporaryDirectory() as folder:
        for number in range(variants):
            if number % 5 == 2:
                then = chance.choice(["status", "reset"])
                emulator.faults.add(Fault("accepted_then", then=then, after=number))
            elif number % 5 == 4:
                emulator.faults.add(Fault.reset(method="POST", path="/api/prompt", after=number))
        environment = {
            **os.environ,
            "COMFY_CLOUD_API_KEY": emulator.key,
            "COMFY_CLOUD_BASE_URL": emulator.url,
            "COMFY_CLOUD_TIMEOUT": "5",
            "COMFY_CLOUD_IDEMPOTENCY_STORE": f"redis://127.0.0.1:{port}/0",
            "CELERY_REDIS": f"redis://127.0.0.1:{port}/1",
            "PREFECT_HOME": folder,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_AUTH_MODE": "disabled",  # on loopback; it would write a token into the home folder
            "RAY_raylet_start_wait_time_s": "300",
            "PYTHONPATH": str(EXAMPLES),
        }
        began = time.monotonic()
        killed, output = _run(engine, variants, kills, chance, environment, folder, emulator)
        seconds = time.monotonic() - began
        shown = _secret_found(emulator.key, port)
        counts = Counter(each.graph["1"]["inputs"]["color"] for each in emulator.submissions)
        executed = [emulator.jobs.executed(each.prompt_id) for each in emulator.submissions]
        posts = sum(each.method == "POST" and each.path == "/api/prompt" for each in emulator.requests)
    doubles = sum(count > 1 for count in counts.values())
    missing = variants - len(counts)
    print(
        f"{engine}: {variants} variants, {killed} workers killed, {posts} submissions sent, "
        f"{len(output)} results, {doubles} doubled, {missing} missing, {seconds:.0f} s"
    )
    is_whole = len(set(output)) == variants and executed == [1] * variants
    if doubles or missing or not is_whole or shown:
        print(f"error: not every variant ran exactly once, or the key is in the Redis ({shown})")
        return 1
    return 0


def _run(
    engine: str,
    variants: int,
    kills: int,
    chance: random.Random,
    environment: dict[str, str],
    folder: str,
    emulator: Emulator,
) -> tuple[int, list[str]]:
    """Run the example; the number of workers that were killed, and the ids that it printed."""
    log = Path(folder) / "log"
    helpers: list[subprocess.Popen[bytes]] = []
    with log.open("wb") as errors:
        if engine == "celery":
            helpers.append(_celery_worker(environment, errors))
        program = subprocess.Popen(
            [sys.executable, str(EXAMPLES / f"{engine}_sweep.py"), f"check-{chance.random()}", str(variants)],
            env=environment, stdout=subprocess.PIPE, stderr=errors,
        )  # fmt: skip
        roots = helpers if engine == "celery" else [program]
        is_over = threading.Event()
        killed = [0]
        killer = threading.Thread(
            target=_kill_workers, args=(engine, roots, kills, chance, is_over, killed, emulator), daemon=True
        )
        killer.start()
        try:
            output = _output_of(program, helpers, environment, errors)
        finally:
            is_over.set()
            killer.join()
            for each in (*helpers, program):
                _end(each)
    if program.returncode:
        print(log.read_text(errors="replace")[-4000:])
    # Ray writes its own messages there, too.
    return killed[0], [line for line in output.decode().splitlines() if JOB_ID.fullmatch(line)]


def _celery_worker(environment: dict[str, str], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    worker = [sys.executable, "-m", "celery", "--app", "celery_sweep", "worker", "--concurrency", "4"]
    return subprocess.Popen(worker, cwd=EXAMPLES, env=environment, stdout=errors, stderr=errors)


def _output_of(
    program: subprocess.Popen[bytes],
    helpers: list[subprocess.Popen[bytes]],
    environment: dict[str, str],
    errors: IO[bytes],
) -> bytes:
    """What a program prints until its end. Workers of Celery that gave up are started again."""
    ends = time.monotonic() + LIMIT
    while time.monotonic() < ends:
        try:
            return program.communicate(timeout=1)[0]
        except subprocess.TimeoutExpired:
            for number, helper in enumerate(helpers):
                if helper.poll() is not None:
                    helpers[number] = _celery_worker(environment, errors)
    raise SystemExit(f"error: the sweep has not ended within {LIMIT:g} s")


def _kill_workers(
    engine: str,
    roots: list[subprocess.Popen[bytes]],
    kills: int,
    chance: random.Random,
    is_over: threading.Event,
    killed: list[int],
    emulator: Emulator,
) -> None:
    """Kill one worker process after the other, each some time after the one before."""
    while not emulator.submissions and not is_over.wait(0.1):
        pass  # until the workers are there
    while killed[0] < kills and not is_over.wait(chance.uniform(0.2, 1.5)):
        workers = _workers(engine, roots)
        if workers:
            try:
                chance.choice(workers).send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
            killed[0] += 1


def _workers(engine: str, roots: list[subprocess.Popen[bytes]]) -> list[psutil.Process]:
    """The worker processes below the programs that this check has started."""
    found: list[psutil.Process] = []
    for root in roots:
        try:
            children = psutil.Process(root.pid).children(recursive=True)
        except psutil.Error:
            continue
        for child in children:
            with suppress(psutil.Error):
                is_worker = any(word in " ".join(child.cmdline()) for word in WORKERS[engine])
                if is_worker and time.time() - child.create_time() > AGE[engine]:
                    found.append(child)
    return found


def _end(program: subprocess.Popen[bytes]) -> None:
    """End a program and what it has started."""
    try:
        children = psutil.Process(program.pid).children(recursive=True)
    except psutil.Error:
        children = []
    program.terminate()
    try:
        program.wait(20)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()
    for child in children:
        try:
            child.kill()
        except psutil.Error:
            continue


def _secret_found(key: str, port: int) -> str:
    """The first entry of the Redis that contains the API key, or nothing."""
    import redis

    for number in (0, 1):
        with redis.Redis(port=port, db=number) as client:
            for name in client.scan_iter():
                content = client.dump(name) or b""
                if key.encode() in bytes(name) + content:
                    return str(name)
    return ""


@contextmanager
def _redis() -> Iterator[int]:
    """A Redis of its own on loopback; its port."""
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("error: redis-server is missing; run: apt-get install redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
        server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()
            server.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("error: the Redis does not start")


if __name__ == "__main__":
    sys.exit(main())
