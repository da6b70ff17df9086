"""`comfy-cloud spec`: what a newer version of the API's contract changes for users of this client.

Only options, output and exit codes are here. Contracts are compared in `comfy_cloud.contract`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from ._console.commands import command_group
from ._console.elastic import report_text
from ._console.exits import API, USAGE, CommandError
from ._console.formats import csv_line, json_text, output_format
from ._console.known_values import files as complete_files
from ._console.options import GlobalOptions, output_option, pass_options
from ._console.sanitizing import safe_line
from ._console.streams import use_color, write_data, write_message

if TYPE_CHECKING:
    from comfy_cloud.contract import Change

OURS = "-"
COLUMNS = ["breaking", "where", "change", "methods"]
_STYLES = {"breaking": "red", "other": "green"}


@command_group("spec")
def command() -> None:
    """Compare versions of the API's contract."""


@command.command("diff", examples=["spec diff newer.yaml", "spec diff old.yaml newer.yaml --breaking"])
@click.argument(
    "sources",
    nargs=-1,
    metavar="[OLD] NEW",
    shell_complete=complete_files,
    help="Two contracts, each a file or a URL. One alone is compared with that of this client.",
)
@click.option(
    "--api", type=click.Choice(["v1", "v2"]), default="v1", help="Which contract - is; API v1 by default."
)
@click.option("--breaking", "only_breaking", is_flag=True, help="Show breaking changes only.")
@output_option("table", "json", "jsonl", "csv")
@pass_options
def diff_command(
    options: GlobalOptions,
    sources: tuple[str, ...],
    api: Literal["v1", "v2"],
    only_breaking: bool,
    chosen: str | None,
) -> None:
    """Show what changed from OLD to NEW: one line per change, with the client methods concerned.

    OLD and NEW are files or http(s) URLs, OpenAPI 3 in YAML or JSON. - is the published contract
    that this release was made from. It is also the default for OLD. With --api v2 it is the
    contract of API v2, and the methods are those that use API v2.

    A change is breaking when a program that uses this client may have to be changed. Breaking
    changes come first. So a field of responses that may be absent or null from now on is breaking.
    New fields of responses and new values of enums are not: the client reads those.

    The exit code is 0 when nothing breaks, 1 when something does, and 2 when a contract cannot be
    read.
    """
    if not 1 <= len(sources) <= 2:
        raise CommandError("give one contract, or two: comfy-cloud spec diff [OLD] NEW")
    changes, methods = _compared(api, *((OURS, *sources) if len(sources) == 1 else sources))
    count = sum(change.breaking for change in changes)
    shown = [change for change in changes if change.breaking or not only_breaking]
    _write(shown, methods, output_format(chosen), use_color(options.color))
    write_message(
        f"{count} breaking, {len(changes) - count} other" if changes else "no change of the interface"
    )
    if count:
        raise click.exceptions.Exit(API)


def _compared(api: Literal["v1", "v2"], old: str, new: str) -> tuple[list[Change], dict[str, list[str]]]:
    try:
        from comfy_cloud.contract import (
            ContractError,
            compare,
            fetched_contract,
            methods_by_operation,
            published_contract,
        )
    except ModuleNotFoundError as error:
        raise CommandError(str(error)) from None
    try:
        was, now = [
            published_contract(api) if source == OURS else fetched_contract(source) for source in (old, new)
        ]
        changes = compare(was, now)
    except ContractError as error:
        raise CommandError(str(error), USAGE) from None
    return sorted(changes, key=lambda change: not change.breaking), methods_by_operation(api)


def _write(changes: list[Change], methods: dict[str, list[str]], form: str, color: bool) -> None:
    records = [_record(change, methods) for change in changes]
    if form == "jsonl":
        write_data("".join(f"{json_text(record)}\n" for record in records))
    elif form == "csv":
        write_data(csv_line(COLUMNS))
        write_data("".join(csv_line(_cells(record)) for record in records))
    elif form == "json":
        write_data(f"{json_text(records, indent=2)}\n")
    elif records:
        rows = [_cells(record) for record in records]
        write_data(report_text(COLUMNS, rows, color=color, first_style=_STYLES))


def _record(change: Change, methods: dict[str, list[str]]) -> dict[str, Any]:
    from comfy_cloud.contract import methods_touched

    return {
        "breaking": change.breaking,
        "kind": change.kind,
        "where": change.where,
        "text": change.text,
        "operations": list(change.operations),
        "methods": methods_touched(change, methods),
    }


def _cells(record: dict[str, Any]) -> list[str]:
    breaking = "breaking" if record["breaking"] else "other"
    return [breaking, safe_line(record["where"]), safe_line(record["text"]), ", ".join(record["methods"])]
