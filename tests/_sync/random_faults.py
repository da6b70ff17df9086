# Made from tests/_async/random_faults.py by `make unasync`. Do not edit.
"""Random faults for submissions and reads, reproducible by seed."""

from __future__ import annotations

from random import Random

from comfy_cloud_emulator import Emulator, Fault

READS = ["/api/jobs", "/api/jobs/*", "/api/queue", "/api/history_v2", "/api/history_v2/*"]
FULL = {"error": {"type": "QUEUE_LIMIT", "message": "full"}}


def submission_faults(random: Random, among: int) -> list[Fault]:
    """Faults for some of `among` submissions."""
    faults: list[Fault] = []
    for _ in range(random.randrange(1, 3 + among // 4)):
        after = random.randrange(among)
        lag = random.choice([0.0, 0.0, random.uniform(0, 14)])
        match random.randrange(7):
            case 0 | 1:
                status = random.choice([500, 502, 503, 504, 520, 408])
                faults.append(Fault.accepted_then(status, lag_seconds=lag, after=after))
            case 2:
                faults.append(Fault("accepted_then", then="reset", lag_seconds=lag, after=after))
            case 3:
                body = random.choice(["<html>welcome</html>", {"number": 1}, b'{"prompt_id": "5f'])
                faults.append(Fault("accepted_then", status=200, body=body, lag_seconds=lag, after=after))
            case 4:
                faults.append(Fault("refused", status=random.choice([500, 502, 503, 504]), after=after))
            case 5:
                faults.append(Fault.reset(method="POST", path="/api/prompt", after=after))
            case _:
                times = random.randrange(1, 4)
                faults.append(
                    Fault.status_burst(429, times, method="POST", path="/api/prompt", body=FULL, after=after)
                )
    return faults


def read_faults(random: Random, among: int) -> list[Fault]:
    """Faults for some of `among` reads; each of them passes."""
    faults: list[Fault] = []
    for _ in range(random.randrange(1 + among // 6)):
        path = random.choice(READS)
        where = {
            "method": "GET",
            "path": path,
            "after": random.randrange(among),
            "times": random.randrange(1, 9),
        }
        match random.randrange(5):
            case 0 | 1:
                faults.append(Fault.status_burst(random.choice([500, 502, 503, 504]), **where))
            case 2:
                faults.append(Fault.reset(**where))
            case 3:
                faults.append(Fault.html(**where))
            case _:
                faults.append(Fault.cut(at_bytes=random.randrange(40), **where))
    return faults


def add_random_faults(emulator: Emulator, random: Random, among: int) -> None:
    """Add faults for `among` submissions and the reads that follow them."""
    faults = [*submission_faults(random, among), *read_faults(random, among * 3)]
    random.shuffle(faults)
    emulator.faults.add(*faults)
