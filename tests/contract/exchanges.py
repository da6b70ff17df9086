"""Every exchange of the suite is held to the merged contract: what the client sends, and what the emulator answers.

`watched` puts itself around every emulator of the process, whoever starts it. Bodies are read along whole, whatever the
emulator keeps of them: chunked ones, long ones, those of requests that a fault hits. Requests that a test wrote by hand are
not judged, nor are those that an emulator rightly refused. Answers that a scripted fault made up are wrong on purpose.
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

from comfy_cloud.contract.checker import ContractChecker
from comfy_cloud.contract.release import merged_contract
from comfy_cloud_emulator.cloud.application import Application
from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.faults import FaultScript
from comfy_cloud_emulator.http.request_log import Request, RequestRecorder
from comfy_cloud_emulator.state.store import Store

HONEST_FAULTS = frozenset({None, "delay", "drift"})
"""Faults after which the emulator's own handler still answers."""

OUR_PROGRAM = "comfy-cloud"
"""How the User-Agent of the client begins. A client over an HTTP client of its own has that one's: a test must set it."""

REFUSALS = frozenset({400, 401, 404, 413, 415, 422})
"""Statuses that say that the request was wrong, or that there is nothing of the name it gave."""


@cache
def checker() -> ContractChecker:
    """The checker of the contract that the project is built from."""
    return ContractChecker(merged_contract())


def check_exchange(request: Request, status: int, headers: dict[str, str], body: bytes) -> None:
    """Raise AssertionError when an answer breaks the contract."""
    if request.fault not in HONEST_FAULTS:
        return
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    problems = checker().check_response(
        request.method, request.raw_path, request.query, status, headers, body
    )
    assert not problems, f"{request.method} {request.raw_path} -> {status}: {problems}"


def request_problems(request: Request, body: bytes | None, *, needs_key: bool = True) -> list[str]:
    """What is wrong with a request of the client; `body` is None when it was not read to its end."""
    if not request.headers.get("user-agent", "").startswith(OUR_PROGRAM):
        return []
    if request.fault in HONEST_FAULTS and request.status in REFUSALS:
        return []
    problems = checker().check_request(
        request.method,
        request.raw_path,
        request.query,
        request.headers,
        body or b"",
        has_body=body is not None,
        needs_key=needs_key,
    )
    if body is None and request.status is not None and request.status < 400:
        problems.append("it was answered before its body was read, so nobody knows whether that is right")
    return [f"{request.method} {request.raw_path} -> {request.status}: {problem}" for problem in problems]


@contextmanager
def watched() -> Iterator[list[str]]:
    """Hold every emulator that runs in the block to the contract; the list fills with what is wrong with requests.

    What is wrong with an answer comes out of the emulator's `stop`, unless it was given an `on_exchange` of its own.
    """
    problems: list[str] = []
    # The storage of an emulator has a recording, too; it is not the API.
    of_the_api: WeakSet[RequestRecorder] = WeakSet()
    without_key: WeakSet[RequestRecorder] = WeakSet()
    init, call = Application.__init__, RequestRecorder.__call__

    def watching_init(
        self: Application, store: Store, script: FaultScript, engine: JobEngine, *rest: Any, **options: Any
    ) -> None:
        # The forms of a self-hosted server are none of the contract's; what the client sends is the same everywhere.
        if not engine.quirks.is_beyond_contract:
            options["on_exchange"] = options.get("on_exchange") or check_exchange
        init(self, store, script, engine, *rest, **options)
        of_the_api.add(self.recorder)
        if engine.quirks.no_key:
            without_key.add(self.recorder)

    async def watching_call(self: RequestRecorder, scope: Scope, receive: Receive, send: Send) -> None:
        if self not in of_the_api or scope["type"] != "http":
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
                    record, bytes(body) if whole else None, needs_key=self not in without_key
                )
                problems.extend(problem for problem in found if problem not in problems)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Application, "__init__", watching_init)
        patch.setattr(RequestRecorder, "__call__", watching_call)
        yield problems
