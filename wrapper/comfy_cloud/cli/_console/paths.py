"""The type of options that take a path, which imports `pathlib` when one is given.

With what it imports, `pathlib` takes a tenth of the time that completion in a shell takes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path


class PathType(click.Path):
    """What `click.Path(path_type=Path)` is."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path as a `Path`."""
        from pathlib import Path

        return Path(os.fsdecode(super().convert(value, param, ctx)))
