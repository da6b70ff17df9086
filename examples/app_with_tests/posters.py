"""Make posters with Comfy Cloud, and list them: python posters.py "a lighthouse at dusk"."""

from __future__ import annotations

import sys
from pathlib import Path

from comfy_cloud import ComfyCloud, JobFailed

GRAPH = {
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "dreamshaper_8.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "model": ["4", 0],
            "positive": ["6", 0],
            "negative": ["7", 0],
            "latent_image": ["5", 0],
            "seed": 0,
            "steps": 20,
            "cfg": 7.0,
            "sampler_name": "euler",
            "scheduler": "normal",
            "denoise": 1.0,
        },
    },
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "poster"}},
}


class NoPoster(Exception):
    """The poster could not be made; the message is for whoever ordered it."""


def make_poster(cloud: ComfyCloud, text: str, folder: Path, seed: int = 0) -> Path:
    """Make one poster and save it in a folder. Waits for the job, and never pays twice for it."""
    try:
        job = cloud.run(GRAPH, inputs={"6.text": text, "KSampler.seed": seed}, timeout=600)
    except JobFailed as error:
        raise NoPoster(f"{text!r} could not be made: {error.exception_type}") from error
    (poster,) = job.download(folder)
    return poster


def posters_made(cloud: ComfyCloud, limit: int = 10) -> list[str]:
    """The newest posters, one line each."""
    entries = cloud.history.iter(status="completed", limit=limit)
    return [
        f"{entry.created_at:%Y-%m-%d %H:%M} {output.display_name}"
        for entry in entries
        for output in entry.outputs
    ]


def main(text: str) -> None:
    """Make a poster in the current folder and list the newest ones.

    The key comes from the environment or a profile.
    """
    with ComfyCloud() as cloud:
        print("saved", make_poster(cloud, text, Path()))
        print(*posters_made(cloud), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
