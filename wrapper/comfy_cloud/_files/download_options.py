"""The options of downloads, as typed dicts: what one file takes, and what many take."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias, TypedDict, get_args

from ..errors import ConfigurationError
from .progress import ProgressOption

# Where to save: a path, or a URL for fsspec.
SavePath: TypeAlias = str | os.PathLike[str]
# What a download returns: the path of a local file, or the URL of any other.
SavedPath: TypeAlias = Path | str
Channel = Literal["rgb", "a", "alpha"]
# What to do where a file exists already.
IfExists = Literal["error", "skip", "rename", "overwrite"]


class SaveOptions(TypedDict, total=False):
    """The options for saving one file; see `cloud.files.download`."""

    if_exists: IfExists | None
    overwrite: bool
    progress: ProgressOption
    verify: bool


class ViewOptions(SaveOptions, total=False):
    """The options for saving a file that jobs read or make; see `cloud.files.download`."""

    subfolder: str | None
    type: str | None
    channel: Channel | None
    res: int | None


class ManyOptions(SaveOptions, total=False):
    """The options for saving several files; see `cloud.files.download_all`."""

    name: str
    concurrency: int | None


class JobDownloadOptions(ManyOptions, total=False):
    """The options for saving the outputs of one job; see `job.download`."""

    timeout: float | None
    partial: bool


class DownloadOptions(ManyOptions, total=False):
    """The options for saving many files; see `cloud.files.download_all`."""

    job: str | None
    created: datetime | None


def checked_if_exists(if_exists: IfExists | None, *, overwrite: bool) -> IfExists:
    """What to do where a file exists, by default "error". `overwrite=True` means "overwrite".

    Raises ConfigurationError for another word, and if the two arguments contradict each other.
    """
    if if_exists is not None and if_exists not in get_args(IfExists):
        raise ConfigurationError(
            f"if_exists is one of {', '.join(map(repr, get_args(IfExists)))}, not {if_exists!r}"
        )
    if overwrite and if_exists not in (None, "overwrite"):
        raise ConfigurationError(
            f"overwrite=True and if_exists={if_exists!r} contradict each other; pass only if_exists"
        )
    return "overwrite" if overwrite else if_exists or "error"
