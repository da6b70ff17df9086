"""The options of downloads, as typed dicts: what one file takes, and what many take."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias, TypedDict

from .progress import ProgressCallback

# Where to save: a path, or a URL for fsspec.
SavePath: TypeAlias = "str | os.PathLike[str]"
# What a download returns: the path of a local file, or the URL of any other.
SavedPath: TypeAlias = "Path | str"
Channel = Literal["rgb", "a", "alpha"]


class SaveOptions(TypedDict, total=False):
    """The options for saving one file; see `cloud.files.download`."""

    overwrite: bool
    progress: ProgressCallback | None
    verify: bool


class ViewOptions(SaveOptions, total=False):
    """The options for saving a file that jobs read or make; see `cloud.files.download`."""

    subfolder: str | None
    type: str | None
    channel: Channel | None
    res: int | None


class JobDownloadOptions(SaveOptions, total=False):
    """The options for saving the outputs of one job; see `cloud.files.download_all`."""

    name: str
    concurrency: int


class DownloadOptions(JobDownloadOptions, total=False):
    """The options for saving many files; see `cloud.files.download_all`."""

    job: str | None
    created: datetime | None
