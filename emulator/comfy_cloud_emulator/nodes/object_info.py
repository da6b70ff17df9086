"""Node classes from a server's own description, the response of its `GET /api/object_info`.

Where a part of it is not as expected, that part is left out: a class without a list of outputs has
none. `comfy_cloud_catalogue` reads declarations; `object_info_source` fetches the description.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from comfy_cloud_catalogue.declarations import UNREADABLE, InputSpec, input_specs, output_specs
from comfy_cloud_catalogue.dynamic import is_dynamic
from comfy_cloud_catalogue.unfolding import unfolded
from comfy_cloud_catalogue.value_types import names_model
from comfy_cloud_emulator.state.json_values import Json, is_object

from .catalogue import Catalogue, Input, NodeClass

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
    is_loader = "load" in name.lower()
    specs = input_specs(entry.get("input"))

    def expand(values: Mapping[str, Any]) -> dict[str, Input]:
        return {spec.name: _input(spec, is_of_loader=is_loader) for spec in unfolded(specs, values)}

    return NodeClass(
        name,
        {spec.name: _input(spec, is_of_loader=is_loader) for spec in specs},
        tuple(_type_name(output.type) for output in output_specs(entry) or ()),
        saves=entry.get("output_node") is True,
        info=entry,
        is_foreign=True,
        expand=expand if any(is_dynamic(spec.type) for spec in specs) else None,
    )


def _input(spec: InputSpec, *, is_of_loader: bool) -> Input:
    """An input as the emulator checks it.

    A node that loads something takes its names from files: `vae_name` of VAELoader.
    """
    # A list that is fetched later is not part of the description.
    choices = tuple(spec.choices) if spec.choices is not None and not spec.is_remote else None
    is_file_name = is_of_loader and _FILE_NAME.search(spec.name) is not None
    names_files = choices is not None and (is_file_name or _are_files(choices, spec))
    return Input(
        name=spec.name,
        type=_type_name(spec.type),
        required=not spec.is_optional,
        choices=None if names_files else choices,
        options=spec.options,
        files=choices if names_files else None,
        is_listed=spec.is_listed,
    )


def _type_name(type: str) -> str:
    return "*" if type == UNREADABLE else type


def _are_files(choices: tuple[Any, ...], spec: InputSpec) -> bool:
    """Whether choices are files of the server. An empty list is one of files that it lacks."""
    return not choices or spec.takes_uploads or any(map(names_model, choices))


def completes_list(node_class: NodeClass, expected: Input) -> bool:
    """Whether a class itself completes an empty list of choices, so that any value is valid.

    The description does not tell such lists (CustomCombo has one) from lists of files of which the
    server has none. Only classes of ComfyUI's newer API have them, and the names tell of files.
    """
    is_empty = expected.files == () and "options" in expected.options
    return is_empty and not _NAMES_OF_FILES.search(f"{node_class.name} {expected.name}")
