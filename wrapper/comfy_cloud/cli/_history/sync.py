"""`comfy-cloud history sync`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from .._console.client import connect
from .._console.commands import verb
from .._console.details import Details, details_options
from .._console.options import GlobalOptions, pass_options
from .._console.sanitizing import safe_line
from .._console.streams import write_message
from .mirror_option import database_option, path_or_url
from .sync_progress import migration_progress, sync_progress

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud
    from comfy_cloud.mirror import Mirror


@verb(
    "sync",
    examples=[
        "history sync",
        "history sync --watch",
        "history sync --database postgresql+psycopg://me@db/comfy",
    ],
)
@click.option("--full", is_flag=True, help="Read the whole list, and notice what was deleted.")
@click.option("--watch", is_flag=True, help="Go on until Ctrl-C: sync again whenever a job ends.")
@database_option
@details_options
@pass_options
def sync_command(
    options: GlobalOptions, details: Details, full: bool, watch: bool, database: str | None
) -> None:
    """Copy the history into a database on this machine, or bring that up to date.

    Only what is new is read. What the service deletes stays in the mirror. It may be interrupted;
    the next one goes on. Without --full, the whole list is read once a week.
    """
    with connect(options) as cloud, _opened(cloud, database) as mirror:
        with _saying_what_it_has(mirror):
            with sync_progress() as progress:
                result = mirror.sync(full=full, progress=progress)
            _report(mirror, details, result)
            if watch:
                write_message("watching; stop it by Ctrl-C")
                _watch(mirror, details)


def _opened(cloud: ComfyCloud, database: str | None) -> Any:
    with migration_progress():
        return cloud.mirror(**path_or_url(database))


def _watch(mirror: Any, details: Details) -> None:
    was_broken = False
    for result in mirror.watch():
        if result.is_broken:
            if not was_broken:
                write_message(safe_line(f"warning: {result.failures[0]}"))
                write_message("trying again until the server responds")
        elif was_broken or result.added or result.changed or result.details or result.deleted:
            _report(mirror, details, result)
        was_broken = result.is_broken


@contextmanager
def _saying_what_it_has(mirror: Any) -> Iterator[None]:
    """When a sync ends early, say what is in the mirror by then."""
    try:
        yield
    except BaseException:
        with suppress(Exception), mirror.connect() as connection:
            query = "SELECT count(*), count(CASE WHEN has_details THEN 1 END) FROM jobs"
            jobs, detailed = connection.exec_driver_sql(query).one()
            count = "1 job" if jobs == 1 else f"{jobs} jobs"
            write_message(
                f"the mirror has {count}, {detailed} of them with details; the next sync goes on from there"
            )
        raise


def _report(mirror: Mirror, details: Details, result: object) -> None:
    names = ("added", "changed", "details", "without_details", "deleted", "total", "is_full")
    counts = {name: getattr(result, name) for name in names}
    details.write(
        {"mirror": mirror.place, **counts},
        text={
            "mirror": mirror.place,
            "new jobs": counts["added"],
            "changed": counts["changed"],
            "details": counts["details"],
            "without details": counts["without_details"],
            "deleted by the service": counts["deleted"],
            "jobs in all": str(counts["total"]),
        },
    )
    for failure in getattr(result, "failures", ()):
        write_message(safe_line(f"warning: {failure}"))
