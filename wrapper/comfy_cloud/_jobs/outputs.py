"""Find the files and texts among the outputs of a job, whatever node made them.

Outputs are a map of node id -> output key -> list. A file is recognised by its shape and never by
the key, since new nodes bring new keys: an item of a list, at any depth, that is an object with a
`filename`, or text that is the name of a 3D model. Any other text in a list is a text.

Reading, saving and signing are added by a subclass of `Output`, passed in as `factory`. Malformed
parts are skipped; nothing that a server sends raises here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from os import PathLike
from typing import Any, TypeGuard, TypeVar, overload

from .._errors.redaction import redact_text
from .._files.download_options import IfExists
from .._files.file_types import FILE_TYPES, Kind
from .._files.progress import ProgressOption
from .._files.stored_names import split_folder, split_location
from .._lenient import id_in
from ..errors import ConfigurationError

OutputT = TypeVar("OutputT")

# Output keys and the media types of previews, asked only when the extension says nothing.
_KEYS: dict[str, Kind] = {
    "image": "image",
    "images": "image",
    "gifs": "video",
    "video": "video",
    "videos": "video",
    "audio": "audio",
    "audios": "audio",
    "3d": "3d",
    "text": "text",
    "texts": "text",
}
_FAMILIES: dict[str, Kind] = {"image": "image", "video": "video", "audio": "audio"}
_TEXT_KEYS = ("text", "texts")
_NO_TEXT_KEYS = ("result",)
_MODEL_KEYS = ("result", "3d", "model_file", "mesh")
_MAX_DEPTH = 8
_LONGEST_NAME = 1024
_WHITESPACE = re.compile(r"\s")

# Extensions of both images and videos: the `format` beside the name decides.
_ANIMATED = frozenset(("gif", "webp", "avif"))


class Output:
    """One file that a job made.

    Attributes:
        filename: The stored name, without a folder. On Comfy Cloud it is a hash of the content.
        display_name: The name for people, or None.
        node_id: The node that made the file; "" when unknown.
        key: The output key that it was listed under, such as "images"; for a preview, its media
            type.
        kind: image, video, audio, 3d, text or file.
        media_type: The MIME type of the extension, or None.
        subfolder: The folder of the file; "" for none.
        type: output, input or temp.
        raw: The object that the server sent.

    Two outputs are equal when node, file name, subfolder and type are. Subclasses may add fields
    and methods; `find_outputs` constructs them as `factory(raw, node_id, key)`.
    """

    __slots__ = (
        "display_name",
        "filename",
        "key",
        "kind",
        "media_type",
        "node_id",
        "raw",
        "subfolder",
        "type",
    )

    filename: str
    display_name: str | None
    node_id: str
    key: str
    kind: Kind
    media_type: str | None
    subfolder: str
    type: str
    raw: Mapping[str, Any]

    def __init__(self, raw: Mapping[str, Any], node_id: str = "", key: str = "") -> None:
        self.raw = raw
        self.node_id = node_id
        self.key = key
        self.filename, self.subfolder = split_folder(_text(raw, "filename"), _text(raw, "subfolder"))
        self.display_name = _text(raw, "display_name") or None
        self.type = _text(raw, "type") or "output"
        self.kind = _kind(self.filename, _text(raw, "format"), key)
        known = FILE_TYPES.get(_extension(self.filename))
        self.media_type = known[1] if known else None

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What distinguishes this output within its job: node id, file name, subfolder, type."""
        return self.node_id, self.filename, self.subfolder, self.type

    # Outputs from a client are of a subclass, in which these work: `RemoteOutput` or
    # `AsyncRemoteOutput`.

    def read(self) -> Any:
        """The content as bytes (GET /api/view). Only for outputs that came from a client."""
        raise self._unbound("read")

    def save(
        self,
        target: str | PathLike[str],
        *,
        filesystem: Any = None,
        if_exists: IfExists | None = None,
        overwrite: bool = False,
        progress: ProgressOption = None,
        verify: bool = True,
    ) -> Any:
        """Save to a file, or into a folder (GET /api/view). Returns the path.

        Only for outputs that came from a client.
        """
        raise self._unbound("save")

    def signed_url(self) -> Any:
        """A URL from which anybody can download it for a short time.

        Only for outputs that came from a client.
        """
        raise self._unbound("signed_url")

    def _unbound(self, method: str) -> ConfigurationError:
        return ConfigurationError(
            f"{method}() needs a client: take the output from a job or a history entry, or use cloud.files"
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from .._notebook.representations import output_bundle

        return output_bundle(self, getattr(self, "_preview_bytes", None))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Output):
            return NotImplemented
        return self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)

    def __repr__(self) -> str:
        shown = f"{type(self).__name__}({self.filename!r}, node_id={self.node_id!r}, kind={self.kind!r})"
        return redact_text(shown)


Factory = Callable[[Mapping[str, Any], str, str], OutputT]


