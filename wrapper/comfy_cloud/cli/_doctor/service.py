"""Checks of `comfy-cloud doctor` that ask the service: key, plan, websocket, storage, server."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._console.client import KEY_PAGE
from ..account import account_facts
from .findings import Finding
from .network import PATIENCE

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud, NotSupported, Settings

_JOBS_SEARCHED = 20
_LOGIN = f"run `comfy-cloud auth login`; create a key at {KEY_PAGE}"


def unchecked_key(settings: Settings, source: str) -> Finding:
    """Whether there is a key, without a server that could check it."""
    if settings.api_key is not None:
        return Finding("key", "skipped", f"present ({source}), not checked: there is no connection")
    if settings.is_comfy_cloud:
        return Finding("key", "failed", "none", _LOGIN, is_auth=True)
    return Finding("key", "skipped", "none")


def check_key(cloud: ComfyCloud, source: str) -> Finding:
    """Whether there is a key, and the server accepts it (GET /api/user)."""
    from comfy_cloud import Forbidden, NotSupported, Unauthorized

    has_key = cloud.settings.api_key is not None
    shown = f"present ({source})" if has_key else "none"
    if not has_key and cloud.settings.is_comfy_cloud:
        return Finding("key", "failed", shown, _LOGIN, is_auth=True)
    try:
        user = cloud.user.get()
    except NotSupported:
        return Finding("key", "ok" if has_key else "skipped", f"{shown}; this server has no accounts")
    except Unauthorized:
        figure = (
            f"{shown}, but the server does not accept it" if has_key else "none, but the server wants one"
        )
        return Finding("key", "failed", figure, _LOGIN, is_auth=True)
    except Forbidden as error:
        return Finding(
            "key",
            "failed",
            f"{shown}, but it may not be used: {error}",
            "check the plan, and the key's rights",
            is_auth=True,
        )
    if user.status and str(user.status) != "active":
        return Finding(
            "key", "warning", f"{shown}, accepted; the account is {user.status}", "wait until it is active"
        )
    return Finding("key", "ok", f"{shown}, accepted")


def check_api(cloud: ComfyCloud, source: str) -> Finding:
    """Which version of the API is used, and why (GET /api/jobs, GET /api/v2/jobs)."""
    import warnings

    from comfy_cloud import NotSupported
    from comfy_cloud_api.api.job import list_jobs

    from ..._http.api_v2 import NOTICE

    chosen = cloud.settings.api
    missing: NotSupported | None = None
    if chosen != "v2":
        try:
            cloud.call(list_jobs, limit=1)
        except NotSupported as error:
            missing = error
        else:
            why = f"as the setting says ({source})" if chosen == "v1" else "auto chose it, since it responds"
            return Finding("api", "ok", f"version 1: {why}")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            cloud.jobs.list(limit=1)
        except NotSupported as error:
            lacking = missing or error
            figure = (
                f"{chosen} ({source}): the server lacks {lacking.method} {lacking.path}{_status(lacking)}"
            )
            return Finding("api", "failed", figure, _other_api(chosen))
    if chosen == "v2":
        return Finding("api", "ok", f"API v2: as the setting says ({source})")
    lacks = f"the server lacks {missing.method} {missing.path}{_status(missing)}" if missing else ""
    if any(str(each.message) == NOTICE for each in caught):
        return Finding("api", "ok", f"API v2: auto chose it, since {lacks}")
    return Finding("api", "ok", f"version 1: {lacks}; jobs are listed in another way")


def _status(error: NotSupported) -> str:
    return f" (HTTP {error.status})" if error.status is not None else ""


def _other_api(chosen: str) -> str:
    if chosen == "auto":
        return "check the address: neither version of the API is there"
    return f"leave out --api {chosen} and its setting; auto takes the version that the server has"


def check_plan(cloud: ComfyCloud) -> Finding:
    """The plan, the credits and the jobs, as far as the server gives them."""
    facts = account_facts(cloud)
    credit = f"credits {facts.credit_text}" if facts.credit_text else ""
    figure = ", ".join(text for text in (facts.plan_text, credit, facts.jobs_text) if text)
    if not figure:
        return Finding("plan", "skipped", "this server says nothing of plans")
    if facts.plan == "free":
        return Finding("plan", "warning", figure, "most of the API needs a paid plan")
    if facts.credit_micros is not None and facts.credit_micros <= 0:
        return Finding("plan", "warning", figure, "buy credits; jobs will be refused without")
    return Finding("plan", "ok", figure)


def check_websocket(cloud: ComfyCloud) -> Finding:
    """Whether a websocket can be opened, over which progress is reported."""
    from uuid import uuid4

    from ..._http.clients import tls_context
    from ..._http.websocket import SocketAddress, SocketFailed, open_socket

    settings = cloud.settings
    if settings.api == "v2":
        return Finding("websocket", "skipped", "it belongs to version 1 of the API; jobs are polled")
    network = settings.network
    address = SocketAddress(
        settings.base_url, str(uuid4()), settings.api_key, timeout=PATIENCE, network=network
    )
    tls = tls_context(network.ca_file) if settings.base_url.startswith("https:") else None
    began = time.monotonic()
    try:
        socket = open_socket(address, tls)
    except SocketFailed as error:
        status = f" (HTTP {error.status})" if error.status is not None else ""
        remedy = "a proxy or a firewall may not let websockets through; until then jobs are polled"
        if error.status in (401, 403):
            remedy = "the key may not be used for it; see the line of the key"
        return Finding("websocket", "failed", f"{address.shown}: {error.reason}{status}", remedy)
    figure = f"{address.shown}, open in {(time.monotonic() - began) * 1000:.0f} ms"
    socket.close()
    return Finding("websocket", "ok", figure)


def check_storage(cloud: ComfyCloud) -> Finding:
    """Whether the host can be reached that a view of the newest output redirects to."""
    from urllib.parse import urlsplit

    from comfy_cloud import NotFound, NotSupported

    outputs = (each for entry in cloud.history.list(limit=_JOBS_SEARCHED) for each in entry.outputs)
    output = next(outputs, None)
    if output is None:
        return Finding("storage", "skipped", "no job has made a file yet")
    try:
        url = output.signed_url()
    except NotSupported:
        return Finding("storage", "ok", "none: the server sends files itself")
    except NotFound:
        return Finding("storage", "skipped", "the newest output is no longer there")
    parts = urlsplit(url)
    host = parts.hostname or ""
    refusal = cloud.settings.address_policy.refusal_of_url(parts.scheme, host)
    if refusal is not None:
        remedy = f"if your server keeps files there: comfy-cloud config set storage_hosts {host}"
        return Finding("storage", "failed", f"files are not read from {host}", remedy)
    return _read_from_storage(cloud, url, host)


def _read_from_storage(cloud: ComfyCloud, url: str, host: str) -> Finding:
    import httpx

    from ..._http.clients import new_storage_client

    settings = cloud.settings
    began = time.monotonic()
    try:
        with (
            new_storage_client(
                settings.base_url, 1, PATIENCE, settings.address_policy, settings.network
            ) as client,
            client.stream("GET", url, headers={"Range": "bytes=0-0"}) as response,
        ):
            status = response.status_code
    except (httpx.HTTPError, OSError) as error:
        reason = str(error) or type(error).__name__
        remedy = "check the network, a proxy and a firewall: downloads come from this host"
        return Finding("storage", "failed", f"{host} cannot be reached: {reason}", remedy)
    figure = f"{host}, HTTP {status} in {(time.monotonic() - began) * 1000:.0f} ms"
    if status >= 400:
        return Finding(
            "storage", "failed", figure, "check the clock: signed addresses are valid for a short time"
        )
    return Finding("storage", "ok", figure)


def server_versions(stats: Mapping[str, Any]) -> Finding:
    """The versions that the server reports."""
    system = stats.get("system")
    found = system if isinstance(system, Mapping) else {}
    labels = {"comfyui_version": "ComfyUI", "cloud_version": "cloud", "comfyui_frontend_version": "frontend"}
    shown = [f"{label} {found[name]}" for name, label in labels.items() if found.get(name)]
    return Finding("server", "ok" if shown else "skipped", ", ".join(shown) or "it reports no version")
