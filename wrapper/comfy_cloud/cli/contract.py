"""`comfy-cloud contract`: check whether a server keeps the contract.

Only options, output and exit codes are here. What the server is asked is in `comfy_cloud.contract`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from ._console.client import load_settings, note_source_of_key
from ._console.commands import command_group
from ._console.elastic import report_text
from ._console.exits import API, AUTH, USAGE, CommandError
from ._console.formats import csv_line, json_text, output_format
from ._console.known_values import files as complete_files
from ._console.options import GlobalOptions, output_option, pass_options
from ._console.sanitizing import safe_line
from ._console.streams import use_color, write_data, write_message
from ._console.wording import in_command_words

if TYPE_CHECKING:
    from comfy_cloud.contract import Report

COLUMNS = ["operation", "path", "expected", "seen", "count"]
UNCHECKED_COLUMNS = ["not checked", "reason"]


@command_group("contract")
def command() -> None:
    """Check whether a server keeps the contract."""


@command.command("run", examples=["contract run", "contract run -o jsonl > deviations.jsonl"])
@click.option(
    "--read-only/--no-read-only",
    default=True,
    help="Only ask for what changes nothing and costs nothing; default. "
    "Otherwise small things are also written, and removed again.",
)
@click.option(
    "--submit", is_flag=True, help="Also run a tiny workflow, which may cost credits. Needs --no-read-only."
)
@click.option(
    "--remote-url",
    metavar="URL",
    help="An address whose metadata the server may be asked for. Only for version 1 of the API.",
)
@click.option(
    "--api",
    type=click.Choice(["v1", "v2"]),
    help="Which API to ask; by default that of --contract, else v2 where the setting api is v2, else v1.",
)
@click.option(
    "--contract",
    "source",
    metavar="FILE|URL",
    help="A contract other than this release's own.",
    shell_complete=complete_files,
)
@output_option("table", "json", "jsonl", "csv")
@pass_options
def run_command(
    options: GlobalOptions,
    read_only: bool,
    submit: bool,
    remote_url: str | None,
    api: Literal["v1", "v2"] | None,
    source: str | None,
    chosen: str | None,
) -> None:
    """Ask a server for every operation that can be reached, and report what breaks the contract.

    The server is that of --base-url, as for every command. Lists are followed to their details,
    and what the client relies on is checked: orders, pages, missing things, missing keys, files
    behind signed addresses. Each deviation has the operation, the path, what the contract expects
    there, and what was seen, in words that show none of your data. Operations that nothing leads
    to are listed with the reason; they have not passed.

    With --api v2 it asks for jobs, their events and assets by the contract of API v2, and with
    --no-read-only also whether an Idempotency-Key works only once. API v2 deletes no jobs, so the
    job of --submit stays there.

    jsonl and csv contain only the deviations; json and the table also the operations that were not
    checked.

    The exit code is 0 without deviations, 1 with any, 4 when the server accepts no key that is
    set, and 9 when it does not respond.
    """
    if submit and read_only:
        raise CommandError("--submit requires --no-read-only")
    if api is None and options.api != "auto":
        api = options.api
    if api == "v2" and remote_url is not None:
        raise CommandError("--remote-url is for version 1 of the API; leave it out with --api v2")
    form = output_format(chosen)
    note_source_of_key(load_settings(options), options)
    report = _report(
        options, read_only=read_only, submit=submit, remote_url=remote_url, api=api, source=source
    )
    _write(report, form, use_color(options.color))
    write_message(
        f"{len(report.deviations)} deviations; {len(report.checked)} operations checked, "
        f"{len(report.unchecked)} not, {report.requests} requests to {safe_line(report.server)}"
    )
    if report.deviations:
        raise click.exceptions.Exit(API)
    if not report.was_let_in:
        raise CommandError(
            "no API key was accepted, so operations that need one were not checked. "
            "See comfy-cloud auth status",
            AUTH,
        )


def _report(options: GlobalOptions, *, source: str | None, **run_options: Any) -> Report:
    try:
        from comfy_cloud.contract import ContractError, fetched_contract, run_contract
    except ModuleNotFoundError as error:
        raise CommandError(str(error)) from None
    try:
        contract = None if source is None else fetched_contract(source)
        return run_contract(
            options.base_url,
            profile=options.profile,
            timeout=options.timeout,
            contract=contract,
            **run_options,
        )
    except ContractError as error:
        raise CommandError(str(error), USAGE) from None


def _write(report: Report, form: str, color: bool) -> None:
    records = [
        {
            "operation": found.operation,
            "path": found.path,
            "kind": found.kind,
            "expected": found.expected,
            "seen": found.seen,
            "count": found.count,
        }
        for found in report.deviations
    ]
    if form == "jsonl":
        write_data("".join(f"{json_text(record)}\n" for record in records))
    elif form == "csv":
        write_data(csv_line(COLUMNS))
        write_data("".join(csv_line([record[name] for name in COLUMNS]) for record in records))
    elif form == "json":
        unchecked = [
            {"operation": found.operation, "reason": in_command_words(found.reason)}
            for found in report.unchecked
        ]
        whole = {
            "server": report.server,
            "api": report.api,
            "deviations": records,
            "checked": list(report.checked),
            "unchecked": unchecked,
            "requests": report.requests,
        }
        write_data(f"{json_text(whole, indent=2)}\n")
    else:
        if records:
            rows = [[safe_line(str(record[name])) for name in COLUMNS] for record in records]
            write_data(report_text(COLUMNS, rows, color=color) + "\n")
        rows = [
            [safe_line(found.operation), safe_line(in_command_words(found.reason))]
            for found in report.unchecked
        ]
        if rows:
            write_data(report_text(UNCHECKED_COLUMNS, rows, color=color))
