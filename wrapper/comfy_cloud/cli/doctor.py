"""`comfy-cloud doctor`: check what stands between this machine and a finished job."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from ._console.client import connect, load_settings
from ._console.commands import Command
from ._console.details import Details, details_options
from ._console.elastic import terminal_width
from ._console.exits import API, AUTH
from ._console.options import GlobalOptions, pass_options
from ._console.sanitizing import safe_line
from ._console.streams import write_data, write_message
from ._doctor.findings import Finding, State, within
from .config import source_text

if TYPE_CHECKING:
    from comfy_cloud import Settings

_MARKS: dict[State, tuple[str, str, str]] = {
    "ok": ("\N{CHECK MARK}", "ok", "green"),
    "warning": ("!", "!", "yellow"),
    "failed": ("\N{MULTIPLICATION X}", "X", "red"),
    "skipped": ("\N{EN DASH}", "-", "bright_black"),
}
_NAME_WIDTH = 10
_INDENT = _NAME_WIDTH + 4
_SHORTEST_KEY = 8


@click.command(
    "doctor",
    cls=Command,
    examples=["doctor", "doctor --json", "doctor --profile work", "doctor --jq '.checks[].remedy'"],
)
@click.option("--json", "as_json", is_flag=True, help="The same as --output json.")
@details_options
@pass_options
def command(options: GlobalOptions, details: Details, as_json: bool) -> None:
    """Check name, TLS, proxy, clock, key, API version, plan, websocket, storage, disk, versions.

    Each line has a mark, what was measured, and what to try. Nothing is changed, no job is
    submitted, and the key is not shown. A check takes 10 seconds at most.

    The exit code is 0 if nothing failed, 4 if the key is the only problem, and 1 otherwise.
    Warnings do not count.
    """
    if as_json:
        details = details.as_json()
    is_text = details.form == "table" and details.jq is None
    found = []
    for finding in _redacted(options):
        found.append(finding)
        if is_text:
            write_data(_line(finding, color=details.color))
    failed = [each for each in found if each.state == "failed"]
    if not is_text:
        details.write({"ok": not failed, "checks": [each.record() for each in found]})
    if failed:
        write_message(
            f"{len(failed)} of {len(found)} checks failed: {', '.join(each.check for each in failed)}"
        )
        raise click.exceptions.Exit(AUTH if all(each.is_auth for each in failed) else API)
    write_message("nothing failed")


def _redacted(options: GlobalOptions) -> Iterator[Finding]:
    """The findings, without a key that a server or a proxy has put into a text."""
    settings: list[Settings] = []
    for finding in _findings(options, settings):
        figure, remedy = finding.figure, finding.remedy
        keys = [key for each in settings for key in (each.api_key, each.partner_api_key) if key is not None]
        for key in keys:
            text = key.reveal() if len(key.reveal()) >= _SHORTEST_KEY else ""
            for form in filter(None, (text, text.lower())):
                figure, remedy = figure.replace(form, "****"), remedy.replace(form, "****")
        yield finding.with_texts(figure, remedy)


def _findings(options: GlobalOptions, settings: list[Settings]) -> Iterator[Finding]:
    """The findings. `settings` gets the settings once they are read."""
    from ._doctor.machine import check_cache_folder, check_config_folder, local_versions

    def read() -> Finding:
        settings.append(load_settings(options))
        source = source_text("base_url", settings[0].sources["base_url"])
        figure = f"{settings[0].base_url} ({source})"
        if settings[0].api != "auto":
            figure += f", API {settings[0].api} ({source_text('api', settings[0].sources['api'])})"
        return Finding("settings", "ok", figure)

    yield within(
        "settings", read, "correct the option, the variable, or the file of `comfy-cloud config path`"
    )
    if settings:
        yield from _network_findings(options, settings[0])
    yield within("config", check_config_folder)
    yield within("cache", check_cache_folder)
    yield within("versions", local_versions)


def _network_findings(options: GlobalOptions, settings: Settings) -> Iterator[Finding]:
    from ._doctor.network import Reached, compare_clocks, look_up_name, reach_proxy, reach_server
    from ._doctor.service import server_versions, unchecked_key

    reached = Reached()
    yield within("name", lambda: look_up_name(settings))
    yield within("proxy", lambda: reach_proxy(settings))
    yield within("connection", lambda: reach_server(settings, reached))
    if not reached.is_reached:
        yield unchecked_key(settings, source_text("api_key", settings.sources["api_key"]))
        for check in ("clock", "api", "plan", "websocket", "storage", "server"):
            yield Finding(check, "skipped", "there is no connection")
        return
    yield within("clock", lambda: compare_clocks(reached.date, reached.received))
    yield from _service_findings(options, settings)
    yield within("server", lambda: server_versions(reached.stats))


def _service_findings(options: GlobalOptions, settings: Settings) -> Iterator[Finding]:
    from ._doctor.network import PATIENCE
    from ._doctor.service import check_api, check_key, check_plan, check_storage, check_websocket

    patient = GlobalOptions()
    patient.profile, patient.base_url, patient.verbose = options.profile, options.base_url, options.verbose
    patient.api = options.api
    patient.timeout = min(PATIENCE, settings.timeout)
    with connect(patient, needs_key=False, retry=False) as cloud:
        source = source_text("api_key", settings.sources["api_key"])
        key = within("key", lambda: check_key(cloud, source))
        yield key
        api_source = source_text("api", settings.sources["api"])
        checks: dict[str, Callable[[], Finding]] = {
            "api": lambda: check_api(cloud, api_source),
            "plan": lambda: check_plan(cloud),
            "websocket": lambda: check_websocket(cloud),
            "storage": lambda: check_storage(cloud),
        }
        for check, function in checks.items():
            if key.state == "failed":
                yield Finding(check, "skipped", "it needs a key that works")
            else:
                yield within(check, function)


def _line(finding: Finding, *, color: bool) -> str:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    sign, plain, style = _MARKS[finding.state]
    mark = f"{sign if 'utf' in encoding.lower() else plain:<2}"
    styled = click.style(mark, fg=style) if color else mark
    first, *rest = _wrapped(safe_line(finding.figure))
    rest += _wrapped(f"try: {safe_line(finding.remedy)}") if finding.remedy else []
    lines = [f"{styled}{finding.check:<{_NAME_WIDTH}}  {first}", *(f"{'':>{_INDENT}}{line}" for line in rest)]
    return "".join(f"{line}\n" for line in lines)


def _wrapped(text: str) -> list[str]:
    """The text in lines that fit beside the names of the checks; in a pipe, one line."""
    width = terminal_width()
    if width is None:
        return [text]
    from textwrap import wrap

    return wrap(text, max(20, width - _INDENT), break_on_hyphens=False, break_long_words=False) or [""]
