"""Loading a workflow from a dict, JSON, a path, or a file that ComfyUI made.

This module reads files. What a graph is, is in `graph`, and where it is in an image, video or audio
file, in `media_files`.
"""

from __future__ import annotations

import errno
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .._files.file_types import BEGINNING
from ..errors import ConfigurationError
from ..notices import warn
from .graph import CONVERT_ADVICE, EXPORT_ADVICE, Graph, capitalised, checked_graph
from .json_forms import find_workflow, images_beside, is_of_another_editor
from .json_text import is_binary, is_json_text, parse_text
from .media_files import graph_in, is_media, is_xml

if TYPE_CHECKING:
    from .conversion.explanation import Conversion

# A graph is some kilobytes of JSON. A larger file than this was given by mistake.
_MAX_JSON = 64 * 1024 * 1024
_READ_ONE_JOB = (
    "Jobs of a list have no graph: read one job with cloud.history.get(job_id), or list them with "
    "cloud.history.iter(details=True)"
)
_MAX_LISTED = 6
# Under these names a server lists jobs.
_JOB_LISTS = ("history", "jobs")
_JOB_IDS = ("prompt_id", "id", "job_id")


class LoadedGraph(NamedTuple):
    """A graph, and the same workflow in the editor's format if that is there too."""

    graph: Graph
    ui: dict[str, Any] | None


class LoadedLayout(NamedTuple):
    """A workflow in the editor's format without its graph. `what` names it in messages."""

    ui: Mapping[str, Any]
    what: str


Loaded = LoadedGraph | LoadedLayout


def convert_layout(
    layout: LoadedLayout, object_info: Mapping[str, Any] | None, *, is_validated: bool = False
) -> tuple[LoadedGraph, Conversion]:
    """The graph of a workflow in the editor's format. Warns of what it had to leave out.

    With `is_validated`, it does not warn of what the validation that follows finds as well.

    Raises ConfigurationError if it cannot be converted, or if there are no node classes.
    """
    if object_info is None:
        raise ConfigurationError(
            f"{capitalised(layout.what)} contains only the workflow in the editor's format. {CONVERT_ADVICE}"
        )
    from .conversion.convert import convert_workflow

    conversion = convert_workflow(layout.ui, object_info)
    known = set(conversion.unavailable) if is_validated else set()
    for message in [each for each in conversion.warnings if each not in known][:_MAX_LISTED]:
        warn(message)
    if not conversion.graph:
        raise ConfigurationError(f"{capitalised(layout.what)} has no node that would run")
    graph = checked_graph(conversion.graph, layout.ui, f"the graph made of {layout.what}")
    return LoadedGraph(*graph), conversion


def load_graph(source: object, object_info: Mapping[str, Any] | None = None) -> LoadedGraph:
    """The graph in `source`, converted with these node classes if it is in the editor's format.

    Raises ConfigurationError if there is none, or if it cannot be converted.
    """
    loaded = load_source(source)
    return convert_layout(loaded, object_info)[0] if isinstance(loaded, LoadedLayout) else loaded


def load_source(source: object) -> Loaded:
    """What is in `source`: a graph, or a workflow in the editor's format.

    Args:
        source: A mapping; JSON as text or bytes; the content of a file that ComfyUI made, as bytes;
            the path of either; or a job or history entry that was read with its graph.

    Raises:
        ConfigurationError: It cannot be read, or contains no workflow.
    """
    if isinstance(source, Mapping):
        return _checked(source, "this workflow")
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _from_bytes(bytes(source), "the content")
    if isinstance(source, str) and is_json_text(source):
        if is_xml(source[:100].encode("utf-8", "replace")):
            return _from_bytes(source.encode("utf-8", "replace"), "this text")
        return _from_json(source, "this text")
    if isinstance(source, (str, os.PathLike)):
        return _from_path(source)
    if hasattr(source, "workflow") and hasattr(source, "id"):
        return _from_job(source)
    advice = f". {_READ_ONE_JOB}" if source is None else ""
    raise ConfigurationError(
        f"A workflow is a dict, JSON, or the path of a file, not {type(source).__name__}{advice}"
    )


def _from_job(job: Any) -> Loaded:
    if not isinstance(job.workflow, Mapping):
        raise ConfigurationError(f"This {type(job).__name__} has no graph. {_READ_ONE_JOB}")
    extra_data = getattr(job, "extra_data", None) or {}
    return _checked({"prompt": job.workflow, "extra_data": extra_data}, f"the workflow of job {job.id}")


