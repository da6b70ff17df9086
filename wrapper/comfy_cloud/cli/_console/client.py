"""The client that a command uses, made from the global options, and what it reports on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from .exits import AUTH, CommandError
from .options import GlobalOptions
from .sanitizing import safe_line
from .streams import on_terminal, write_message
from .wording import in_command_words

if TYPE_CHECKING:
    from comfy_cloud import AsyncComfyCloud, ComfyCloud, HistoryEntry, Job, ResponseInfo
    from comfy_cloud._settings.config import Settings

KEY_PAGE = "https://platform.comfy.org/profile/api-keys"
NO_KEY = f"no API key: run `comfy-cloud auth login`, or set COMFY_CLOUD_API_KEY. Create a key at {KEY_PAGE}"


def load_settings(options: GlobalOptions) -> Settings:
    """The settings that a client would have, without making one. Raises ConfigurationError."""
    from comfy_cloud._settings import config

    return config.load(
        base_url=options.base_url,
        timeout=options.timeout,
        retry=options.retry,
        profile=options.profile,
        api=options.api,
    )


def connect(
    options: GlobalOptions, *, api_key: str | None = None, needs_key: bool = True, retry: bool = True
) -> ComfyCloud:
    """A client for these options; without `retry`, it sends each request once.

    Raises CommandError (exit code 4) when a key is needed and none is set, and
    ConfigurationError when an option or setting is not valid.
    """
    import logging

    from comfy_cloud import ComfyCloud

    from .termination import take_as_interruption

    take_as_interruption()

    # With -v the hook reports retries. Without a handler, logging would print its warnings too.
    logging.getLogger("comfy_cloud").addHandler(logging.NullHandler())
    show_library_warnings()

    def report_retry(info: ResponseInfo) -> None:
        _report_retry(info, cloud.settings.retry.attempts)

    cloud = ComfyCloud(
        api_key=api_key,
        base_url=options.base_url,
        profile=options.profile,
        timeout=options.timeout,
        api=options.api,
        retry=options.retry if retry else 1,
        on_response=_report_attempt if options.verbose else report_retry,
    )
    if needs_key and cloud.settings.api_key is None and cloud.settings.is_comfy_cloud:
        cloud.close()
        raise CommandError(NO_KEY, AUTH)
    note_source_of_key(cloud.settings, options)
    return cloud


def connect_async(options: GlobalOptions) -> AsyncComfyCloud:
    """An async client for these options, for a program that serves; errors as in `connect`."""
    import logging

    from comfy_cloud import AsyncComfyCloud

    from .termination import take_as_interruption

    settings = load_settings(options)
    if settings.api_key is None and settings.is_comfy_cloud:
        raise CommandError(NO_KEY, AUTH)
    take_as_interruption()
    logging.getLogger("comfy_cloud").addHandler(logging.NullHandler())
    note_source_of_key(settings, options)
    return AsyncComfyCloud(
        base_url=options.base_url,
        profile=options.profile,
        timeout=options.timeout,
        api=options.api,
        retry=options.retry,
        on_response=_report_attempt if options.verbose else None,
    )


def note_source_of_key(settings: Settings, options: GlobalOptions) -> None:
    """Say, once for a command, that the key comes from the variable of the vendor's SDK."""
    from comfy_cloud._settings.sources import VENDOR_KEY_VARIABLE

    if not options.is_noted and settings.sources["api_key"].endswith(VENDOR_KEY_VARIABLE):
        options.is_noted = True
        write_message(
            f"note: the key is that of {VENDOR_KEY_VARIABLE}; COMFY_CLOUD_API_KEY and profiles count first"
        )


def job_link(cloud: ComfyCloud) -> Callable[[HistoryEntry | Job], str]:
    """A function that gives the address of a job in the API, where a terminal's link leads."""
    from urllib.parse import quote

    base = cloud.settings.base_url
    return lambda job: f"{base}/api/jobs/{quote(job.id, safe='')}"


def show_library_warnings() -> None:
    """Show each ComfyCloudWarning as a line on stderr. The caller restores the warning filters."""
    import warnings

    from comfy_cloud import ComfyCloudWarning

    def show(message: Warning | str, *_: object, **__: object) -> None:
        write_message(f"warning: {safe_line(in_command_words(str(message)))}")

    warnings.simplefilter("always", ComfyCloudWarning)
    warnings.showwarning = show


def _report_retry(info: ResponseInfo, attempts: int) -> None:
    """Say to a person who waits that a request is sent again, and why."""
    if info.retry_in is None or not on_terminal(sys.stderr):
        return
    outcome = f"status {info.status}" if info.status is not None else "no response"
    again = f"attempt {info.attempt + 1} of {attempts} in {info.retry_in:.1f} s"
    write_message(safe_line(f"{info.method} {info.path}: {outcome}; {again}"))


def _report_attempt(info: ResponseInfo) -> None:
    outcome = str(info.status) if info.status is not None else type(info.error).__name__
    line = f"{info.method} {info.path} -> {outcome} in {info.elapsed:.3f} s"
    if info.attempt > 1 or info.retry_in is not None:
        line += f", attempt {info.attempt}"
    if info.request_id:
        line += f", request {info.request_id}"
    if info.retry_in is not None:
        line += f"; retrying in {info.retry_in:.2f} s"
    write_message(safe_line(line))
