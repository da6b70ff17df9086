"""Many keys, each used by several processes that are killed while the service fails: one job each.

    python -m tests.live.idempotency_runs [--runs 1000] [--seed 1] [--store redis://localhost/0]

Each run is one key: three processes submit with it at the same time. Most of them are killed at a
random moment, and started again, as an engine does. Submissions are lost after they were accepted
(statuses, resets, silence, garbage), refused or reset before that, lists lag and fail. In the end
it counts what the emulator accepted and executed. Not part of the two commands; `make
idempotency-runs` runs it.

So that a thousand runs take minutes, the seconds of the search are divided by twenty.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from comfy_cloud import ComfyCloud, ComfyCloudError, IdempotencyStore, Retry, SQLiteIdempotencyStore
from comfy_cloud._submission import reconciliation
from comfy_cloud._sync._submission import key_use
from comfy_cloud_emulator import Emulator, Fault
from tests._async.clients import image_graph

FASTER = 20.0
CALLERS = 3
AT_ONCE = 6
MOST_STARTS = 25
SPEED = 20.0


def main(arguments: list[str] | None = None) -> int:
    """Run them all; 0 when no key became two jobs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", help="the URL of a Redis; by default a file")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        # Forked before there is a thread: it starts the callers.
        starter = _Starter()
        try:
            return check(given.runs, given.seed, given.store or folder, starter)
        finally:
            starter.close()


def check(runs: int, seed: int, store: str, starter: _Starter) -> int:
    """Use `runs` keys, several at a time, and count the jobs."""
    began = time.monotonic()
    totals: Counter[str] = Counter()
    problems: list[str] = []
    with Emulator(tier="pro", speed=SPEED) as emulator:

        def one(number: int) -> tuple[set[str], Counter[str]]:
            chance = random.Random(f"{seed} {number}")
            emulator.faults.add(*_faults(chance))
            return _run_key(number, chance, emulator, store, starter)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for number, (jobs, counts) in enumerate(pool.map(one, range(runs))):
                totals += counts
                if len(jobs) != 1:
                    problems.append(f"run {number}: {len(jobs)} jobs were returned")
                if number % 50 == 49:
                    seen = Counter(each.graph["1"]["inputs"]["color"] for each in emulator.submissions)
                    doubled = sum(count > 1 for count in seen.values())
                    print(f"{number + 1} keys, {totals['killed']} killed, {doubled} doubled", flush=True)
        emulator.faults.clear()
        accepted = Counter(each.graph["1"]["inputs"]["color"] for each in emulator.submissions)
        with ComfyCloud(api_key=emulator.key, base_url=emulator.url) as cloud:
            for _ in range(200):
                if not cloud.queue.remaining():
                    break
                time.sleep(0.05)
        executed = Counter(emulator.jobs.executed(each.prompt_id) for each in emulator.submissions)
        posts = sum(each.method == "POST" and each.path == "/api/prompt" for each in emulator.requests)
    doubles = [number for number, count in accepted.items() if count > 1]
    problems += [f"run {number} became {accepted[number]} jobs" for number in doubles]
    problems += [f"run {number} became no job" for number in range(runs) if not accepted[number]]
    if set(executed) - {1}:
        problems.append(f"jobs were executed {dict(executed)} times")
    print(
        f"{runs} keys, {totals['started']} processes started, {totals['killed']} killed, "
        f"{posts} submissions sent, {sum(accepted.values())} jobs, {len(doubles)} doubled, "
        f"{time.monotonic() - began:.0f} s"
    )
    print("callers:", ", ".join(f"{name} {count}" for name, count in sorted(totals.items())))
    for problem in problems[:20]:
        print(f"error: {problem}")
    return 1 if problems else 0


def _faults(chance: random.Random) -> list[Fault]:
    """What goes wrong with one of the next submissions, and with some of the reads after it."""
    after, lag = chance.randrange(6), chance.choice([0.0, chance.uniform(0, 14) / FASTER * SPEED])
    match chance.randrange(8):
        case 0 | 1:
            faults = [Fault.accepted_then(chance.choice([500, 502, 504, 408]), lag_seconds=lag, after=after)]
        case 2:
            faults = [Fault("accepted_then", then="reset", lag_seconds=lag, after=after)]
        case 3:
            faults = [Fault("accepted_then", then="silence", lag_seconds=lag, after=after)]
        case 4:
            body = chance.choice(["<html>welcome</html>", b'{"prompt_id": "5f'])
            faults = [Fault("accepted_then", status=200, body=body, lag_seconds=lag, after=after)]
        case 5:
            faults = [Fault("refused", status=chance.choice([500, 502, 503]), after=after)]
        case 6:
            faults = [Fault.reset(method="POST", path="/api/prompt", after=after)]
        case _:
            faults = [Fault.lagging(seconds=max(lag, 0.1), after=after)]
    if chance.random() < 0.3:
        path = chance.choice(["/api/jobs", "/api/queue", "/api/history_v2"])
        faults.append(Fault.status_burst(503, chance.randrange(1, 5), method="GET", path=path))
    return faults


