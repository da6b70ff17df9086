"""One contract run over a whole server: which walks are made, and what they came to.

Reading alone unless told. What is asked is in `reading`, `writing` and `submitting`; what was found, in `results`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .._settings import config
from ..errors import ConfigurationError, ConnectionFailed
from . import reading, submitting, writing
from .probe import Probe
from .release import merged_contract
from .results import Report

_WRITES = frozenset({"POST", "PUT", "DELETE"})
_NOT_ASKED = "it writes; allow it with read_only=False (--no-read-only)"
_NOT_SUBMITTED = "it may cost credits; allow it with submit=True (--submit)"


def run_contract(
    base_url: str | None = None,
    *,
    api_key: str | None = None,
    profile: str | None = None,
    timeout: float | None = None,
    allow_insecure: bool = False,
    read_only: bool = True,
    submit: bool = False,
    remote_url: str | None = None,
    contract: dict[str, Any] | None = None,
    sleep: Callable[[float], object] = time.sleep,
) -> Report:
    """Ask a server for every operation that can be reached, and hold each answer to the contract.

    Args:
        base_url: The server; else COMFY_CLOUD_BASE_URL, else the profile's, else the service.
        api_key: The key; else COMFY_CLOUD_API_KEY, else the profile's. It is sent to the server's origin only.
        profile: The profile to read; else COMFY_CLOUD_PROFILE, else the default one.
        timeout: Seconds that a connection may stay silent; 30 unless told.
        allow_insecure: Allow the key over plain http to a host that is not this machine.
        read_only: Ask for what changes nothing. Otherwise small things are also written, changed and removed again.
        submit: Also submit a tiny workflow, which may cost credits. It needs `read_only=False`.
        remote_url: An address whose metadata the server may be asked for.
        contract: A contract to hold the server to, instead of the one of this release.
        sleep: How to wait, in seconds, when the server asks for patience.

    Raises:
        ConfigurationError: A setting cannot be used.
        ConnectionFailed: The server answered nothing at all.
    """
    if submit and read_only:
        raise ConfigurationError("Submitting is no reading: pass read_only=False (--no-read-only) as well")
    settings = config.load(
        api_key=api_key, base_url=base_url, profile=profile, timeout=timeout, allow_insecure=allow_insecure
    )
    probe = Probe(settings, merged_contract() if contract is None else contract, sleep=sleep)
    try:
        for op in probe.operations():
            if op.method in _WRITES:
                probe.skips(op.id, _NOT_ASKED if read_only else "nothing led to it")
        if not submit and not read_only:
            probe.skips("executePrompt", _NOT_SUBMITTED)
        job = submitting.submit(probe) if submit else None
        try:
            reading.read_everything(probe, remote_url)
            if not read_only:
                writing.write_and_remove(probe)
        finally:
            if job is not None:
                submitting.remove(probe, job)
        if not probe.was_answered:
            raise ConnectionFailed(f"{settings.base_url} does not answer: nothing could be checked")
        return probe.report()
    finally:
        probe.close()
