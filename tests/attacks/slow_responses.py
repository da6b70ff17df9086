"""Servers that never get a response done, against every call that has a time limit.

Each call has to raise an error of the library soon after its own timeout, or after the limit of a
single request. `python -m tests.attacks.slow_responses` tries every combination.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, get_args
from unittest import mock

from comfy_cloud import ConnectionFailed, RequestTimeout, SubmissionUncertain, WaitTimeout
from tests.attacks.slow_server import JOB, Kind, slow_server
from tests.attacks.trials import GRAPH, TRANSPORTS, Report, call_over
from tests.live.forms import Form, Step

KINDS: Sequence[Kind] = get_args(Kind)
KEY = "sk-Zq9x77vAbC12345678"
# The timeout of each call, and the timeout of the client for a call without one.
SECONDS = 0.3
SILENCE = 0.05
# A busy machine is slow. Without a limit, a call takes the client's thirty seconds or longer.
LONGEST = 6.0

_GRAPH_WITH_FILE = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
}


async def _map(form: Form) -> str:
    options: dict[str, Any] = {"concurrency": 1, "timeout": SECONDS, "detach": True}
    async for result in form.each(form.cloud.map(GRAPH, [None], **options)):
        if result.error is not None:
            raise result.error
    return ""


async def _events(form: Form) -> str:
    job = await form(form.cloud.submit(GRAPH))
    return str(await form.listed(job.events(timeout=SECONDS)))


async def _wait_with_events(form: Form) -> str:
    job = await form(form.cloud.submit(GRAPH))
    return str(await form(job.wait(SECONDS, lambda event: None)))


async def _read(form: Form) -> str:
    async with form.entered(form.cloud.files.open("a.png")) as content:
        return str(await form(content.read()))


def _step(call: Callable[[Any], Any]) -> Step:
    """A step that makes one call of the client."""

    async def step(form: Form) -> str:
        return str(await form(call(form.cloud)))

    return step


CALLS: dict[str, Step] = {
    "jobs.wait": _step(lambda cloud: cloud.jobs.wait(JOB, JOB, timeout=SECONDS)),
    "tasks.wait": _step(lambda cloud: cloud.tasks.wait(JOB, timeout=SECONDS)),
    "import_url": _step(
        lambda cloud: cloud.assets.import_url("http://a.example/b", tags=["a"], timeout=SECONDS)
    ),
    "job.events": _events,
    "job.wait": _wait_with_events,
    "map": _map,
    "run": _step(lambda cloud: cloud.run(GRAPH, timeout=SECONDS)),
    "run with an upload": _step(
        lambda cloud: cloud.run(_GRAPH_WITH_FILE, {"1.image": __file__}, timeout=SECONDS)
    ),
    "one request": _step(lambda cloud: cloud.jobs.list()),
    "one upload": _step(lambda cloud: cloud.files.upload_image(b"content", name="a.png")),
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


def attack(
    kinds: Sequence[Kind] = KINDS, calls: Sequence[str] = tuple(CALLS), transports: Sequence[str] = TRANSPORTS
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
        began = time.monotonic()
        try:
            call_over(transport, server.url, CALLS[call], **options)
        except Exception as error:  # noqa: BLE001 - whatever is raised is judged here
            if not isinstance(error, expected):
                return f"raised {type(error).__name__}: {error}"
        else:
            return "raised nothing"
        seconds = time.monotonic() - began
    return f"took {seconds:.1f} s" if seconds > LONGEST else ""


def main() -> None:
    """The full product; prints a row for each kind and what did not hold."""
    for kind in KINDS:
        attack([kind]).show(f"slow responses, {kind}")


if __name__ == "__main__":
    main()
