"""Open the emulator's page in a real Chromium: `make page-check [CHROMIUM=<program>]`.

Its details, searches and copy buttons must work by mouse and by keyboard, every target must be
24 pixels or more, no text of a client may run as script, and axe-core must find nothing in light
and dark at 400 and 1400 pixels. Not part of the suite.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import httpx

from comfy_cloud import ComfyCloud, JobFailed
from comfy_cloud_emulator import Emulator
from tests.live.browser import Browser, run_check

ATTACK: Final = "<img src=x onerror='window.pwned=1'><script>window.pwned=2</script> ‮ \u0000 end"
OLDER_JOBS: Final = 80


def graph(seed: int, text: str) -> dict[str, Any]:
    """A small workflow."""
    return {
        "1": {
            "class_type": "CheckpointLoaderSimple",
            "inputs": {"ckpt_name": "v1-5-pruned-emaonly-fp16.safetensors"},
        },
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": text, "clip": ["1", 1]}},
        "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512, "batch_size": 1}},
        "4": {
            "class_type": "KSampler",
            "inputs": {
                "seed": seed, "steps": 2, "cfg": 7.0, "sampler_name": "euler",
                "scheduler": "normal", "denoise": 1.0,
                "model": ["1", 0], "positive": ["2", 0], "negative": ["2", 0], "latent_image": ["3", 0],
            },
        },
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
        "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": "page"}},
    }  # fmt: skip


def fill(emulator: Emulator) -> dict[str, Any]:
    """Jobs of each kind, a fault, and requests; returns what the driver needs of them."""
    for _ in range(OLDER_JOBS):
        emulator.store.add_job()
    with ComfyCloud(base_url=emulator.url, api_key=emulator.key) as cloud:
        oldest = emulator.store.jobs()[-1].id
        good = cloud.run(graph(1, "a lighthouse in a storm"), timeout=120)
        attacked = cloud.run(graph(2, ATTACK), timeout=120)
        emulator.jobs.fail_next("OOMError", node="4")
        failed = cloud.submit(graph(3, "a job that fails"))
        with suppress(JobFailed):
            failed.wait(timeout=120)
    with httpx.Client(base_url=emulator.url, trust_env=False) as client:
        client.get(f"/api/<script>window.pwned=3</script>?q={ATTACK[:40]}")
        client.post(
            "/_emulator/faults", json={"kind": "status", "path": "/api/view", "status": 500}
        ).raise_for_status()
    return {
        "oldest": oldest,
        "good": good.id,
        "attacked": attacked.id,
        "failed": failed.id,
        "key": emulator.key,
    }


def checked(browser: Browser, screenshots: Path | None) -> Mapping[str, Any]:
    """The problems and figures that the browser finds."""
    with Emulator() as emulator:
        task = {
            "url": emulator.url,
            "screenshots": None if screenshots is None else str(screenshots),
            **fill(emulator),
        }
        return browser.run("emulator_page.mjs", task)


if __name__ == "__main__":
    sys.exit(run_check("page-check", __doc__ or "", checked))
