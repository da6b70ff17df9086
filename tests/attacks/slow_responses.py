"""Servers that never get a response done, against every call that has a time limit.

Each call has to raise an error of the library soon after its own timeout, or after the limit of a
single request. `python -m tests.attacks.slow_responses` tries every combination.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, get_args
from unittest import mock

from comfy_cloud import (
    AsyncComfyCloud,
    ComfyCloud,
    ConnectionFailed,
    RequestTimeout,
    SubmissionUncertain,
    WaitTimeout,
)
from tests.attacks.garbled_http import TRANSPORTS, Report
from tests.attacks.slow_server import JOB, Kind, slow_server

KINDS: Sequence[Kind] = get_args(Kind)
KEY = "sk-Zq9x77vAbC12345678"
# The timeout of each call, and the timeout of the client for a call without one.
SECONDS = 0.3
SILENCE = 0.05
# A busy machine is slow. Without a limit, a call takes the client's thirty seconds or longer.
LONGEST = 6.0
_GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
}

_GRAPH_WITH_FILE = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
}


async def _map(cloud: AsyncComfyCloud) -> None:
    async for result in cloud.map(_GRAPH, [None], concurrency=1, timeout=SECONDS, detach=True):
        if result.error is not None:
            raise result.error


async def _events(cloud: AsyncComfyCloud) -> None:
    job = await cloud.submit(_GRAPH)
    async for _ in job.events(timeout=SECONDS):
        pass


async def _wait_with_events(cloud: AsyncComfyCloud) -> None:
    job = await cloud.submit(_GRAPH)
    await job.wait(SECONDS, lambda event: None)


async def _read(cloud: AsyncComfyCloud) -> None:
    async with cloud.files.open("a.png") as content:
        await content.read()


CALLS: dict[str, Callable[[AsyncComfyCloud], Awaitable[Any]]] = {
    "jobs.wait": lambda cloud: cloud.jobs.wait(JOB, JOB, timeout=SECONDS),
    "tasks.wait": lambda cloud: cloud.tasks.wait(JOB, timeout=SECONDS),
    "import_url": lambda cloud: cloud.assets.import_url("http://a.example/b", tags=["a"], timeout=SECONDS),
    "job.events": _events,
    "job.wait": _wait_with_events,
    "map": _map,
    "run": lambda cloud: cloud.run(_GRAPH, timeout=SECONDS),
    "run with an upload": lambda cloud: cloud.run(_GRAPH_WITH_FILE, {"1.image": __file__}, timeout=SECONDS),
    "one request": lambda cloud: cloud.jobs.list(),
    "one upload": lambda cloud: cloud.files.upload_image(b"content", name="a.png"),
    "one file": _read,
    "one stored file": _read,
}
# These need a job first, so a server that accepts one.
_AFTER_SUBMITTING = ("job.events", "job.wait", "map")
_WITHOUT_TIMEOUT = ("one request", "one upload", "one file", "one stored file")
# The content of a file may take any time, as long as it keeps coming.
_SKIPPED = {
    *(
        (kind, call)
        for kind in ("no TLS", "no connection")
        for call in (*_AFTER_SUBMITTING, "one stored file")
    ),
    *(("slow body", call) for call in ("one file", "one stored file")),
}


def _sync_calls() -> dict[str, Callable[[ComfyCloud], Any]]:
    def events(cloud: ComfyCloud) -> None:
        for _ in cloud.submit(_GRAPH).events(timeout=SECONDS):
            pass

    def run_map(cloud: ComfyCloud) -> None:
        for result in cloud.map(_GRAPH, [None], concurrency=1, timeout=SECONDS, detach=True):
            if result.error is not None:
                raise result.error

    def read(cloud: ComfyCloud) -> None:
        with cloud.files.open("a.png") as content:
            content.read()

    return {
        "jobs.wait": lambda cloud: cloud.jobs.wait(JOB, JOB, timeout=SECONDS),
        "tasks.wait": lambda cloud: cloud.tasks.wait(JOB, timeout=SECONDS),
        "import_url": lambda cloud: cloud.assets.import_url(
            "http://a.example/b", tags=["a"], timeout=SECONDS
        ),
        "job.events": events,
        "job.wait": lambda cloud: cloud.submit(_GRAPH).wait(SECONDS, lambda event: None),
        "map": run_map,
        "run": lambda cloud: cloud.run(_GRAPH, timeout=SECONDS),
        "run with an upload": lambda cloud: cloud.run(
            _GRAPH_WITH_FILE, {"1.image": __file__}, timeout=SECONDS
        ),
        "one request": lambda cloud: cloud.jobs.list(),
        "one upload": lambda cloud: cloud.files.upload_image(b"content", name="a.png"),
        "one file": read,
        "one stored file": read,
    }


def attack(
    kinds: Sequence[Kind] = KINDS,
    calls: Sequence[str] = tuple(CALLS),
    transports: Sequence[str] = TRANSPORTS,
) -> Report:
    """Try every combination."""
    report = Report()
    for kind in kinds:
        for call in calls:
            if (kind, call) in _SKIPPED:
                continue
            for transport in transports:
                report.tries += 1
                problem = _try(kind, call, transport)
                if problem:
                    report.failures.append(f"{kind}, {call}, {transport}: {problem}")
    return report


def _try(kind: Kind, call: str, transport: str) -> str:
    expected: tuple[type[Exception], ...] = (WaitTimeout,)
    options: dict[str, Any] = {"api_key": KEY}
    if call == "run":
        expected = (WaitTimeout, SubmissionUncertain)  # by whether it can have been sent
    if call == "run with an upload":
        # After a HEAD request the bytes of a slow body are garbage in front of the next response.
        expected = (WaitTimeout, ConnectionFailed)
    if call in _WITHOUT_TIMEOUT:
        expected = (RequestTimeout,)
        options |= {"timeout": SILENCE, "retry": 1}
    with (
        slow_server(
            kind, accepts_jobs=call in _AFTER_SUBMITTING, redirects=call == "one stored file"
        ) as server,
        mock.patch("comfy_cloud._http.deadlines.LAST_REQUEST_SECONDS", 0.1),
    ):
        options["base_url"] = server.url
        began = time.monotonic()
        try:
            if transport == "sync":
                with ComfyCloud(**options) as cloud:
                    _sync_calls()[call](cloud)
            else:
                has_aiohttp = transport == "aiohttp"
                with mock.patch("comfy_cloud._http.clients.has_aiohttp", return_value=has_aiohttp):
                    asyncio.run(_async_call(call, options))
        except Exception as error:  # noqa: BLE001 - whatever is raised is judged here
            if not isinstance(error, expected):
                return f"raised {type(error).__name__}: {error}"
        else:
            return "raised nothing"
        seconds = time.monotonic() - began
    return f"took {seconds:.1f} s" if seconds > LONGEST else ""


async def _async_call(call: str, options: dict[str, Any]) -> None:
    async with AsyncComfyCloud(**options) as cloud:
        await CALLS[call](cloud)


def main() -> int:
    """The full product; prints a row for each kind and what did not hold."""
    failures = 0
    for kind in KINDS:
        report = attack([kind])
        print(f"slow responses, {kind} | {report.tries} | {report.held}")
        for line in report.failures:
            print(f"  {line}")
        failures += len(report.failures)
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
