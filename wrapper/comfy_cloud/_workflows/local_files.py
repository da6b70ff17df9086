"""Local files in the inputs of a graph, which have to be uploaded before the graph can run.

This module asks the disk whether files exist, and reads none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
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


def local_files_in(graph: Graph) -> list[LocalFile]:
    """The local files in a graph, in its order: one entry for each input and file.

    Raises ConfigurationError if one of them does not exist, or is not a file.
    """
    found = []
    for node_id, node in graph.items():
        for name, value in node["inputs"].items():
            for path in dict.fromkeys(paths_in(value)):
                _check_file(path, f"{node_id}.{name}")
                found.append(LocalFile(node_id, name, path.expanduser()))
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


def as_local_file(node: Mapping[str, Any], name: str, value: Any) -> Any:
    """A Path, if `value` is the name of an existing file in a file input of a loader node.

    Any other value is returned as it is.
    """
    class_type = node["class_type"].lower()
    if isinstance(value, str) and value and name in _FILE_INPUTS and "load" in class_type:
        try:
            path = Path(value).expanduser()
            return path if path.is_file() else value
        except (OSError, ValueError, RuntimeError):
            return value
    return value


def paths_in(value: object) -> Iterator[Path]:
    """The paths in the value of an input, at any depth."""
    if isinstance(value, Path):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from paths_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from paths_in(part)


def with_stored_name(value: Any, path: Path, stored_name: str) -> Any:
    """The value of an input, with a stored name in place of a local file."""
    if isinstance(value, Path):
        return stored_name if value.expanduser() == path else value
    if isinstance(value, dict):
        return {key: with_stored_name(part, path, stored_name) for key, part in value.items()}
    if isinstance(value, list):
        return [with_stored_name(part, path, stored_name) for part in value]
    return value
