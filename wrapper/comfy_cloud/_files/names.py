"""Names for downloaded files: safe on every platform whatever a server sends, and templates that people write.

A name from a server becomes one component of a path and never more: no separators, no "..", no device names of Windows, no
control or direction-changing characters, at most `LONGEST_NAME` bytes. Nothing here touches the disk.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import PurePath

from .._jobs.outputs import Output
from ..errors import ConfigurationError

# Most file systems take 255 bytes; the rest is left for what is put in front or behind.
LONGEST_NAME = 200
_LONGEST_EXTENSION = 20
_UNKNOWN = "unknown"

FIELDS = ("job", "node", "index", "name", "ext", "kind", "created")

_FORBIDDEN = frozenset('<>:"/\\|?*')
_DEVICES = frozenset(
    [
        *("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"),
        *(f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"),
    ]
)


def safe_name(text: str, fallback: str = "file") -> str:
    """`text` as the name of one file on any platform; `fallback` when nothing of it can be used.

    What is safe already stays as it is (in Unicode's composed form).
    """
    name = _without_unsafe(text).strip(" .")
    if name.partition(".")[0].rstrip(" ").upper() in _DEVICES:
        name = f"_{name}"
    return _shortened(name) or fallback


def split_name(name: str) -> tuple[str, str]:
    """The stem and the extension with its dot; the extension is "" when there is none."""
    stem, dot, extension = name.rpartition(".")
    if not (dot and stem and extension) or len(extension) >= _LONGEST_EXTENSION or " " in extension:
        return name, ""
    return stem, f".{extension}"


def output_name(output: Output) -> str:
    """The safe name of an output: the one for people when it has one, else the stored one.

    The name for people gets the extension of the stored file when it has none of its own.
    """
    name = safe_name(output.display_name or output.filename)
    if not split_name(name)[1]:
        name = safe_name(name + split_name(output.filename)[1])
    return name


class NameTemplate:
    """A template for file names, such as `{node}_{index}{ext}` or `{created:%Y-%m-%d}/{job}_{index:03}{ext}`.

    Fields: `job` the job's id, `node` the node's id, `index` the place among the files, from 0, `name` the file's name
    without its extension, `ext` the extension with its dot, `kind` image, video, audio, 3d, text or file, `created` when
    the job was made (a datetime). A slash in the template makes folders; one in a value does not. What is not known is
    written as "unknown". Raises ConfigurationError for unknown fields and for templates that lead out of the folder.
    """

    def __init__(self, template: str) -> None:
        self.template = template
        try:
            self._parts = list(string.Formatter().parse(template))
        except ValueError as error:
            raise ConfigurationError(f"The name template {template!r} cannot be read: {error}") from None
        for _, field, spec, conversion in self._parts:
            if field is None:
                continue
            if field not in FIELDS or conversion or "{" in (spec or ""):
                known = ", ".join(f"{{{name}}}" for name in FIELDS)
                raise ConfigurationError(
                    f"The name template {template!r} has {{{field}}}; the fields are {known}"
                )
        steps = template.replace("\\", "/").split("/")
        if not template.strip() or any(step.strip() in ("", ".", "..") for step in steps):
            raise ConfigurationError(
                f"The name template {template!r} must name a file below the folder, without '..' or empty steps"
            )

    def path_for(self, values: Mapping[str, object]) -> PurePath:
        """The relative path for one file. Raises ConfigurationError when a value does not take its format."""
        text = "".join(
            literal + (self._value(field, values.get(field), spec or "") if field else "")
            for literal, field, spec, _ in self._parts
        )
        return PurePath(*(safe_name(step) for step in text.split("/")))

    def path_of(
        self, output: Output, index: int, *, job: str | None = None, created: datetime | None = None
    ) -> PurePath:
        """The relative path for an output, at its place among the files that are saved together."""
        stem, extension = split_name(output_name(output))
        fields = {"job": job, "node": output.node_id, "index": index, "kind": output.kind, "created": created}
        return self.path_for({**fields, "name": stem, "ext": extension})

    def _value(self, field: str, value: object, spec: str) -> str:
        if value is None or value == "":
            return "" if field == "ext" else _UNKNOWN
        if isinstance(value, datetime) and not spec:
            spec = "%Y-%m-%dT%H-%M-%S"
        try:
            return _without_unsafe(format(value, spec))
        except (ValueError, TypeError):
            raise ConfigurationError(
                f"The name template {self.template!r}: {{{field}}} does not take the format {spec!r}"
            ) from None


def distinct(paths: Iterable[PurePath]) -> list[PurePath]:
    """The same paths, where those that some file system takes for the same get a number: a.png, a_2.png, a_3.png."""
    taken: set[str] = set()
    found: list[PurePath] = []
    for path in paths:
        candidate, number = path, 1
        while (key := _folded(candidate)) in taken:
            number += 1
            stem, extension = split_name(path.name)
            candidate = path.with_name(f"{stem}_{number}{extension}")
        taken.add(key)
        found.append(candidate)
    return found


def _folded(path: PurePath) -> str:
    # macOS and Windows take names that differ in case or composition for the same. Folding may take letters apart.
    folded = unicodedata.normalize("NFKD", path.as_posix()).casefold()
    return unicodedata.normalize("NFKD", folded)


def _without_unsafe(text: str) -> str:
    return "".join("_" if _is_unsafe(char) else char for char in unicodedata.normalize("NFC", text))


def _is_unsafe(char: str) -> bool:
    if char in _FORBIDDEN:
        return True
    category = unicodedata.category(char)
    return category[0] == "C" or category in ("Zl", "Zp")


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_NAME:
        return name
    stem, extension = split_name(name)
    room = LONGEST_NAME - len(extension.encode())
    kept = stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .")
    return kept + extension
