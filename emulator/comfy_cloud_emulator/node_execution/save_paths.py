"""Where a self-hosted ComfyUI saves: from a filename prefix to a folder, a name and a number.

Seen on a ComfyUI 0.30.0. Folders of the prefix are kept, the time and the size of the image are
filled in, and what the editor would replace (`%date:...%`) stays as it is.
"""

from __future__ import annotations

import posixpath
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from comfy_cloud_emulator.engine.failures import NodeFailure

_TIMES: Final = {
    "%year%": "%Y",
    "%month%": "%m",
    "%day%": "%d",
    "%hour%": "%H",
    "%minute%": "%M",
    "%second%": "%S",
}
_BATCH: Final = "%batch_num%"
_ROOT: Final = "/output"


@dataclass(frozen=True, slots=True)
class SavePath:
    """The files of one node: their folder, the beginning of their names, and the first number."""

    subfolder: str
    stem: str
    number: int

    def name(self, index: int, extension: str) -> str:
        """The name of one file of a batch, which is counted from 0."""
        return f"{self.stem.replace(_BATCH, str(index))}_{self.number + index:05d}_.{extension}"


def save_path(
    prefix: str, names: Callable[[str], list[str]], now: int, size: tuple[int, int] = (0, 0)
) -> SavePath:
    """The path for a prefix at an instant in Unix milliseconds.

    `names` lists the files of a folder. Raises NodeFailure when the prefix leads outside.
    """
    prefix = _filled_in(prefix, now, size)
    path = posixpath.normpath(prefix)
    subfolder, stem = posixpath.split(path)
    folder = posixpath.normpath(posixpath.join(_ROOT, subfolder))
    if folder != _ROOT and not folder.startswith(f"{_ROOT}/"):
        message = f"saving outside of the output folder is not allowed: {subfolder}\n"
        raise NodeFailure("Exception", message)
    # Behind a slash or dot at the end of a prefix the server finds no number, and starts anew.
    is_counted = posixpath.basename(prefix) == stem
    known = [_number(name, stem) for name in names(subfolder)] if is_counted else []
    return SavePath(subfolder, stem, max((each for each in known if each is not None), default=0) + 1)


def _filled_in(prefix: str, now: int, size: tuple[int, int]) -> str:
    for name, value in zip(("%width%", "%height%"), size, strict=True):
        prefix = prefix.replace(name, str(value))
    instant = time.localtime(now / 1000)
    for name, form in _TIMES.items():
        prefix = prefix.replace(name, time.strftime(form, instant))
    return prefix


def _number(name: str, stem: str) -> int | None:
    """The number in a name, 0 if there is none; None for a name with another beginning."""
    if not name.startswith(f"{stem}_"):
        return None
    try:
        return int(name[len(stem) + 1 :].partition(".")[0].partition("_")[0])
    except ValueError:
        return 0
