"""Loading a workflow from a dict, JSON, a path, or a file that ComfyUI made.

This module reads files. What a graph is, is in `graph`, and where it is in an image, video or audio
file, in `media_files`.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._files.file_types import BEGINNING
from ..errors import ConfigurationError
from .graph import EXPORT_ADVICE, Graph, capitalised, checked_graph
from .json_forms import find_workflow
from .media_files import graph_in, is_media

# A graph is some kilobytes of JSON. A larger file than this was given by mistake.
_MAX_JSON = 64 * 1024 * 1024


def load_graph(source: object) -> tuple[Graph, dict[str, Any] | None]:
    """The graph in `source`, and the same workflow in the editor's format if it is there too.

    Args:
        source: A mapping; JSON as text or bytes; the content of a file that ComfyUI made, as bytes;
            or the path of either.

    Raises:
        ConfigurationError: It cannot be read, or does not contain a graph in API format.
    """
    if isinstance(source, Mapping):
        return _checked(source, "this workflow")
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _from_bytes(bytes(source), "the content")
    if isinstance(source, str) and source.lstrip("\ufeff \t\r\n").startswith(("{", "[", '"{', '"\\"')):
        return _from_json(source.lstrip("\ufeff"), "this text")
    if isinstance(source, (str, os.PathLike)):
        return _from_path(source)
    raise ConfigurationError(
        f"A workflow is a dict, JSON, or the path of a file, not {type(source).__name__}"
    )


def _from_path(source: str | os.PathLike[str]) -> tuple[Graph, dict[str, Any] | None]:
    name = os.fspath(source)
    if not isinstance(name, str):
        raise ConfigurationError("The path of a workflow must be text, not bytes")
    what = f"the file {name[:200]}"
    try:
        if not name.strip():
            raise ConfigurationError("The workflow is empty text: pass JSON, or the path of a file")
        path = Path(name).expanduser()
        if path.is_dir():
            raise ConfigurationError(f"{name[:200]} is a folder; give the path of a file in it")
        if not path.exists():
            kind = (
                "There is no file" if isinstance(source, os.PathLike) else "This is neither JSON nor a file:"
            )
            raise ConfigurationError(f"{kind} {name[:200]!r}. The current folder is {Path.cwd()}")
        with path.open("rb") as file:
            beginning = file.read(BEGINNING)
            if is_media(beginning) and path.is_file():
                # Videos are large, and the graph is a small part at either end.
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                    return _from_media(mapped, what)
            return _from_bytes(beginning + file.read(_MAX_JSON), what)
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, ConfigurationError):
            raise
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            raise ConfigurationError(
                f"This is neither JSON nor the path of a file: {name[:60]!r}... If it is JSON, remove what "
                "stands before the first brace"
            ) from None
        raise ConfigurationError(f"{capitalised(what)} cannot be read: {error}") from error


def _from_bytes(content: bytes, what: str) -> tuple[Graph, dict[str, Any] | None]:
    return _from_media(content, what) if is_media(content) else _from_json(content, what)


def _from_media(content: bytes | mmap.mmap, what: str) -> tuple[Graph, dict[str, Any] | None]:
    prompt, workflow = graph_in(content)
    if prompt is not None:
        return checked_graph(prompt, workflow, f"the graph in {what}")
    if workflow is not None:
        raise ConfigurationError(
            f"{capitalised(what)} contains only the workflow in the editor's format, which a server cannot "
            "run. "
            f"Open it in ComfyUI. {EXPORT_ADVICE}"
        )
    raise ConfigurationError(
        f"{capitalised(what)} contains no workflow. Either it was not made by ComfyUI, or its metadata was "
        "removed; use the original file"
    )


def _from_json(content: str | bytes, what: str) -> tuple[Graph, dict[str, Any] | None]:
    if len(content) > _MAX_JSON:
        raise ConfigurationError(
            f"{capitalised(what)} is too large for a workflow: more than {_MAX_JSON >> 20} MiB"
        )
    try:
        decoded = json.loads(content)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise ConfigurationError(
            f"{capitalised(what)} is neither JSON nor a file made by ComfyUI: {reason}"
        ) from error
    return _checked(decoded if isinstance(decoded, dict) else [decoded], what)


def _checked(source: Mapping[Any, Any] | list[Any], what: str) -> tuple[Graph, dict[str, Any] | None]:
    found = find_workflow(source, what)
    if found.graph is not None:
        return checked_graph(found.graph, found.ui, what)
    if found.ui is not None:
        return checked_graph(found.ui, None, what)
    if not isinstance(source, Mapping):
        raise ConfigurationError(f"{capitalised(what)} is JSON, but not an object of nodes. {EXPORT_ADVICE}")
    # Nothing has the shape of a graph. The message is about what was meant to be one.
    meant = next(
        (source[key] for key in ("prompt", "output") if isinstance(source.get(key), Mapping)), source
    )
    return checked_graph(meant, None, what)
