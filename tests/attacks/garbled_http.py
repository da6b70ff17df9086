"""Send every kind of malformed response to typical calls, over each transport, sync and async.

A call may succeed where the damage does no harm. Else it raises an exception of the library,
neither it nor its chain nor any log contains the key, and a submission is searched for.
"""

from __future__ import annotations

import gc
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime

from comfy_cloud import ComfyCloudError, Retry, SubmissionUncertain
from tests.attacks.garbled_responses import KEY, KINDS
from tests.attacks.trials import GRAPH, TRANSPORTS, Report, call_over, chain, logged
from tests.clock import FakeTime
from tests.live.forms import Form
from tests.raw_server import RawServer, http_response, raw_server

CALLS = ("list", "submit", "download", "stored file")
_LISTS = ("/api/queue", "/api/jobs", "/api/history_v2")
_PATHS = {"list": "/api/jobs", "submit": "/api/prompt", "download": "/api/view", "stored file": "/stored"}
_JSON = {"content_type": "application/json"}


def attack(
    kinds: Sequence[str] = tuple(KINDS),
    calls: Sequence[str] = CALLS,
    transports: Sequence[str] = TRANSPORTS,
    attempts: int = 2,
) -> Report:
    """Try every combination."""
    report = Report()
    with raw_server() as server, logged() as lines:
        for path in _LISTS:
            server.script(path, http_response(200, b"{}", **_JSON))
        server.script("/api/queue", http_response(200, b'{"queue_running":[],"queue_pending":[]}', **_JSON))
        for transport in transports:
            for kind in kinds:
                for call in calls:
                    _try(server, transport, kind, call, attempts, report, lines)
    return report


def _try(
    server: RawServer, transport: str, kind: str, call: str, attempts: int, report: Report, lines: list[str]
) -> None:
    server.requests.clear()
    lines.clear()
    report.tries += 1
    usual = dict(server._scripts)
    server.script("/api/view", http_response(302, location=f"{server.url}/stored"))
    server.script(_PATHS[call], KINDS[kind])
    error: Exception | None = None
    try:
        retry = Retry(attempts=attempts)
        time = FakeTime(datetime.now(UTC))
        call_over(transport, server.url, lambda form: _call(form, call), time, api_key=KEY, retry=retry)
        gc.collect(0)  # asyncio logs an exception that nobody retrieved when its future is collected
    except Exception as raised:  # noqa: BLE001 - whatever is raised is judged below
        error = raised
    finally:
        server._scripts.clear()
        server._scripts.update(usual)
    problem = _problem(error, call, server, lines)
    if problem:
        report.failures.append(f"{transport}, {call}, {kind}: {problem}")


async def _call(form: Form, call: str) -> str:
    match call:
        case "list":
            await form(form.cloud.jobs.list())
        case "submit":
            await form(form.cloud.submit(GRAPH))
        case _:
            async with form.entered(form.cloud.files.open("a.png")) as content:
                await form(content.read())
    return ""


def _problem(error: Exception | None, call: str, server: RawServer, lines: list[str]) -> str:
    if error is not None and not isinstance(error, ComfyCloudError):
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"raised {type(error).__module__}.{type(error).__name__} in {where.filename}:{where.lineno}"
    for found in chain(error):
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


def main() -> None:
    """The full product; prints a row for each transport and what did not hold."""
    for transport in TRANSPORTS:
        attack(transports=[transport], attempts=3).show(f"garbled HTTP, {transport}")


if __name__ == "__main__":
    main()
