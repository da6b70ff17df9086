"""What the emulator's hook calls: every exchange of the suite is held to the merged contract.

Answers that a scripted fault made up are let through: they are wrong on purpose. So are requests that a test wrote by
hand. A wrong request of ours is a problem when the server took it; when it was refused, refusing was right.
"""

from __future__ import annotations

import gzip
from functools import cache

from comfy_cloud.contract.checker import ContractChecker
from comfy_cloud.contract.release import merged_contract
from comfy_cloud_emulator.recording import Request

HONEST_FAULTS = frozenset({None, "delay", "drift"})
"""Faults after which the emulator's own handler still answers."""

OUR_PROGRAM = "comfy-cloud"
"""How the User-Agent of the client begins."""


@cache
def checker() -> ContractChecker:
    """The checker of the contract that the project is built from."""
    return ContractChecker(merged_contract())


def check_exchange(request: Request, status: int, headers: dict[str, str], body: bytes) -> None:
    """Raise AssertionError when an exchange breaks the contract."""
    if request.fault not in HONEST_FAULTS:
        return
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    problems = checker().check_response(
        request.method, request.raw_path, request.query, status, headers, body
    )
    is_whole = len(request.body) == int(request.headers.get("content-length", len(request.body)))
    is_ours = request.headers.get("user-agent", "").startswith(OUR_PROGRAM)
    if is_ours and is_whole and status < 400:
        problems += checker().check_request(
            request.method, request.raw_path, request.query, request.headers, request.body
        )
    assert not problems, f"{request.method} {request.raw_path} -> {status}: {problems}"
