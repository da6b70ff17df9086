"""Node classes from a server's own description, the response of its `GET /api/object_info`.

Where a part of it is not as expected, that part is left out: a class without a list of outputs has
none. Dynamic inputs are in `dynamic_inputs`; `object_info_source` fetches the description.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from comfy_cloud_emulator.state.json_values import Json, is_array, is_object

from .catalogue import GROUPS, Catalogue, Input, NodeClass
from .dynamic_inputs import expanded, is_dynamic

_FILE_ENDINGS: Final = (
    ".safetensors", ".sft", ".ckpt", ".pt", ".pt2", ".pth", ".bin", ".gguf", ".onnx", ".pkl",
)  # fmt: skip
_FILE_NAME: Final = re.compile(r"(_name|_file)\d*\Z")
_NAMES_OF_FILES: Final = re.compile("load|file|folder|name|model", re.IGNORECASE)


def classes_of(document: Json) -> dict[str, NodeClass]:
    """The classes of a document by name; entries that describe none are left out."""
    return {name: _node_class(name, entry) for name, entry in document.items() if is_object(entry)}


def server_catalogue(document: Json, content: bytes) -> Catalogue:
    """The catalogue of a document; `content` is the same as JSON.

    Raises ValueError for a document without any node class.
    """
    if not any(is_object(entry) and "input" in entry for entry in document.values()):
        raise ValueError("it describes no node class")
    return Catalogue(partial(classes_of, document), content)


def _node_class(name: str, entry: Json) -> NodeClass:
    groups = entry.get("input")
    outputs = entry.get("output")
    inputs: dict[str, Input] = {}
    varies = False
    read = partial(read_input, is_of_loader="load" in name.lower())
    for group, input_name, spec in _specs(groups):
        found = read(input_name, spec, required=group == "required")
        varies = varies or is_dynamic(found.type)
        inputs[input_name] = found
    return NodeClass(
        name,
        inputs,
        tuple(_type_name(kind) for kind in (outputs if is_array(outputs) else ())),
        saves=entry.get("output_node") is True,
        info=entry,
        is_foreign=True,
        expand=partial(expanded, inputs, read=read) if varies else None,
    )


def _specs(groups: object) -> Iterator[tuple[str, str, Any]]:
    for group in GROUPS:
        named = groups.get(group) if is_object(groups) and group != "hidden" else None
        for name, spec in named.items() if is_object(named) else ():
            yield group, name, spec


def read_input(name: str, spec: Any, *, required: bool, is_of_loader: bool = False) -> Input:
    """An input from its description: its type or list of choices, then perhaps options.

    A node that loads something takes its names from files: `vae_name` of VAELoader.
    """
    parts: list[Any] = spec if is_array(spec) and spec else ["*"]
    kind = parts[0]
    options: Json = parts[1] if len(parts) > 1 and is_object(parts[1]) else {}
    listed = kind if is_array(kind) else options.get("options") if kind == "COMBO" else None
    # A list that is fetched later is not part of the description.
    choices = tuple(listed) if is_array(listed) and not options.get("remote") else None
    is_file_name = is_of_loader and _FILE_NAME.search(name) is not None
    names_files = choices is not None and (is_file_name or _are_files(choices, options))
    return Input(
        name=name,
        type=_type_name(kind),
        required=required,
        choices=None if names_files else choices,
        options=options,
        files=choices if names_files else None,
    )


def _type_name(kind: object) -> str:
    return "COMBO" if is_array(kind) else kind if isinstance(kind, str) else "*"


def _are_files(choices: tuple[Any, ...], options: Mapping[str, Any]) -> bool:
    """Whether choices are files of the server. An empty list is one of files that it lacks."""
    return (
        not choices
        or any(name.endswith("_upload") and on for name, on in options.items())
        or any(str(choice).lower().endswith(_FILE_ENDINGS) for choice in choices)
    )


def completes_list(node_class: NodeClass, expected: Input) -> bool:
    """Whether a class itself completes an empty list of choices, so that any value is valid.

    The description does not tell such lists (CustomCombo has one) from lists of files of which the
    server has none. Only classes of ComfyUI's newer API have them, and the names tell of files.
    """
    is_empty = expected.files == () and "options" in expected.options
    return is_empty and not _NAMES_OF_FILES.search(f"{node_class.name} {expected.name}")