def _from_path(source: str | os.PathLike[str]) -> Loaded:
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
            if path.is_file() and (is_media(beginning) or is_binary(beginning)):
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


def _from_bytes(content: bytes, what: str) -> Loaded:
    if is_media(content[:BEGINNING]):
        return _from_media(content, what)
    if is_xml(content) and graph_in(content) != (None, None):
        return _from_media(content, what)
    try:
        return _from_json(content, what)
    except ConfigurationError:
        # Text in an old encoding, or a format that has no reader.
        if len(content) > _MAX_JSON or not is_binary(content) or graph_in(content) == (None, None):
            raise
    return _from_media(content, what)


def _from_media(content: bytes | mmap.mmap, what: str) -> Loaded:
    prompt, workflow = graph_in(content)
    if prompt is not None:
        return LoadedGraph(*checked_graph(prompt, workflow, f"the graph in {what}"))
    if workflow is not None:
        return LoadedLayout(workflow, what)
    raise ConfigurationError(
        f"{capitalised(what)} contains no workflow that could be found. Programs that edit, convert or share "
        "a file often remove it; use the original file that ComfyUI saved"
    )


def _from_json(content: str | bytes, what: str) -> Loaded:
    if len(content) > _MAX_JSON:
        raise ConfigurationError(
            f"{capitalised(what)} is too large for a workflow: more than {_MAX_JSON >> 20} MiB"
        )
    return _checked(parse_text(content, what), what)


def _checked(source: object, what: str) -> Loaded:
    found = find_workflow(source, what)
    if found.graph is not None:
        graph, ui = checked_graph(found.graph, found.ui, what)
        _warn_of_images(graph, images_beside(source))
        return LoadedGraph(graph, ui)
    if found.ui is not None:
        return LoadedLayout(found.ui, what)
    if _is_of_jobs(source):
        raise ConfigurationError(
            f"{capitalised(what)} contains jobs without their graphs, as a history list does. Save one job "
            "with its graph: comfy-cloud history show ID --raw, or cloud.history.get(job_id) in Python"
        )
    if not isinstance(source, Mapping):
        raise ConfigurationError(f"{capitalised(what)} is JSON, but not an object of nodes. {EXPORT_ADVICE}")
    if is_of_another_editor(source):
        if "class_type" in str(source):
            raise ConfigurationError(
                f"{capitalised(what)} is a workflow of another program. What it contains of a graph of "
                "ComfyUI is not JSON, perhaps because it has placeholders such as {{ }}: put values in their "
                "place"
            )
        raise ConfigurationError(
            f"{capitalised(what)} is a workflow of another program, in which there is no graph of ComfyUI. "
            f"{EXPORT_ADVICE}"
        )
    # Nothing has the shape of a graph. The message is about what was meant to be one.
    meant = next(
        (source[key] for key in ("prompt", "output") if isinstance(source.get(key), Mapping)), source
    )
    return LoadedGraph(*checked_graph(meant, None, what))


def _warn_of_images(graph: Graph, names: list[str]) -> None:
    """Warn of images beside a graph that its nodes load: only the graph is taken."""
    inputs = [
        f"{node_id}.{name} ({value[:80]})"
        for node_id, node in graph.items()
        for name, value in node["inputs"].items()
        if names and isinstance(value, str) and value in names
    ]
    if inputs:
        more = f" and {len(inputs) - _MAX_LISTED} more" if len(inputs) > _MAX_LISTED else ""
        warn(
            "The images beside the graph are not sent. Pass them in inputs=, as a Path or as bytes, for "
            f"{', '.join(inputs[:_MAX_LISTED])}{more}"
        )


def _is_of_jobs(source: object) -> bool:
    """Whether JSON is a list of jobs or a single one, as a server or this package writes them."""
    if isinstance(source, Mapping):
        jobs = next((source[name] for name in _JOB_LISTS if isinstance(source.get(name), list)), [source])
    else:
        jobs = source if isinstance(source, list) else []
    return any(
        isinstance(job, Mapping)
        and "status" in job
        and "nodes" not in job
        and any(name in job for name in _JOB_IDS)
        for job in jobs
    )
