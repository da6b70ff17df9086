"""What shells complete beside names of commands and options: values, with a few words on each.

Everything is read from files, never from a server, so that it takes no time. Every command imports
this module, so it imports the others when it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

from .global_options import GlobalOptions

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from .remembered import Row

# Others than these must be quoted for the shell.
_OPERATORS = (("=", "is"), ("!=", "is not"), ("~", "contains"))

Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def job_ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The jobs that earlier commands saw, with status, age and prompt."""
    rows = _remembered(context, "jobs")
    return _items(([row[0], _about_job(row)] for row in rows), incomplete)


def node_classes(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The node classes that `nodes list` found, with their titles."""
    return _items(_remembered(context, "nodes"), incomplete)


def model_folders(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The kinds of models that `models` found."""
    return _items(_remembered(context, "model folders"), incomplete)


def model_names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The models that `models list` found, with their kinds."""
    return _items(_remembered(context, "models"), incomplete)


def files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files of this machine, for what may also be a URL. The shell lists them."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def profiles(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The profiles of this user."""
    # Not by `_settings.profiles`, which imports half the library to check what it reads.
    import os
    import tomllib

    from ..._settings.document_bounds import MOST_PROFILE_BYTES
    from ..._settings.user_folders import PROFILE_FILE, config_path

    try:
        with open(os.path.join(config_path(), PROFILE_FILE), "rb") as file:
            names = sorted(tomllib.loads(file.read(MOST_PROFILE_BYTES).decode())["profiles"])
    except Exception:  # noqa: BLE001 - a shell that completes shows no error
        return []
    return _items(([name] for name in names), incomplete)


def columns(names: Iterable[str]) -> Completer:
    """A function that completes a list of columns, `a,b,c`."""
    known = list(names)

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        before, comma, _ = incomplete.rpartition(",")
        taken = before.split(",")
        return _items(([f"{before}{comma}{name}"] for name in known if name not in taken), incomplete)

    return complete


def conditions(names: Iterable[str]) -> Completer:
    """A function that completes the beginning of a condition on a column: `status=`, `error~`."""
    known = [[f"{name}{operator}", about] for name in names for operator, about in _OPERATORS]

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return _items(known, incomplete)

    return complete


def _remembered(context: click.Context, kind: str) -> list[Row]:
    from .remembered import remembered

    return remembered(context.ensure_object(GlobalOptions), kind)


def _items(rows: Iterable[Row], incomplete: str) -> list[CompletionItem]:
    return completion_items(((row[0], " ".join(row[1:])) for row in rows), incomplete)


def completion_items(rows: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    """The values that go on from what was typed, each with a few words on it."""
    import os

    from click.shell_completion import CompletionItem

    from .sanitizing import safe_line

    unique = {value: about for value, about in rows if value.startswith(incomplete)}
    if os.environ.get("_COMFY_CLOUD_COMPLETE", "").startswith("bash"):
        unique = {value: about for value, about in unique.items() if _is_one_word(value)}
    return [
        CompletionItem(safe_line(value), help=safe_line(about) or None) for value, about in unique.items()
    ]


def _is_one_word(value: str) -> bool:
    """Whether bash reads a value as it is. It puts one into the command line without quotes, where
    a name such as $(command), from a server, would be run with the line."""
    import re

    return re.search(r"""[\s$`"'\\;&|<>()*?!\[\]#~]""", value) is None


def _about_job(row: Row) -> str:
    from datetime import datetime

    from .times import age_text

    status, created, prompt = (*row[1:4], "", "", "")[:3]
    try:
        age = age_text(datetime.fromisoformat(created)) if created else ""
    except ValueError:
        age = ""
    return ", ".join(part for part in (status, age, prompt) if part)
