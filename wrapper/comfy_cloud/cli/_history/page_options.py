"""The options of commands that show the mirror as a page, and its images from the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from .._console.completions import model_names
from .._console.times import time_option

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud
    from comfy_cloud.mirror.report.page_data import JobFilter

_LARGEST = 100_000_000
MOST_JOBS = 5_000
STATUS = click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(["completed", "failed", "cancelled"]),
    help="Only jobs with this status; may be given several times.",
)
SINCE = click.option(
    "--since", metavar="TIME", help="Only jobs created at this time or later: 7d, yesterday, ..."
)
UNTIL = click.option("--until", metavar="TIME", help="Only jobs created before this time.")


def filter_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: add --status, --model, --since, --until, --utc and --limit."""
    for option in (
        click.option("--utc", is_flag=True, help="Read times in UTC; default: local time."),
        click.option(
            "--limit",
            type=click.IntRange(1, 100_000),
            default=MOST_JOBS,
            show_default=True,
            metavar="N",
            help="At most so many jobs, the newest.",
        ),
        UNTIL,
        SINCE,
        click.option(
            "--model",
            metavar="TEXT",
            help="Only jobs with a model whose name contains this.",
            shell_complete=model_names,
        ),
        STATUS,
    ):
        function = option(function)
    return function


def job_filter(
    statuses: tuple[str, ...], model: str | None, since: str | None, until: str | None, *, utc: bool
) -> JobFilter:
    """The filter that the options describe.

    Raises CommandError, and ConfigurationError without the extra `mirror`.
    """
    from comfy_cloud.mirror import check_libraries

    check_libraries()
    from comfy_cloud.mirror.report.page_data import JobFilter

    def milliseconds(option: str, text: str | None) -> int | None:
        found = time_option(option, text, utc=utc)
        return None if found is None else int(found.timestamp() * 1000)

    return JobFilter(milliseconds("--since", since), milliseconds("--until", until), statuses, model)


def image_fetcher(cloud: ComfyCloud) -> Callable[[Mapping[str, Any], int], bytes | None]:
    """A function that reads the image of a row of `outputs` from the service.

    The service makes it smaller where it can. The function gives None for what cannot be had.
    """
    from comfy_cloud import ComfyCloudError, NotSupported

    def fetch(row: Mapping[str, Any], edge: int) -> bytes | None:
        place = {"subfolder": row["subfolder"] or None, "type": row["type"] or None}
        try:
            try:
                with cloud.files.open(row["filename"], res=edge, **place) as content:
                    return _bounded(content)
            except NotSupported:
                with cloud.files.open(row["filename"], **place) as content:
                    return _bounded(content)
        except ComfyCloudError:
            return None

    return fetch


def _bounded(content: Any) -> bytes | None:
    """The whole content, unless it is too large for an image."""
    if content.size is not None and content.size > _LARGEST:
        return None
    read = bytearray()
    for chunk in content:
        read += chunk
        if len(read) > _LARGEST:
            return None
    return bytes(read)
