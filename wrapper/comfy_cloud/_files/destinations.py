"""Where a download shall go: a path of this machine, a URL for fsspec, or a path on a file system of fsspec; and what that makes of it.

Local files are in `saving`, all others in `remote_saving`. A `file://` URL is a path of this machine, with all that holds for these.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any, Literal, Protocol, TypeAlias, TypedDict

from .local_file import PartialFile, refuse_existing, target_path
from .remote_file import RemotePlace, is_url
from .upload_sources import Progress

Target: TypeAlias = "str | os.PathLike[str]"
_FILE = "file://"
_DRIVE = re.compile(r"/[A-Za-z]:")  # of Windows, in file:///C:/folder
# What a download returns: the path of a local file, the URL of any other.
Saved: TypeAlias = "Path | str"
Channel = Literal["rgb", "a", "alpha"]


class SaveOptions(TypedDict, total=False):
    """The options of saving one file; see `cloud.files.download`."""

    overwrite: bool
    progress: Progress | None
    verify: bool


class ViewOptions(SaveOptions, total=False):
    """The options of saving a file that jobs read or make; see `cloud.files.download`."""

    subfolder: str | None
    type: str | None
    channel: Channel | None
    res: int | None


class JobDownloadOptions(SaveOptions, total=False):
    """The options of saving what a job made; see `cloud.files.download_all`."""

    name: str
    concurrency: int


class DownloadOptions(JobDownloadOptions, total=False):
    """The options of saving many files; see `cloud.files.download_all`."""

    job: str | None
    created: datetime | None


class Partial(Protocol):
    """A file in the making, wherever."""

    def write_at(self, offset: int, chunk: bytes) -> None:
        """Put a chunk where it belongs."""

    def publish(self) -> Saved:
        """Give it its name."""
        ...

    def discard(self) -> None:
        """Take away what was not published."""


class Place(Protocol):
    """Where one file shall go. To ask one that `is_remote` takes long."""

    is_remote: bool

    @property
    def name(self) -> str:
        """The name of the file."""
        ...

    def refuse_existing(self) -> None:
        """Raise FileExistsError when there is something already."""

    def partial(self, *, overwrite: bool) -> Partial:
        """The file in the making."""
        ...


class LocalPlace:
    """A path of this machine; `within` is the folder that links may not lead out of. As a URL it came when `is_url`."""

    is_remote = False

    def __init__(self, path: Path, within: Path | None = None, *, is_url: bool = False) -> None:
        self._path = path
        self._within = within
        self._is_url = is_url

    @property
    def name(self) -> str:
        """The name of the file."""
        return self._path.name

    def refuse_existing(self) -> None:
        """Raise FileExistsError when there is something already."""
        refuse_existing(self._path)

    def partial(self, *, overwrite: bool) -> Partial:
        """The file in the making."""
        made = PartialFile(self._path, overwrite=overwrite, within=self._within)
        return _PartialUrl(made) if self._is_url else made


class _PartialUrl:
    """A local file that was named by its URL, and is returned by it."""

    def __init__(self, file: PartialFile) -> None:
        self.write_at = file.write_at
        self.discard = file.discard
        self._file = file

    def publish(self) -> str:
        return _FILE + self._file.publish().absolute().as_posix()


def place_of(target: Target, name: str, filesystem: Any = None) -> Place:
    """The place of one file: the target itself, or `name` in it when it is a folder. Raises ConfigurationError."""
    if filesystem is None and not is_url(target):
        return LocalPlace(target_path(target, name))
    text = os.fspath(target)
    if filesystem is None and _is_file_url(text):
        return LocalPlace(target_path(_local_path(text), name), is_url=True)
    return RemotePlace.of(text, filesystem).file(name, is_folder=text.endswith("/"))


def places_below(folder: Target, paths: Iterable[PurePath], filesystem: Any = None) -> list[Place]:
    """The places of several files below a folder, which links in it do not lead out of. Raises ConfigurationError."""
    if filesystem is None and not is_url(folder):
        base = Path(folder)
        return [LocalPlace(base / path, base) for path in paths]
    text = os.fspath(folder)
    if filesystem is None and _is_file_url(text):
        base = Path(_local_path(text))
        return [LocalPlace(base / path, base, is_url=True) for path in paths]
    remote = RemotePlace.of(text, filesystem)
    return [remote.below(path) for path in paths]


def _is_file_url(text: str) -> bool:
    return text.lower().startswith(_FILE)


def _local_path(url: str) -> str:
    """The path of a `file://` URL as it is written: fsspec decodes nothing in it either."""
    path = url[len(_FILE) :]
    return path[1:] if _DRIVE.match(path) else path
