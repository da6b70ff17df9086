"""What a download returns, and what was done for each file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

from .download_options import SavedPath

PathT = TypeVar("PathT", bound=Path | str)

Outcome = Literal["saved", "skipped", "renamed"]


class Saved(NamedTuple):
    """One file: its path or URL, and whether it was saved under its name or another, or skipped.

    `is_by_size` says that it was skipped because its size is the same: no hash was compared.
    """

    path: SavedPath
    outcome: Outcome
    is_by_size: bool = False


class SavedFiles(list[PathT]):
    """The paths or URLs of a download, in the order of the files: a list, with their outcomes.

    Attributes:
        outcomes: What was done, in the same order: "saved", "skipped" for a file that was there
            already, or "renamed" for one that got a number, since its name was taken.
    """

    def __init__(self, paths: Iterable[PathT] = (), outcomes: Iterable[Outcome] = ()) -> None:
        super().__init__(paths)
        self.outcomes: list[Outcome] = list(outcomes)

    @property
    def skipped(self) -> list[PathT]:
        """The files that were there already, and were not saved again."""
        return [path for path, outcome in zip(self, self.outcomes, strict=False) if outcome == "skipped"]
