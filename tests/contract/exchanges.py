"""Every exchange of the suite is checked against the merged contract: requests and responses.

`watched` wraps every emulator of the process, whoever starts it. It reads whole bodies, whatever
the emulator keeps of them: chunked ones, long ones, those of requests that a fault hits. Requests
that a test wrote by hand are not checked, nor are those that an emulator rightly refused, nor
responses that a scripted fault made up.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from weakref import WeakSet

import pytest
from starlette.types import Message, Receive, Scope, Send

from comfy_cloud.contract._checks.checker import ContractChecker
from comfy_cloud.contract._documents.release import merged_contract
from comfy_cloud_emulator.cloud.application import Application
from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.faults import FaultScript
from comfy_cloud_emulator.http.request_log import Request, RequestRecorder
from comfy_cloud_emulator.state.store import Store

HONEST_FAULTS = frozenset({None, "delay", "drift"})
"""Faults after which the emulator's own handler still responds."""

OUR_PROGRAM = "comfy-cloud"
"""How the User-Agent of the client begins.

A test that gives a client an HTTP client of its own must set it there.
"""

REFUSALS = frozenset({400, 401, 404, 413, 415, 422})
"""Statuses for requests that are wrong, or that name something that does not exist."""

# Of every emulator that was started in a watched block, since several blocks may use one. The
# storage of an emulator is recorded too, but it is not the API.
_OF_THE_API: WeakSet[RequestRecorder] = WeakSet()
_WITHOUT_KEY: WeakSet[RequestRecorder] = WeakSet()


@cache
def checker() -> ContractChecker:
    """The checker of the merged contract."""
    return ContractChecker(merged_contract())


@cache
def checker_of_v2() -> ContractChecker:
    """The checker of the merged contract of API v2."""
    return ContractChecker(merged_contract("v2"))


def checker_for(path: str) -> ContractChecker:
    """The checker of the contract that a path belongs to."""
    return checker_of_v2() if path.startswith(("/api/v2/jobs", "/api/v2/assets")) else checker()


def check_exchange(
    request: Request,
    status: int,
    headers: dict[str, str],
    body: bytes,
    checker: ContractChecker | None = None,
) -> None:
    """Raise AssertionError when a response breaks the contract.

    That is the contract of `checker`, by default the merged one of the path.
    """
    if request.fault not in HONEST_FAULTS:
        return
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    problems = (checker or checker_for(request.raw_path)).check_response(
        request.method, request.raw_path, request.query, status, headers, body
    )
    assert not problems, f"{request.method} {request.raw_path} -> {status}: {problems}"


def request_problems(request: Request, body: bytes | None, *, needs_key: bool = True) -> list[str]:
    """What is wrong with a request of the client. `body` is None if it was not read to its end."""
    if not request.headers.get("user-agent", "").startswith(OUR_PROGRAM):
        return []
    if request.fault in HONEST_FAULTS and request.status in REFUSALS:
        return []
    problems = checker_for(request.raw_path).check_request(
        request.method,
        request.raw_path,
        request.query,
        request.headers,
        body or b"",
        has_body=body is not None,
        needs_key=needs_key,
    )
    if body is None and request.status is not None and request.status < 400:
        problems.append("a response came before its body was read, so the body could not be checked")
    return [f"{request.method} {request.raw_path} -> {request.status}: {problem}" for problem in problems]


@contextmanager
def watched() -> Iterator[list[str]]:
    """Check every exchange with emulators that run in the block. The list fills with bad requests.

    A bad response is raised by the emulator's `stop`, unless a test gave it its own `on_exchange`.
    """
    problems: list[str] = []
    init, call = Application.__init__, RequestRecorder.__call__

    def watching_init(
        self: Application, store: Store, script: FaultScript, engine: JobEngine, *rest: Any, **options: Any
    ) -> None:
        # The responses of a self-hosted server are not those of the contract. Requests are the same
        # everywhere.
        if not engine.quirks.is_beyond_contract:
            options["on_exchange"] = options.get("on_exchange") or check_exchange
        init(self, store, script, engine, *rest, **options)
        _OF_THE_API.add(self.recorder)
        if engine.quirks.no_key:
            _WITHOUT_KEY.add(self.recorder)

    async def watching_call(self: RequestRecorder, scope: Scope, receive: Receive, send: Send) -> None:
        if self not in _OF_THE_API or scope["type"] != "http":
            await call(self, scope, receive, send)
            return
        body = bytearray()
        is_whole = False

        async def listen() -> Message:
            nonlocal is_whole
            message = await receive()
            if message["type"] == "http.request":
                body.extend(message.get("body", b""))
                is_whole = not message.get("more_body", False)
            return message

        try:
            await call(self, scope, listen, send)
        finally:
            record = scope.get("state", {}).get("record")
            if record is not None:
                has_none = not ({"content-length", "transfer-encoding"} & record.headers.keys())
                whole = is_whole or has_none or record.headers.get("content-length") == "0"
                found = request_problems(
                    record, bytes(body) if whole else None, needs_key=self not in _WITHOUT_KEY
                )
                problems.extend(problem for problem in found if problem not in problems)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Application, "__init__", watching_init)
        patch.setattr(RequestRecorder, "__call__", watching_call)
        yield problems
