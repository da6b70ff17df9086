"""Send every kind of malformed response to typical calls, over each transport, sync and async.

A call may succeed where the damage does no harm. Else it raises an exception of the library,
neither it nor its chain nor any log contains the key, and a submission is searched for.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from unittest import mock

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ComfyCloudError, Retry, SubmissionUncertain
from tests.attacks.garbled_responses import KEY, KINDS
from tests.clock import FakeTime
from tests.raw_server import RawServer, http_response, raw_server

CALLS = ("list", "submit", "download", "stored file")
TRANSPORTS = ("sync", "httpx", "aiohttp")
_GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
}
_LISTS = ("/api/queue", "/api/jobs", "/api/history_v2")
_PATHS = {"list": "/api/jobs", "submit": "/api/prompt", "download": "/api/view", "stored file": "/stored"}
_JSON = {"content_type": "application/json"}


@dataclass
class Report:
    """How many calls were tried, and what did not hold: one line each."""

    tries: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def held(self) -> int:
        return self.tries - len(self.failures)


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def _log() -> Iterator[list[str]]:
    root, records = logging.getLogger(), _Records()
    level = root.level
    root.addHandler(records)
    root.setLevel(logging.DEBUG)
    try:
        yield records.lines
    finally:
        root.removeHandler(records)
        root.setLevel(level)


def attack(
    kinds: Sequence[str] = tuple(KINDS),
    calls: Sequence[str] = CALLS,
    transports: Sequence[str] = TRANSPORTS,
    attempts: int = 2,
) -> Report:
    """Try every combination."""
    report = Report()
    with raw_server() as server, _log() as lines:
        for path in _LISTS:
            server.script(path, http_response(200, b"{}", **_JSON))
        server.script("/api/queue", http_response(200, b'{"queue_running":[],"queue_pending":[]}', **_JSON))
        for transport in transports:
            for kind in kinds:
                for call in calls:
                    _try(server, transport, kind, call, attempts, report, lines)
    return report


def _try(
    server: RawServer,
    transport: str,
    kind: str,
    call: str,
    attempts: int,
    report: Report,
    lines: list[str],
) -> None:
    server.requests.clear()
    lines.clear()
    report.tries += 1
    usual = dict(server._scripts)
    server.script("/api/view", http_response(302, location=f"{server.url}/stored"))
    server.script(_PATHS[call], KINDS[kind])
    error: Exception | None = None
    try:
        if transport == "sync":
            _sync_call(server, call, attempts)
        else:
            is_aiohttp = transport == "aiohttp"
            with mock.patch("comfy_cloud._http.clients.has_aiohttp", return_value=is_aiohttp):
                asyncio.run(_async_call(server, call, attempts))
    except Exception as raised:  # noqa: BLE001 - whatever is raised is judged below
        error = raised
    finally:
        server._scripts.clear()
        server._scripts.update(usual)
    problem = _problem(error, call, server, lines)
    if problem:
        report.failures.append(f"{transport}, {call}, {kind}: {problem}")


def _sync_call(server: RawServer, call: str, attempts: int) -> None:
    time = FakeTime(datetime.now(UTC))
    retry = Retry(attempts=attempts)
    with ComfyCloud(api_key=KEY, base_url=server.url, retry=retry, runtime=time.runtime()) as cloud:
        match call:
            case "list":
                cloud.jobs.list()
            case "submit":
                cloud.submit(_GRAPH)
            case _:
                with cloud.files.open("a.png") as content:
                    content.read()


async def _async_call(server: RawServer, call: str, attempts: int) -> None:
    time = FakeTime(datetime.now(UTC))
    retry = Retry(attempts=attempts)
    async with AsyncComfyCloud(
        api_key=KEY, base_url=server.url, retry=retry, runtime=time.async_runtime()
    ) as cloud:
        match call:
            case "list":
                await cloud.jobs.list()
            case "submit":
                await cloud.submit(_GRAPH)
            case _:
                async with cloud.files.open("a.png") as content:
                    await content.read()
    await asyncio.sleep(0)
    gc.collect(0)  # asyncio logs an exception that nobody retrieved when its future is collected


def _problem(error: Exception | None, call: str, server: RawServer, lines: list[str]) -> str:
    if error is not None and not isinstance(error, ComfyCloudError):
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"raised {type(error).__module__}.{type(error).__name__} in {where.filename}:{where.lineno}"
    for found in _chain(error):
        if KEY in f"{found!s} {found!r} {found.args!r} {vars(found)!r}":
            return f"{type(found).__module__}.{type(found).__name__} contains the key"
        if not isinstance(found, ComfyCloudError):
            return f"the chain holds {type(found).__module__}.{type(found).__name__}"
    for line in lines:
        if KEY in line:
            return f"the log contains the key: {line.partition(' ')[0]}"
    if call == "submit":
        return _problem_of_a_submission(error, server)
    return ""


def _problem_of_a_submission(error: Exception | None, server: RawServer) -> str:
    posts = [index for index, sent in enumerate(server.requests) if sent.method == "POST"]
    if error is None:
        return "" if len(posts) == 1 else f"was sent {len(posts)} times"
    status = getattr(error, "status", None)
    if status is not None and 300 <= status < 500:
        return ""  # the server refused it
    reads = [index for index, sent in enumerate(server.requests) if sent.target.startswith(_LISTS)]
    if not any(index > posts[0] for index in reads):
        return f"given up without a search: {type(error).__name__}"
    if len(posts) > 1 and not any(posts[0] < index < posts[1] for index in reads):
        return "sent again without a search"
    return "" if isinstance(error, SubmissionUncertain) or len(posts) == 2 else "given up after one POST"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    waiting, seen = [error], set[int]()
    while waiting:
        found = waiting.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        waiting += [found.__cause__, found.__context__, *getattr(found, "attempts", ())]


def main() -> int:
    """The full product; prints a row for each transport and what did not hold."""
    failures = 0
    for transport in TRANSPORTS:
        report = attack(transports=[transport], attempts=3)
        print(f"garbled HTTP, {transport}: {report.tries} tries, {report.held} held")
        for line in report.failures:
            print(f"  {line}")
        failures += len(report.failures)
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
