"""How an exception is reported on stderr: one line, and details with --verbose."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from .file_errors import is_of_a_file, message_of
from .options import GlobalOptions
from .sanitizing import safe_line, safe_text
from .streams import use_color, write_message
from .wording import in_command_words

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloudError

TRY_DOCTOR = "Try `comfy-cloud doctor`, which checks each step of the connection"


def report_error(error: Exception, program: str, options: GlobalOptions) -> None:
    """Write one readable line.

    With --verbose, a library error is followed by its earlier attempts, and an unexpected
    exception by its traceback.
    """
    head = click.style("error:", fg="red") if use_color(options.color, sys.stderr) else "error:"
    if isinstance(error, click.UsageError):
        where = error.ctx.command_path if error.ctx is not None else program
        write_message(f"{head} {safe_line(error.format_message())} (see `{where} --help`)")
        return
    if isinstance(error, click.ClickException):
        write_message(f"{head} {safe_line(error.format_message())}")
        return
    if is_of_a_file(error):
        write_message(f"{head} {safe_line(in_command_words(message_of(error)))}")
        if options.verbose:
            _report_traceback(error)
        return
    from comfy_cloud import ComfyCloudError, ConnectionFailed, RequestTimeout

    if isinstance(error, ComfyCloudError):
        advice = f". {TRY_DOCTOR}" if isinstance(error, (ConnectionFailed, RequestTimeout)) else ""
        write_message(f"{head} {safe_line(in_command_words(str(error)))}{advice}")
        if options.verbose:
            _report_details(error)
        return
    hint = "" if options.verbose else " (-v shows the traceback)"
    write_message(f"{head} unexpected {type(error).__name__}: {safe_line(str(error))}{hint}")
    if options.verbose:
        _report_traceback(error)


def _report_traceback(error: Exception) -> None:
    import traceback

    write_message(safe_text("".join(traceback.format_exception(error)).rstrip()))


def _report_details(error: ComfyCloudError) -> None:
    request_id = getattr(error, "request_id", None)
    if request_id:
        write_message(safe_line(f"request id: {request_id}"))
    for number, earlier in enumerate(error.attempts, 1):
        write_message(safe_line(f"attempt {number}: {in_command_words(str(earlier))}"))
