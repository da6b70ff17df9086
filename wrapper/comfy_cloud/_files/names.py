"""Names for downloaded files: safe on every platform whatever a server sends, and name templates.

A name from a server becomes one part of a path and never more: no separators, no "..", no device
names of Windows, no control characters or characters that change the writing direction, and at most
200 bytes of UTF-8. Pure: nothing here touches the disk.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import PurePath

from .._jobs.outputs import Output
from ..errors import ConfigurationError
from .file_types import numbered_name, split_name

# Most file systems allow 255 bytes; the rest is for what is added in front or behind.
_MAX_BYTES = 200
_UNKNOWN = "unknown"

FIELDS = ("job", "node", "index", "name", "ext", "kind", "created")

_FORBIDDEN = frozenset('<>:"/\\|?*')
_WINDOWS_DEVICES = frozenset(
    [
        *("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"),
        *(f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789¹²³"),
    ]
)


def safe_name(text: str, fallback: str = "file") -> str:
    """`text` as a file name that is valid on any platform; `fallback` if nothing of it can be used.

    A name that is safe already stays as it is, apart from Unicode normalisation (NFC).
    """
    name = _without_unsafe_characters(text).strip(" .")
    if name.partition(".")[0].rstrip(" ").upper() in _WINDOWS_DEVICES:
        name = f"_{name}"
    return _shortened(name) or fallback


def output_name(output: Output) -> str:
    """The safe name of an output: its display name if it has one, else its stored name.

    A display name without an extension gets that of the stored file.
    """
    name = safe_name(output.display_name or output.filename)
    if not split_name(name)[1]:
        name = safe_name(name + split_name(output.filename)[1])
    return name


class NameTemplate:
    """A template for file names, such as `{node}_{index}{ext}` or `{created:%Y-%m-%d}/{job}{ext}`.

    Fields: `job`, the job's id; `node`, the node's id; `index`, the position among the files, from
    0; `name`, the file's name without its extension; `ext`, the extension with its dot; `kind`:
    image, video, audio, 3d, text or file; `created`, when the job was created (a datetime).

    A slash in the template makes folders; one in a value does not. An unknown value is written as
    "unknown".

    Raises ConfigurationError for unknown fields, and for a template that leads out of the folder.
    """

    def __init__(self, template: str) -> None:
        self.template = template
        try:
            self._parts = list(string.Formatter().parse(template))
        except ValueError as error:
            raise ConfigurationError(f"The name template {template!r} is not valid: {error}") from None
        for _, field, spec, conversion in self._parts:
            if field is None:
                continue
            if field not in FIELDS or conversion or "{" in (spec or ""):
                known = ", ".join(f"{{{name}}}" for name in FIELDS)
                raise ConfigurationError(
                    f"The name template {template!r} contains {{{field}}}; the fields are {known}"
                )
        steps = template.replace("\\", "/").split("/")
        if not template.strip() or any(step.strip() in ("", ".", "..") for step in steps):
            raise ConfigurationError(
                f"The name template {template!r} must name a file below the folder, without '..' or empty "
                "parts"
            )

    def path_for(self, values: Mapping[str, object]) -> PurePath:
        """The relative path for one file.

        Raises ConfigurationError if a value cannot be written in the format that the template
        gives.
        """
        text = "".join(
            literal + (self._value(field, values.get(field), spec or "") if field else "")
            for literal, field, spec, _ in self._parts
        )
        return PurePath(*(safe_name(step) for step in text.split("/")))

    def path_of(
        self, output: Output, index: int, *, job: str | None = None, created: datetime | None = None
    ) -> PurePath:
        """The relative path for an output.

        `index` is its position among the files saved together.
        """
        stem, extension = split_name(output_name(output))
        fields = {"job": job, "node": output.node_id, "index": index, "kind": output.kind, "created": created}
        return self.path_for({**fields, "name": stem, "ext": extension})

    def _value(self, field: str, value: object, spec: str) -> str:
        if value is None or value == "":
            return "" if field == "ext" else _UNKNOWN
        if isinstance(value, datetime) and not spec:
            spec = "%Y-%m-%dT%H-%M-%S"
        try:
            return _without_unsafe_characters(format(value, spec))
        except (ValueError, TypeError):
            raise ConfigurationError(
                f"The name template {self.template!r}: {{{field}}} cannot be written as {spec!r}"
            ) from None


def distinct(paths: Iterable[PurePath]) -> list[PurePath]:
    """The same paths, numbered where a file system may take two for the same: a.png, a_2.png."""
    taken: set[str] = set()
    numbers: dict[tuple[str, str], int] = {}  # the last one in use; all below it are taken for good
    found: list[PurePath] = []
    for path in paths:
        candidate = path
        if _folded(path) in taken:
            stem, extension = split_name(path.name)
            numbered = (_folded(path.with_name(f"{stem}_")), _folded(PurePath(extension)))
            number = numbers.get(numbered, 1)
            while _folded(candidate) in taken:
                number += 1
                candidate = path.with_name(numbered_name(path.name, number))
            numbers[numbered] = number
        taken.add(_folded(candidate))
        found.append(candidate)
    return found


def _folded(path: PurePath) -> str:
    # macOS and Windows ignore case and composition. Folding may decompose letters, so normalise
    # again.
    folded = unicodedata.normalize("NFKD", path.as_posix()).casefold()
    return unicodedata.normalize("NFKD", folded)


def _without_unsafe_characters(text: str) -> str:
    return "".join("_" if _is_unsafe(char) else char for char in unicodedata.normalize("NFC", text))


def _is_unsafe(char: str) -> bool:
    if char in _FORBIDDEN:
        return True
    category = unicodedata.category(char)
    return category[0] == "C" or category in ("Zl", "Zp")


def _shortened(name: str) -> str:
    if len(name.encode()) <= _MAX_BYTES:
        return name
    stem, extension = split_name(name)
    room = _MAX_BYTES - len(extension.encode())
    kept = stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .")
    return kept + extension
