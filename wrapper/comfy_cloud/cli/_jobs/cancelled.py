"""What a command says after it has cancelled jobs."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .._console.exits import API, CommandError
from .._console.sanitizing import safe_line
from .._console.streams import write_message


def report_cancelled(wanted: Iterable[str], cancelled: Collection[str], done: str, left: str) -> None:
    """Write `done` about each job that was cancelled; {} in it is the id.

    Raises CommandError with `left`, in which {} is a list of ids, when others were wanted too.
    """
    for job_id in cancelled:
        write_message(done.format(safe_line(job_id)))
    others = [job_id for job_id in wanted if job_id not in cancelled]
    if others:
        raise CommandError(left.format(safe_line(", ".join(others))), API)
