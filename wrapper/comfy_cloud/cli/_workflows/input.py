"""FILE of the commands that read a workflow: a file, `-` for stdin, JSON, or the id of a job."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .._console.client import show_library_warnings
from .._console.exits import NOT_FOUND, CommandError
from .._console.files import read_bytes
from .._console.wording import in_command_words
from .._jobs.ids import job_id_of

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_cloud import ComfyCloud, Workflow

    Connected = Callable[[], AbstractContextManager[ComfyCloud]]

FILE = "A file with a workflow (JSON, or an image, video or audio file made by ComfyUI), - for stdin, or \
the id of a job."

SourceKind = Literal["graph", "json", "media", "job", "layout"]

_JOB_ID = r"[0-9a-fA-F-]{6,36}"
_SHORT_ID = r"[0-9a-fA-F]{1,5}"
_FORM_NAMES: dict[SourceKind, str] = {
    "graph": "API graph",
    "json": "API graph inside other JSON",
    "job": "API graph of a job",
    "layout": "UI workflow",
}


class WorkflowInput(NamedTuple):
    """What FILE contains.

    Attributes:
        name: What was given, for messages.
        kind: Where the graph is: the whole JSON ("graph"), a part of it ("json"), the metadata of a
            media file, or a job. "layout" means that there is only the editor's workflow.
        form: The same in words, with the format of a media file.
        path: The file, if it is one.
    """

    name: str
    kind: SourceKind
    form: str
    workflow: Workflow | None
    layout: Mapping[str, Any] | None
    path: Path | None = None

    def graph(self, classes: Callable[[], Mapping[str, Any]], *, is_validated: bool = False) -> Workflow:
        """The workflow; one of the editor is converted.

        `classes` gives the server's node classes, and is called only for that. With `is_validated`,
        there are no warnings of what the validation that follows finds as well. Raises CommandError
        when it cannot be converted.
        """
        if self.workflow is not None:
            return self.workflow
        import warnings

        from comfy_cloud import ConfigurationError

        from ..._workflows.loading import LoadedLayout
        from ..._workflows.workflow import converted

        known = classes()
        with warnings.catch_warnings():
            show_library_warnings()
            try:
                layout = LoadedLayout(self.layout or {}, "this workflow")
                return converted(layout, known, is_validated=is_validated)
            except ConfigurationError as error:
                raise CommandError(f"{self.name}: {in_command_words(str(error))}") from None


def read_workflow(given: str, connected: Connected) -> WorkflowInput:
    """What FILE contains. `connected` gives a client, and is called only for the id of a job.

    Raises CommandError when FILE cannot be read or has no workflow.
    """
    import warnings

    with warnings.catch_warnings():
        show_library_warnings()
        return _read(given, connected)


def _read(given: str, connected: Connected) -> WorkflowInput:
    if given == "-":
        return workflow_in_bytes(read_bytes("-"), "stdin")
    if given.lstrip().startswith("{"):
        return workflow_in_bytes(given.encode(errors="surrogatepass"), "this JSON")
    from pathlib import Path

    path = Path(given).expanduser()
    if _exists(path):
        return workflow_in_file(path)
    if not re.fullmatch(_JOB_ID, given):
        if re.fullmatch(_SHORT_ID, given):
            raise CommandError(
                f"there is no file {given!r}, and the id of a job needs at least its first 6 characters"
            )
        raise CommandError(f"there is no file {given!r:.200}, and it is not the id of a job")
    return _from_job(given, connected)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def workflow_in_file(path: Path) -> WorkflowInput:
    """What a file contains. Raises CommandError when it cannot be read or has no workflow."""
    from comfy_cloud import ConfigurationError, Workflow

    from ..._files.file_types import BEGINNING
    from ..._workflows.media_files import is_media

    try:
        with path.open("rb") as file:
            beginning = file.read(BEGINNING)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}") from None
    if not is_media(beginning):
        return workflow_in_bytes(read_bytes(str(path)), str(path), path)
    try:
        workflow = Workflow.load(path)
    except ConfigurationError as error:
        with _mapped(path) as content:
            layout = _layout_in_media(content)
        if layout is None:
            raise CommandError(in_command_words(str(error))) from None
        return _only_layout(str(path), layout, path)
    return _media(str(path), workflow, beginning, path)


def workflow_in_bytes(content: bytes, name: str, path: Path | None = None) -> WorkflowInput:
    """What the content of a file, called `name` in messages, contains; errors as above."""
    from comfy_cloud import ConfigurationError, Workflow

    from ..._files.file_types import BEGINNING
    from ..._workflows.media_files import is_media

    in_media = is_media(content[:BEGINNING])
    if not content.strip():
        raise CommandError(f"{name} is empty: it contains no workflow")
    try:
        workflow = Workflow.load(content)
    except ConfigurationError as error:
        layout = _layout_in_media(content) if in_media else _layout_in_json(content)
        if layout is None:
            raise CommandError(f"{name}: {in_command_words(str(error))}") from None
        return _only_layout(name, layout, path)
    if in_media:
        return _media(name, workflow, content[:BEGINNING], path)
    kind: SourceKind = "graph" if _is_plain_graph(content) else "json"
    return WorkflowInput(name, kind, _FORM_NAMES[kind], workflow, workflow.ui, path)


def _from_job(given: str, connected: Connected) -> WorkflowInput:
    from comfy_cloud import NotFound, Workflow

    with connected() as cloud:
        try:
            job_id = job_id_of(cloud, given)
        except CommandError as error:
            raise CommandError(f"there is no file {given!r}, and {error.message}", error.code) from None
        try:
            entry = cloud.history.get(job_id)
            graph, extra_data = entry.workflow, entry.extra_data
        except NotFound:  # it has not ended
            graph, extra_data = cloud.jobs.get(job_id).workflow, {}
    if graph is None:
        raise CommandError(f"the server does not have the workflow of job {job_id}", NOT_FOUND)
    layout = _mapping(_mapping(extra_data.get("extra_pnginfo")).get("workflow"))
    workflow = Workflow(graph, layout or None)
    return WorkflowInput(f"job {job_id}", "job", _FORM_NAMES["job"], workflow, workflow.ui)


def _media(name: str, workflow: Workflow, beginning: bytes, path: Path | None) -> WorkflowInput:
    from ..._files.file_types import extension_of

    form = f"API graph in the metadata of a file of type {extension_of(beginning)}"
    return WorkflowInput(name, "media", form, workflow, workflow.ui, path)


def _only_layout(name: str, layout: Mapping[str, Any], path: Path | None) -> WorkflowInput:
    return WorkflowInput(name, "layout", _FORM_NAMES["layout"], None, layout, path)


@contextmanager
def _mapped(path: Path) -> Iterator[Any]:
    """The content of a file without reading all of it: videos are large."""
    import mmap

    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        yield content


def _layout_in_media(content: Any) -> Mapping[str, Any] | None:
    from comfy_cloud import ConfigurationError

    from ..._workflows.media_files import graph_in

    try:
        found = graph_in(content)
    except ConfigurationError:
        return None
    return found.ui if found.graph is None else None


def _layout_in_json(content: bytes) -> Mapping[str, Any] | None:
    import json

    from comfy_cloud import ConfigurationError

    from ..._workflows.json_forms import find_workflow

    try:
        found = find_workflow(json.loads(content), "this file")
    except (ConfigurationError, ValueError, RecursionError):
        return None
    return found.ui if found.graph is None else None


def _is_plain_graph(content: bytes) -> bool:
    """Whether the whole JSON is the graph: nothing is lost when it is written anew."""
    import json

    from ..._workflows.graph import is_node

    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and all(map(is_node, document.values()))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
