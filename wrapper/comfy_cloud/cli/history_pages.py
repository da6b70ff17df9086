"""`comfy-cloud history report` and `browse`: the mirror as a page, in a file or live."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from ._console.client import connect
from ._console.commands import verb
from ._console.exits import CommandError
from ._console.file_errors import cannot_write, refuse_unwritable
from ._console.files import write_bytes
from ._console.options import GlobalOptions, pass_options
from ._console.paths import PathType
from ._console.streams import write_data, write_message
from ._console.termination import take_as_interruption
from ._history.mirror_option import database_option, open_mirror
from ._history.page_options import filter_options, image_fetcher, job_filter

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_cloud.mirror.report.thumbnails import Fetch

_OPEN = click.option("--open", "opens", is_flag=True, help="Open it in the browser.")


@verb(
    "report",
    examples=[
        "history report --output-file report.html --open",
        "history report -o failures.html --status failed --since 30d",
        "history report -o report.html --fetch --overwrite",
    ],
)
@click.option(
    "-o", "--output-file", type=PathType(), metavar="FILE", required=True, help="The HTML file to write."
)
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
@_OPEN
@click.option(
    "--thumbnails",
    type=click.IntRange(0, 5_000),
    default=500,
    show_default=True,
    metavar="N",
    help="At most so many thumbnails, of the newest jobs.",
)
@click.option("--fetch", is_flag=True, help="Fetch images that were not downloaded yet; needs the key.")
@filter_options
@database_option
@pass_options
def report_command(
    options: GlobalOptions,
    database: str | None,
    output_file: Path,
    overwrite: bool,
    opens: bool,
    thumbnails: int,
    fetch: bool,
    statuses: tuple[str, ...],
    model: str | None,
    since: str | None,
    until: str | None,
    limit: int,
    utc: bool,
) -> None:
    """Write the history as one HTML file, to look at and to search without a network.

    It reads the mirror (history sync). Thumbnails are made from files that history download has
    saved and, with --fetch, from the service. The file contains prompts and file names, never a
    key.
    """
    if str(output_file) == "-":
        raise CommandError("a report is a file: give its name, such as --output-file report.html")
    if not overwrite:
        _refuse_existing(output_file)
    wanted = job_filter(statuses, model, since, until, utc=utc)
    with ExitStack() as stack:
        mirror = stack.enter_context(open_mirror(options, database))
        from comfy_cloud.mirror.report.report import report_html

        fetcher = image_fetcher(stack.enter_context(connect(options))) if fetch and thumbnails else None
        html = report_html(mirror, wanted, limit=limit, thumbnails=thumbnails, fetch=fetcher)
    write_bytes(html.encode(), output_file, overwrite=overwrite)
    if opens:
        _open(output_file.resolve().as_uri())


@verb("browse", examples=["history browse --open", "history browse --port 8200 --since 30d"])
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; default: a free one.")
@_OPEN
@filter_options
@database_option
@pass_options
def browse_command(
    options: GlobalOptions,
    database: str | None,
    port: int,
    opens: bool,
    statuses: tuple[str, ...],
    model: str | None,
    since: str | None,
    until: str | None,
    limit: int,
    utc: bool,
) -> None:
    """Show the history as a live page on this machine, until Ctrl-C.

    It reads the mirror (history sync) and shows what a sync adds. Images come from files that
    history download has saved, else from the service, when they are looked at. Only this machine
    can reach the page, and only with the address that is printed.
    """
    take_as_interruption()
    wanted = job_filter(statuses, model, since, until, utc=utc)
    with ExitStack() as stack:
        mirror = stack.enter_context(open_mirror(options, database))
        from comfy_cloud.mirror.report.browse_routes import BrowseRoutes
        from comfy_cloud.mirror.report.browse_server import BrowseServer
        from comfy_cloud.mirror.report.thumbnails import check_library

        check_library()
        routes = BrowseRoutes(mirror, wanted, limit=limit, fetch=_fetcher(options, stack))
        try:
            server = stack.enter_context(BrowseServer(routes, port))
        except OSError as error:
            raise CommandError(
                f"port {port} cannot be used: {error.strerror}; choose another --port, or leave it out"
            ) from None
        write_data(f"{server.url}\n")
        sys.stdout.flush()
        write_message("the page is there until Ctrl-C")
        if opens:
            _open(server.url)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            write_message("stopped")


def _fetcher(options: GlobalOptions, stack: ExitStack) -> Fetch | None:
    """What reads images from the service; None without a key, where it needs one."""
    cloud = stack.enter_context(connect(options, needs_key=False))
    if cloud.settings.api_key is None and cloud.settings.is_comfy_cloud:
        write_message("note: there is no API key, so only images that were downloaded are shown")
        return None
    return image_fetcher(cloud)


def _refuse_existing(path: Path) -> None:
    """Raise CommandError for a file that exists, before a report is made that cannot be written."""
    import os

    if os.path.lexists(path):
        raise cannot_write(path, FileExistsError())
    refuse_unwritable(path)


def _open(address: str) -> None:
    import webbrowser

    if not webbrowser.open(address):
        write_message("there is no browser to open it with")