def _run_key(
    number: int, chance: random.Random, emulator: Emulator, store: str, starter: _Starter
) -> tuple[set[str], Counter[str]]:
    """Use one key until every caller has its job; the jobs, and what became of the callers."""
    jobs: set[str] = set()
    counts: Counter[str] = Counter()
    waiting = CALLERS
    for start in range(MOST_STARTS):
        callers: list[tuple[int, int, float | None]] = []
        for _ in range(waiting):
            pid, result = starter.start([store, emulator.url, emulator.key, number])
            counts["started"] += 1
            is_killed = start < 2 and chance.random() < 0.6
            end = chance.choice([0.1, 0.4, 1.2]) * chance.random() if is_killed else None
            callers.append((pid, result, None if end is None else time.monotonic() + end))
        for pid, result, end in sorted(callers, key=lambda each: each[2] or 1e12):
            outcome = _outcome(pid, result, end)
            name, _, job = outcome.partition(" ")
            counts[name] += 1
            if name == "job":
                jobs.add(job)
                waiting -= 1
        if not waiting:
            break
    return jobs, counts


def _outcome(pid: int, result: int, end: float | None) -> str:
    """What a caller has written, after it was killed at its time if it was still there."""
    import select

    with os.fdopen(result, "rb") as pipe:
        seconds = 120.0 if end is None else max(0.0, end - time.monotonic())
        readable, _, _ = select.select([pipe], [], [], seconds)
        if not readable:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(pid, signal.SIGKILL)
            return "killed" if not pipe.read() else "ended late"
        return pipe.read().decode() or "died"


class _Starter:
    """A process without threads, which forks the callers."""

    def __init__(self) -> None:
        self._lock = Lock()
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        self._folder = tempfile.mkdtemp()
        self._count = 0
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._commands)
            os.close(self._answers)
            _serve(commands, answers)
            os._exit(0)
        os.close(commands)
        os.close(answers)
        self._lines = os.fdopen(self._answers, "rb")

    def start(self, arguments: list[Any]) -> tuple[int, int]:
        """Start a caller; its process id, and the pipe with what becomes of it."""
        with self._lock:
            self._count += 1
            path = os.path.join(self._folder, str(self._count))
            os.mkfifo(path)
            os.write(self._commands, json.dumps([path, *arguments]).encode() + b"\n")
            pid = int(self._lines.readline())
        pipe = os.open(path, os.O_RDONLY)
        os.unlink(path)
        return pid, pipe

    def close(self) -> None:
        """End the process."""
        os.close(self._commands)
        os.waitpid(self._pid, 0)
        os.rmdir(self._folder)


def _serve(commands: int, answers: int) -> None:
    """Fork a caller for each line, until there are no more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _import_all()
    with os.fdopen(commands, "rb") as lines:
        for line in lines:
            pid = os.fork()
            if pid == 0:
                _call(json.loads(line))
                os._exit(0)
            os.write(answers, f"{pid}\n".encode())


def _import_all() -> None:
    """Import what a submission needs, so that each caller has it from the start."""
    with Emulator() as emulator, tempfile.TemporaryDirectory() as folder:
        with ComfyCloud(
            api_key=emulator.key, base_url=emulator.url, idempotency_store=_store(folder)
        ) as cloud:
            cloud.submit(image_graph(1), idempotency_key="first").refresh()
            cloud.submit(image_graph(1), idempotency_key="first")


def _call(arguments: list[Any]) -> None:
    """Submit with a key, in a process of its own, and write the job's id."""
    path, store, url, key, number = arguments
    _search_faster()
    pipe = os.open(path, os.O_WRONLY)
    try:
        with ComfyCloud(
            api_key=key, base_url=url, timeout=1.0, retry=Retry(attempts=3, budget=5, base=0.05),
            idempotency_store=_store(store),
        ) as cloud:  # fmt: skip
            outcome = f"job {cloud.submit(image_graph(number), idempotency_key=f'order-{number}').id}"
    except ComfyCloudError as error:
        outcome = type(error).__name__
    os.write(pipe, outcome.encode())


def _store(place: str) -> str | IdempotencyStore:
    if "://" in place:
        return place
    return SQLiteIdempotencyStore(Path(place) / "keys.sqlite", is_shared=True)


def _search_faster() -> None:
    names = ("settle", "patience", "outage")
    reconciliation.decide.__kwdefaults__.update(
        {name: reconciliation.decide.__kwdefaults__[name] / FASTER for name in names}
    )
    reconciliation._CHECK_TIMES = tuple(each / FASTER for each in reconciliation._CHECK_TIMES)
    key_use._LEASE_MARGIN = 1.0


if __name__ == "__main__":
    sys.exit(main())
