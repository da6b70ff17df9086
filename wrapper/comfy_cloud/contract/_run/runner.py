"""One contract run over a whole server: which walks are made, and their report.

A run only reads unless asked otherwise. What is asked for is in `read_walk`, `write_walk` and
`job_walk`, and for API v2 in those that begin with `v2_`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from ..._http.address_hint import socket_hint
from ..._http.runtime import Runtime
from ..._settings import config
from ...errors import ConfigurationError, ConnectionFailed
from .._documents.release import api_of, merged_contract
from . import job_walk, read_walk, v2_job_walk, v2_read_walk, v2_write_walk, write_walk
from .probe import Probe
from .report import Report

_NOT_ASKED = "it writes; allow it with read_only=False"
_SUBMITS = {"v1": "executePrompt", "v2": "postJobs"}
_NOT_SUBMITTED = "it may cost credits; allow it with submit=True"


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
    api: Literal["v1", "v2"] | None = None,
    sleep: Callable[[float], object] = time.sleep,
) -> Report:
    """Ask a server for every operation that can be reached, and check each response.

    Args:
        base_url: The server; else COMFY_CLOUD_BASE_URL, else the profile's, else Comfy Cloud.
        api_key: The key; else COMFY_CLOUD_API_KEY, else the profile's, else COMFY_API_KEY.
            It is sent to the server's origin only, where the security schemes of the contract
            want it.
        profile: The profile to read; else COMFY_CLOUD_PROFILE, else the default one.
        timeout: Seconds that a connection may stay silent. The default is 30.
        allow_insecure: Allow the key over plain http to a host that is not this machine.
        read_only: Only ask for what changes nothing. Otherwise small things are also written,
            changed and removed again.
        submit: Also submit a tiny workflow, which may cost credits. It needs `read_only=False`.
            Its job is deleted again; API v2 deletes no jobs, so there it stays until it expires.
        remote_url: An address whose metadata the server may be asked for. Only for version 1.
        contract: The contract to check against, instead of the one of this release.
        api: The version of the API to ask. The default is the one that `contract` belongs to, else
            API v2 where the settings choose it (`COMFY_CLOUD_API`), else version 1.
        sleep: Called with the seconds to wait before a retry or the next poll.

    Raises:
        ConfigurationError: A setting cannot be used.
        ConnectionFailed: The server did not respond at all.
    """
    if submit and read_only:
        raise ConfigurationError("submit=True requires read_only=False")
    settings = config.load(
        api_key=api_key, base_url=base_url, profile=profile, timeout=timeout, allow_insecure=allow_insecure
    )

    if api is None:
        api = api_of(contract) if contract is not None else "v2" if settings.api == "v2" else "v1"
    if api == "v2" and remote_url is not None:
        raise ConfigurationError("remote_url is for version 1 of the API; API v2 has no such operation")

    def wait(seconds: float) -> None:
        sleep(seconds)

    document = merged_contract(api) if contract is None else contract
    probe = Probe(settings, document, Runtime(sleep=wait), api)
    try:
        for op in probe.operations():
            if op.changes_something:
                probe.skips(op.id, _NOT_ASKED if read_only else "nothing led to it")
        if not submit and not read_only:
            probe.skips(_SUBMITS[api], _NOT_SUBMITTED)
        if api == "v2":
            _walk_v2(probe, read_only=read_only, submit=submit)
        else:
            _walk_v1(probe, remote_url, read_only=read_only, submit=submit)
        if not probe.has_response:
            raise ConnectionFailed(
                f"{settings.base_url} does not respond: nothing could be checked{socket_hint(settings)}"
            )
        return probe.report()
    finally:
        probe.close()


def _walk_v1(probe: Probe, remote_url: str | None, *, read_only: bool, submit: bool) -> None:
    job = job_walk.submit(probe) if submit else None
    try:
        read_walk.read_everything(probe, remote_url)
        if not read_only:
            write_walk.write_and_remove(probe)
    finally:
        if job is not None:
            job_walk.remove(probe, job)


def _walk_v2(probe: Probe, *, read_only: bool, submit: bool) -> None:
    if submit:
        v2_job_walk.submit(probe)
    v2_read_walk.read_everything(probe)
    if not read_only:
        v2_write_walk.write_and_remove(probe)
