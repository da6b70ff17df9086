"""Run the README of Comfy's own SDK against the emulator: `make vendor-sdk`.

comfy-sdk is installed from PyPI, unmodified, into an environment that is thrown away, and speaks
API v2 to the emulator. Not part of the test suite, which installs nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

from PIL import Image

from comfy_cloud_emulator import Emulator

SDK = "comfy-sdk[pil]==0.5.0"
"""Pinned, because the README is part of it."""
KEY = "comfyui-..."
"""The key as the README has it."""
_README = Path(__file__).with_name("vendor_readme.py")


def graph(image: str) -> dict[str, Any]:
    """A workflow with the nodes that the README names: inputs at 10, outputs at 9 and 13.

    `image` is the stored name of the input.
    """
    sampler = {
        "model": ["4", 0], "positive": ["6", 0], "negative": ["6", 0], "latent_image": ["5", 0], "seed": 7,
        "steps": 20, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0,
    }  # fmt: skip
    return {
        "3": {"class_type": "KSampler", "inputs": sampler},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "dreamshaper_8.safetensors"}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 96, "height": 64, "batch_size": 1}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a lighthouse", "clip": ["4", 1]}},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "made"}},
        "10": {"class_type": "LoadImage", "inputs": {"image": image}},
        "13": {"class_type": "SaveImage", "inputs": {"images": ["10", 0], "filename_prefix": "copied"}},
    }


def installed(folder: Path) -> Path:
    """Install the SDK into a new environment; returns its Python."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", SDK]
    subprocess.run(command, check=True)
    return python


def run_readme(python: Path, folder: Path) -> int:
    """Run the README's programs in a folder with what they need; returns the exit code."""
    folder.mkdir(exist_ok=True)
    (folder / "partial").mkdir(exist_ok=True)
    for name, color in (("photo.png", "orange"), ("stored.png", "green")):
        Image.new("RGB", (32, 32), color).save(folder / name)
    with Emulator(key=KEY, speed=20) as emulator:
        stored = emulator.files.put((folder / "stored.png").read_bytes(), ".png", "stored.png", "input")
        (folder / "workflow_api.json").write_text(json.dumps(graph(stored)), encoding="utf-8")
        environment = {**os.environ, "COMFY_BASE_URL": emulator.url, "COMFY_API_KEY": KEY}
        return subprocess.run([python, _README], cwd=folder, env=environment, check=False).returncode


def main() -> int:
    """Run from the command line; 1 when a program of the README fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.live.vendor_sdk", description=__doc__)
    parser.add_argument("--python", type=Path, help="a Python that has the SDK already")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = given.python or installed(folder / "environment")
        return run_readme(python, folder / "work")


if __name__ == "__main__":
    sys.exit(main())
