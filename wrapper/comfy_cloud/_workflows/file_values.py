"""Files as the values of inputs: paths, contents in memory, URLs, and what the library returns.

A file that the server already has becomes its name in a graph at once. The others stay in the graph
until they are uploaded. This module reads file objects that are passed in, and opens none.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from comfy_cloud_api.models.asset import Asset
from comfy_cloud_api.models.asset_created import AssetCreated
from comfy_cloud_api.models.upload_image_response_200 import UploadImageResponse200
from comfy_cloud_api.models.upload_mask_response_200 import UploadMaskResponse200

from .._files.file_types import BEGINNING, extension_of
from .._jobs.outputs import Output
from .._jobs.v2_entries import asset_id_of, asset_reference
from ..errors import ConfigurationError
from ..hashing import graph_name, hash_in_name

# The modes that PNG can store.
_PNG_MODES = ("1", "L", "LA", "I;16", "P", "RGB", "RGBA")


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file in memory, to be uploaded as `name`."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FileUrl:
    """A file to be read from a URL, which may be signed, and uploaded."""

    url: str = field(repr=False)


FileValue: TypeAlias = "Path | FileContent | FileUrl"


def is_file_value(value: object) -> bool:
    """Whether the value of an input is a file that has to be uploaded."""
    return isinstance(value, (Path, FileContent, FileUrl))


def refuse_list_of_files(value: object, address: str) -> None:
    """Raise ConfigurationError for a list of outputs, such as `job.outputs`, or of other files.

    A server takes every list for a link, so that it would refuse or misread it.
    """
    parts = value if isinstance(value, (list, tuple)) else ()
    if any(isinstance(part, (Output, Asset, AssetCreated, os.PathLike, bytes)) for part in parts):
        what = "outputs" if any(isinstance(part, Output) for part in parts) else "files"
        raise ConfigurationError(
            f"The input {address!r} takes one file, and this is a list of {what}: pass one of them, such as "
            "the first, [0]"
        )


def as_file_value(value: object, where: str) -> FileValue | str | dict[str, Any] | None:
    """What an object stands for in a graph: a file to upload, or what names a stored one.

    None if it is not a file. `where` names the input in messages.

    Raises ConfigurationError if it is a file that cannot be used.
    """
    if isinstance(value, (FileContent, FileUrl)):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _content(bytes(value), None, where)
    if isinstance(value, os.PathLike):
        path = os.fspath(value)
        return Path(path) if isinstance(path, str) else None
    if isinstance(value, Output):
        asset_id = asset_id_of(value)
        if asset_id is not None:
            return asset_reference(asset_id, file_path=value.filename)
        return _stored(value.filename, value.subfolder, value.type, where)
    if isinstance(value, (UploadImageResponse200, UploadMaskResponse200)):
        return _stored(value.name, value.subfolder, value.type_, where)
    if isinstance(value, (Asset, AssetCreated)):
        return _named(graph_name(value), where)
    if type(value).__module__.partition(".")[0] == "PIL" and hasattr(value, "save"):
        return _image(value, where)
    if hasattr(value, "read") and not isinstance(value, type):
        return _read(value, where)
    return None


def _stored(name: str | None, subfolder: str | None, kind: str | None, where: str) -> str:
    """The name of a stored file: its hash on Comfy Cloud, else "folder/name [where it is]"."""
    name = _named(name, where)
    if hash_in_name(name):
        return name
    path = f"{subfolder}/{name}" if subfolder else name
    return path if kind in (None, "", "input") else f"{path} [{kind}]"


def _named(name: str | None, where: str) -> str:
    if not name:
        raise ConfigurationError(f"The file for {where} has no name on the server: upload it again")
    return name


def _image(image: Any, where: str) -> FileContent:
    buffer = io.BytesIO()
    try:
        if image.mode not in _PNG_MODES:
            has_alpha = image.mode in ("PA", "RGBa", "La")
            image = image.convert("LA" if image.mode == "La" else "RGBA" if has_alpha else "RGB")
        image.save(buffer, "PNG")
    except (OSError, ValueError, SyntaxError) as error:
        raise ConfigurationError(
            f"The image for {where} cannot be written as PNG ({error}): save it to a file yourself, and pass "
            "its path"
        ) from None
    return FileContent("image.png", buffer.getvalue())


def _read(file: Any, where: str) -> FileContent:
    if isinstance(file, io.TextIOBase):
        raise ConfigurationError(
            f"The file for {where} is open as text: open it in binary mode, open(path, 'rb')"
        )
    try:
        if hasattr(file, "seek") and getattr(file, "seekable", lambda: True)():
            file.seek(0)
        content = file.read()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"The file for {where} cannot be read: {error}") from None
    if not isinstance(content, (bytes, bytearray)):
        raise ConfigurationError(
            f"The value of {where} is a {type(file).__name__}, whose read() gives no bytes: pass a path, "
            "bytes, or a file opened with open(path, 'rb')"
        )
    name = getattr(file, "name", None)
    return _content(bytes(content), name if isinstance(name, str) else None, where)


def _content(content: bytes, path: str | None, where: str) -> FileContent:
    """A content with a name: that of its file, else "file" with the extension of its type."""
    if not content:
        raise ConfigurationError(f"The file for {where} is empty")
    name = os.path.basename(path) if path else ""
    extension = extension_of(content[:BEGINNING])
    return FileContent(name or (f"file.{extension}" if extension else "file"), content)
