"""An account of a local Comfy Cloud with something for every command, and files to give them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from comfy_cloud import ComfyCloud
from comfy_cloud.mirror import Mirror
from comfy_cloud_emulator import Emulator

CONTRACT = Path(__file__).parents[2] / "openapi-cloud.yaml"
KEY = "comfyui-the-key-of-the-table"
IMPORTED = "https://huggingface.co/example/roses/resolve/main/roses.safetensors"
GRAPH = {
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd_xl_base_1.0.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a harbour at dawn", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0],
            "seed": 1, "steps": 20, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal",
            "denoise": 1.0,
        },
    },
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "harbour"}},
}  # fmt: skip

UI_WORKFLOW = {
    "nodes": [
        {"id": 1, "type": "LoadImage", "inputs": [], "widgets_values": ["photo.png", "image"],
         "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}]},
        {"id": 2, "type": "SaveImage", "outputs": [], "widgets_values": ["harbour"],
         "inputs": [{"name": "images", "type": "IMAGE", "link": 1}]},
    ],
    "links": [[1, 1, 0, 2, 0, "IMAGE"]],
    "version": 0.4,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """Where a command is tried, and the names that its arguments may have."""

    url: str
    key: str
    folder: Path
    names: dict[str, str]

    def words(self, text: str) -> list[str]:
        """The arguments, with the names put in."""
        return [word.format_map(self.names) for word in text.split()]


@contextmanager
def demo_account(folder: Path) -> Iterator[Account]:
    """A local Comfy Cloud that runs jobs quickly, and an account that has used it."""
    write_files(folder)
    with (
        Emulator(seed_data="demo", seed=7, speed=200.0, key=KEY) as emulator,
        ComfyCloud(api_key=emulator.key, base_url=emulator.url) as cloud,
    ):
        names = {"key": emulator.key, **_names_of(cloud, folder)}
        yield Account(emulator.url, emulator.key, folder, names)


def write_files(folder: Path) -> None:
    """Write the files that arguments name."""
    from PIL import Image

    other = json.loads(json.dumps(GRAPH))
    other["6"]["inputs"]["text"] = "a pier"
    (folder / "ui.json").write_text(json.dumps(UI_WORKFLOW))
    (folder / "workflow.json").write_text(json.dumps(GRAPH))
    (folder / "other.json").write_text(json.dumps(other))
    Mirror.open(folder / "history.sqlite").close()
    shutil.copyfile(CONTRACT, folder / "contract.yaml")
    Image.new("RGBA", (64, 64), (200, 60, 30, 128)).save(folder / "photo.png")


def _names_of(cloud: ComfyCloud, folder: Path) -> dict[str, str]:
    stored = cloud.files.upload_image(folder / "photo.png")
    masked = cloud.files.upload_mask(folder / "photo.png", str(stored.name))
    cloud.userdata.write("workflows/harbour.json", (folder / "workflow.json").read_bytes())
    cloud.assets.download_model(IMPORTED, folder="loras")
    failed = next(iter(cloud.history.iter(status="failed", limit=1)))
    done = next(
        entry
        for entry in cloud.history.iter(status="completed")
        if any(output.kind == "image" for output in entry.outputs)
    )
    with cloud.mirror(folder / "history.sqlite") as mirror:
        mirror.sync()
    asset = next(iter(cloud.assets.iter(limit=1)))
    names = {
        "asset": asset.id,
        "failed": failed.id,
        "hash": asset.asset_hash,
        "input": stored.name,
        "job": done.id,
        "checkpoint": cloud.models.list("checkpoints")[0].name,
        "model": IMPORTED.replace("roses", "lilies"),
        "masked": masked.name,
        "output": done.outputs[0].filename,
        "saved": "workflows/harbour.json",
        "task": cloud.tasks.list()[0].id,
        "mirror": folder / "history.sqlite",
        "mirrored": done.id,
        "waiting": cloud.queue.get().pending[0].job_id,
    }
    return {name: str(value) for name, value in names.items()}