@overload
def find_outputs(outputs: object) -> list[Output]: ...
@overload
def find_outputs(outputs: object, factory: Factory[OutputT]) -> list[OutputT]: ...
def find_outputs(outputs: object, factory: Callable[..., Any] = Output) -> list[Any]:
    """Every file among the outputs of a job, in the order of nodes, their keys and lists.

    `outputs` maps node id -> output key -> list. A file that a node lists twice (same name,
    subfolder and type) is returned once. Each is made by `factory(raw, node_id, key)`, by default
    an `Output`.
    """
    found: list[Any] = []
    seen: set[tuple[str, str, str, str]] = set()
    for node_id, key, value in _values(outputs):
        for item in _items(value):
            raw = _named_model(item, key) if isinstance(item, str) else item
            if not _is_file(raw):
                continue
            name = split_folder(raw["filename"], _text(raw, "subfolder"))
            identity = (node_id, *name, _text(raw, "type") or "output")
            if identity not in seen:
                seen.add(identity)
                found.append(factory(raw, node_id, key))
    return found


def find_texts(outputs: object) -> list[str]:
    """Every text among the outputs of a job, in order, at any depth of a list.

    Numbers count as texts under the key of texts only. The names of files are not texts, and
    neither are the parameters of a 3D viewer ("result").
    """
    found: list[str] = []
    for _, key, value in _values(outputs):
        if key in _TEXT_KEYS:
            found.extend(_strings(value))
        elif isinstance(value, (list, tuple)) and key not in _NO_TEXT_KEYS:
            found.extend(item for item in _items(value) if isinstance(item, str) and not _is_file_name(item))
    return found


def _items(value: object, depth: int = 0) -> Iterable[object]:
    """The items of a list, and of the lists in it."""
    if not isinstance(value, (list, tuple)):
        return ()
    for item in value:
        if isinstance(item, (list, tuple)):
            break
    else:
        return value
    if depth >= _MAX_DEPTH:
        return ()
    inner = (_items(item, depth + 1) if isinstance(item, (list, tuple)) else (item,) for item in value)
    return chain.from_iterable(inner)


def _strings(value: object, depth: int = 0) -> Iterator[str]:
    """The texts in a value; numbers as text, since some nodes show those."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, (list, tuple)) and depth < _MAX_DEPTH:
        for item in value:
            yield from _strings(item, depth + 1)


def _is_file_name(text: str) -> bool:
    """Whether a text is a file name or embedded data: of a known type, and in one line."""
    if text.startswith("data:"):
        return True
    name, _ = split_location(text)
    return _extension(name) in FILE_TYPES and len(text) <= _LONGEST_NAME and not _WHITESPACE.search(name)


def _named_model(text: str, key: str) -> Mapping[str, Any] | None:
    """What a server would send for a 3D model of which only the name is there.

    Where texts may be, a sentence that ends with a file name is not the name of a file.
    """
    name, location = split_location(text)
    if len(name) > _LONGEST_NAME or "\n" in name or "://" in name:
        return None
    if " " in name and key not in _MODEL_KEYS:
        return None
    kind = FILE_TYPES.get(_extension(name))
    if kind is None or kind[0] != "3d":
        return None
    filename, subfolder = split_folder(name)
    return {"filename": filename, "subfolder": subfolder, "type": location}


@overload
def find_preview(preview_output: object) -> Output | str | None: ...
@overload
def find_preview(preview_output: object, factory: Factory[OutputT]) -> OutputT | str | None: ...
def find_preview(preview_output: object, factory: Callable[..., Any] = Output) -> Any:
    """The preview of an entry of the jobs list: an output for a file, a str for a text, else None.

    Fields of previews are in camel case (`nodeId`, `mediaType`). The server cuts a text at 1024
    characters.
    """
    if not isinstance(preview_output, Mapping):
        return None
    if _is_file(preview_output):
        return factory(
            preview_output, id_in(preview_output.get("nodeId")) or "", _text(preview_output, "mediaType")
        )
    content = preview_output.get("content")
    return content if isinstance(content, str) else None


def _values(outputs: object) -> Iterator[tuple[str, str, object]]:
    """The (node id, output key, value) triples of an outputs map."""
    if not isinstance(outputs, Mapping):
        return
    for node, keys in outputs.items():
        if isinstance(keys, Mapping):
            for key, value in keys.items():
                yield id_in(node) or "", str(key), value


def _is_file(item: object) -> TypeGuard[Mapping[str, Any]]:
    if not isinstance(item, Mapping):
        return False
    filename = item.get("filename")
    return isinstance(filename, str) and filename != ""


def _text(raw: Mapping[str, Any], field: str) -> str:
    value = raw.get(field)
    return value if isinstance(value, str) else ""


def _extension(filename: str) -> str:
    stem, dot, extension = filename.rpartition(".")
    return extension.lower() if dot and stem else ""


def _kind(filename: str, file_format: str, key: str) -> Kind:
    """The kind, by the extension, else `format` (like "video/h264-mp4"), else the output key."""
    extension = _extension(filename)
    family = file_format.partition("/")[0].lower()
    if extension in _ANIMATED and family == "video":
        return "video"
    if extension in FILE_TYPES:
        return FILE_TYPES[extension][0]
    return _FAMILIES.get(family) or _KEYS.get(key.lower(), "file")
