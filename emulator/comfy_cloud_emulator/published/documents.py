"""From the bodies that the service sends to those that the published contract describes.

One table per quirk says which operations have another form, and which. A form is a function from
the service's document to the contract's. Only bodies of successful responses are passed to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias
from urllib.parse import urljoin

from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.json_values import Json, is_array

Form: TypeAlias = Callable[[Json, str], Json]
"""A document and the base URL of the server to the document of the contract."""

_ASSET_FIELDS: Final = (
    "id",
    "name",
    "asset_hash",
    "size",
    "mime_type",
    "tags",
    "user_metadata",
    "preview_url",
    "preview_id",
    "prompt_id",
    "created_at",
    "updated_at",
    "last_access_time",
    "is_immutable",
    "created_new",
)
"""The fields of an asset, of a changed asset, and of a created one."""

_CHOICE: Final = "COMBO"
"""How a node class names the type of an output that is one of several values."""


def _asset(document: Json, base: str) -> Json:
    if "id" not in document:
        return document  # an import that has begun
    shown: Json = {name: document[name] for name in _ASSET_FIELDS if name in document}
    shown["asset_hash"] = document["hash"]
    if "preview_url" in shown:
        shown["preview_url"] = urljoin(base, shown["preview_url"])
    return shown


def _assets(document: Json, base: str) -> Json:
    shown = {name: value for name, value in document.items() if name != "next_cursor"}
    return shown | {"assets": [_asset(asset, base) for asset in document["assets"]]}


def _upload(document: Json, base: str) -> Json:
    return {name: value for name, value in document.items() if name != "asset"}


def _node_classes(document: Json, base: str) -> Json:
    return {name: _node_class(described) for name, described in document.items()}


def _node_class(described: Json) -> Json:
    shown = {name: value for name, value in described.items() if value is not None}
    for name, instead in (("output", _CHOICE), ("output_tooltips", "")):
        if is_array(shown.get(name)):
            shown[name] = [value if isinstance(value, str) else instead for value in shown[name]]
    return shown


_ASSETS: Final[Mapping[tuple[str, str], Form]] = {
    ("GET", "/api/assets"): _assets,
    ("POST", "/api/assets"): _asset,
    ("POST", "/api/assets/from-hash"): _asset,
    ("POST", "/api/assets/download"): _asset,
    ("GET", "/api/assets/{id}"): _asset,
    ("PUT", "/api/assets/{id}"): _asset,
    ("POST", "/api/upload/image"): _upload,
}
_NODES: Final[Mapping[tuple[str, str], Form]] = {("GET", "/api/object_info"): _node_classes}

FORMS: Final[Mapping[str, Mapping[tuple[str, str], Form]]] = MappingProxyType(
    {"published_assets": _ASSETS, "published_nodes": _NODES}
)
"""Quirk -> method and path -> form of the body."""


def forms(quirks: Quirks) -> dict[tuple[str, str], Form]:
    """The forms that are switched on."""
    found: dict[tuple[str, str], Form] = {}
    for name, table in FORMS.items():
        if getattr(quirks, name):
            found |= table
    return found
