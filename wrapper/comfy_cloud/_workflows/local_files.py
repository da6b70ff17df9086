"""Files in the inputs of a graph, which have to be uploaded before the graph can run.

This module asks the disk whether files exist, and reads none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._files.fsspec_urls import is_url, refuse_data_url
from ..errors import ConfigurationError
from .file_values import FileContent, FileUrl, FileValue, is_file_value
from .graph import Graph

# Inputs of loader nodes that name a file. Models are named by inputs such as `lora_name`, and are
# always on the server.
_FILE_INPUTS = frozenset(
    f"{name}{ending}"
    for name in ("image", "mask", "video", "audio", "file", "model_file")
    for ending in ("", "_path")
) | {"latent"}


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine, at `path`, in the input `input` of node `node_id`."""

    node_id: str
    input: str
    path: Path


@dataclass(frozen=True, slots=True)
class FileInput:
    """A file to upload, `file`, in the input `input` of node `node_id`."""

    node_id: str
    input: str
    file: FileValue


def files_in(graph: Graph) -> list[FileInput]:
    """The files to upload in a graph, in its order: one entry for each input and file.

    Raises ConfigurationError if a local file does not exist, or is not a file.
    """
    found = []
    for node_id, node in graph.items():
        for name, value in node["inputs"].items():
            for file in dict.fromkeys(file_values_in(value)):
                if isinstance(file, Path):
                    _check_file(file, f"{node_id}.{name}")
                    file = file.expanduser()
                found.append(FileInput(node_id, name, file))
    return found


def _check_file(path: Path, where: str) -> None:
    file = path.expanduser()
    if file.is_file():
        return
    reason = (
        "is not a file"
        if file.exists()
        else "does not exist; check the path, which is relative to the current folder unless it is absolute"
    )
    raise ConfigurationError(f"The input {where}: {str(path)[:200]} {reason}")


def as_file(node: Mapping[str, Any], name: str, value: Any) -> Any:
    """A file, if `value` is text in a file input of a loader node: a path or a URL.

    A path is one if there is a file of that name. Any other value is returned as it is.

    Raises ConfigurationError for a `data:` URL, unless the class says that it takes base64.
    """
    class_type = node["class_type"].lower()
    if isinstance(value, str) and value and name in _FILE_INPUTS and "load" in class_type:
        if is_url(value):
            return FileUrl(value)
        if "base64" not in class_type:
            refuse_data_url(value)
        try:
            path = Path(value).expanduser()
            return path if path.is_file() else value
        except (OSError, ValueError, RuntimeError):
            return value
    return value


def file_values_in(value: object) -> Iterator[FileValue]:
    """The files to upload in the value of an input, at any depth."""
    if isinstance(value, (Path, FileContent, FileUrl)):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from file_values_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from file_values_in(part)


def refuse_files(graph: Graph) -> None:
    """Raise ConfigurationError if a graph contains a file that has to be uploaded."""
    for node_id, node in graph.items():
        for name, value in node["inputs"].items():
            if any(True for _ in file_values_in(value)):
                raise ConfigurationError(
                    f"The input {node_id}.{name} is a local file: upload it, and call replace_file "
                    "with its stored name"
                )


def with_stored_name(value: Any, file: FileValue, stored_name: str | Mapping[str, Any]) -> Any:
    """The value of an input, with a stored name in place of a file."""
    if is_file_value(value):
        return stored_name if _is_same(value, file) else value
    if isinstance(value, dict):
        return {key: with_stored_name(part, file, stored_name) for key, part in value.items()}
    if isinstance(value, list):
        return [with_stored_name(part, file, stored_name) for part in value]
    return value


def contains(value: object, file: FileValue) -> bool:
    """Whether the value of an input contains a file."""
    return any(_is_same(found, file) for found in file_values_in(value))


def _is_same(value: FileValue, file: FileValue) -> bool:
    return (value.expanduser() if isinstance(value, Path) else value) == file
