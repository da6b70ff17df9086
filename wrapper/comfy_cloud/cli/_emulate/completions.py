"""What shells complete for `emulate`: its quirks and faults, from the emulator's own tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from .._console.completions import completion_items

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# From Python 3.13 on, docstrings have lost the spaces that all of their lines begin with.
_DESCRIBED = re.compile(r"^ *- `(\w+)`: (.*(?:\n +(?!- )\S.*)*)", re.MULTILINE)


def quirks(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The presets of the emulator, or names of its quirks separated by commas."""
    try:
        from comfy_cloud_emulator.quirks import PRESETS, Quirks
    except ModuleNotFoundError:
        return []
    about = {name: " ".join(text.split()) for name, text in _DESCRIBED.findall(Quirks.__doc__ or "")}
    before, comma, _ = incomplete.rpartition(",")
    taken = before.split(",")
    names = [name for name in Quirks.__dataclass_fields__ if name not in taken]
    presets = () if comma else PRESETS
    return completion_items(
        [*((name, "a preset") for name in presets)]
        + [(f"{before}{comma}{name}", about.get(name, "")) for name in names],
        incomplete,
    )


def faults(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The kinds of faults, with which a fault begins."""
    try:
        from comfy_cloud_emulator.faults.fault import KINDS
    except ModuleNotFoundError:
        return []
    return completion_items(((kind, "") for kind in KINDS if kind != "status"), incomplete)
