"""Errors in words for an agent: what is wrong, and what mends it."""

from __future__ import annotations

import click

from .._console.errors import TRY_DOCTOR
from .._console.file_errors import is_of_a_file, message_of
from .._console.wording import in_command_words
from .texts import shown


def failure_text(error: Exception) -> str:
    """One text about an error. Of one that nobody expected, only its type is given."""
    from comfy_cloud import ComfyCloudError, ConnectionFailed, RequestTimeout

    if isinstance(error, click.ClickException):
        return shown(error.format_message())
    if is_of_a_file(error):
        return shown(in_command_words(message_of(error)))
    if isinstance(error, ComfyCloudError):
        advice = f". {TRY_DOCTOR}" if isinstance(error, (ConnectionFailed, RequestTimeout)) else ""
        return shown(f"{in_command_words(str(error))}{advice}")
    if isinstance(error, ModuleNotFoundError):
        return f"the package {error.name} is not installed: pip install 'comfy-cloud[cli,mcp,mirror]'"
    return (
        f"unexpected {type(error).__name__}. The server goes on; started with --verbose, it reports the "
        "details on its stderr"
    )


def arguments_text(error: Exception) -> str:
    """What is wrong with the arguments of a call, by their names; their values are not repeated."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return "the arguments are not valid: see the schema of the tool"
    lines = [
        f"{'.'.join(map(str, each['loc'])) or 'arguments'}: {each['msg']}"
        for each in error.errors(include_input=False, include_url=False)[:10]
    ]
    return shown(f"the arguments are not valid: {'; '.join(lines)}")
