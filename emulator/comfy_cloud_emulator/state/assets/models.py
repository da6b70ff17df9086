"""The public models by folder, and the service's subgraph blueprints.

Names and claimed sizes only; there are no weights. Models that an account imported are in
`asset_store`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import orjson
from blake3 import blake3

from comfy_cloud_emulator.state.json_values import Json

from .asset_store import Asset, AssetStore

PUBLISHED: Final = 1_748_736_000_000
"""Publication of the first public model, in Unix milliseconds; the others followed a day apart."""
DAY_MS: Final = 86_400_000

MODELS: Final[dict[str, tuple[str, ...]]] = {
    "checkpoints": (
        "dreamshaper_8.safetensors",
        "flux1-dev-fp8.safetensors",
        "hunyuan3d-dit-v2_fp16.safetensors",
        "sd_xl_base_1.0.safetensors",
        "stable-audio-open-1.0.safetensors",
        "v1-5-pruned-emaonly-fp16.safetensors",
    ),
    "clip_vision": ("clip_vision_h.safetensors",),
    "controlnet": ("control_v11p_sd15_canny_fp16.safetensors",),
    "diffusion_models": (
        "flux1-dev.safetensors",
        "qwen_image_edit_fp8_e4m3fn.safetensors",
        "wan2.1_t2v_1.3B_fp16.safetensors",
    ),
    "embeddings": (),
    "loras": ("add_detail.safetensors",),
    "style_models": ("flux1-redux-dev.safetensors",),
    "text_encoders": (
        "clip_l.safetensors",
        "t5-base.safetensors",
        "t5xxl_fp16.safetensors",
        "umt5_xxl_fp8_e4m3fn_scaled.safetensors",
    ),
    "upscale_models": ("4x-UltraSharp.pth", "RealESRGAN_x4plus.pth"),
    "vae": ("ae.safetensors", "wan_2.1_vae.safetensors"),
}
"""File names by folder; the loaders of the node catalogue offer the same."""
ALIASES: Final = {"unet": "diffusion_models", "clip": "text_encoders"}
"""Older folder names that are still accepted."""
_GIGABYTES: Final = {"checkpoints": 6, "diffusion_models": 11, "text_encoders": 5, "loras": 0}


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A blueprint: its id, name, origin and graph."""

    id: str
    name: str
    node_pack: str
    graph: Json

    @property
    def described(self) -> Json:
        """The blueprint as a list describes it, without its graph."""
        return {"source": "templates", "name": self.name, "info": {"node_pack": self.node_pack}}

    @property
    def data(self) -> str:
        """The graph as JSON text, as the service returns it."""
        return orjson.dumps(self.graph).decode()


def _blueprint(id: str, name: str, *class_types: str) -> Subgraph:
    """A workflow of one node, which stands for the others. Their links are left to the user."""
    digest = blake3(f"blueprint {id}".encode()).hexdigest()
    type = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
    last = len(class_types)
    definition = {
        "id": type,
        "version": 1,
        "revision": 0,
        "state": {"lastGroupId": 0, "lastNodeId": last, "lastLinkId": 0, "lastRerouteId": 0},
        "config": {},
        "name": name,
        "inputNode": {"id": -10, "bounding": [-200, 0, 120, 60]},
        "outputNode": {"id": -20, "bounding": [300 * last, 0, 120, 60]},
        "inputs": [],
        "outputs": [],
        "widgets": [],
        "nodes": [_editor_node(index, class_type) for index, class_type in enumerate(class_types, start=1)],
        "groups": [],
        "links": [],
        "extra": {},
    }
    graph: Json = {
        "revision": 0,
        "last_node_id": last + 1,
        "last_link_id": 0,
        "nodes": [_editor_node(last + 1, type) | {"title": name}],
        "links": [],
        "version": 0.4,
        "definitions": {"subgraphs": [definition]},
        "extra": {},
    }
    return Subgraph(id, name, "core", graph)


def _editor_node(id: int, type: str) -> Json:
    return {
        "id": id,
        "type": type,
        "pos": [300 * (id - 1), 0],
        "size": [260, 120],
        "flags": {},
        "order": id - 1,
        "mode": 0,
        "inputs": [],
        "outputs": [],
        "properties": {},
        "widgets_values": [],
    }


SUBGRAPHS: Final = (
    _blueprint(
        "text-to-image", "Text to image", "CLIPTextEncode", "EmptyLatentImage", "KSampler", "VAEDecode"
    ),
    _blueprint("upscale-with-model", "Upscale with a model", "UpscaleModelLoader", "ImageUpscaleWithModel"),
)


def folder_named(name: str) -> str:
    """The current name of a folder."""
    return ALIASES.get(name, name)


def public_assets() -> Iterator[Asset]:
    """The public models as assets, oldest first."""
    named = [(folder, name) for folder, names in MODELS.items() for name in names]
    for index, (folder, name) in enumerate(named):
        digest = blake3(f"public model {folder}/{name}".encode())
        hex = digest.hexdigest()
        published = PUBLISHED + index * DAY_MS
        yield Asset(
            # A version 4 UUID derived from the digest, so it is the same in every emulator.
            id=f"{hex[:8]}-{hex[8:12]}-4{hex[13:16]}-8{hex[17:20]}-{hex[20:32]}",
            name=name,
            digest=hex,
            filename=f"{hex}.{name.rpartition('.')[2]}",
            size=_GIGABYTES.get(folder, 1) * 1_000_000_000 + int.from_bytes(digest.digest()[:3], "big"),
            mime_type="application/octet-stream",
            tags=("models", folder),
            is_public=True,
            created_at=published,
            updated_at=published,
            last_access_time=published,
        )


def add_public_models(assets: AssetStore) -> None:
    """Add the public models if the store has none."""
    if not assets.select("is_public LIMIT 1"):
        assets.add_all(public_assets())
