"""One variant of a sweep: what a worker of any engine runs, as often as the engine likes.

The key names the sweep and the variant. A retry, on whichever machine, gets the job that is there
already. `detach` leaves the job running when this worker is stopped: the retry waits for it.

The worker takes the API key from its environment or profile, and the store of idempotency keys from
COMFY_CLOUD_IDEMPOTENCY_STORE. Neither is an argument of a task, where engines would show it.
"""

from __future__ import annotations

import sys

from comfy_cloud import ComfyCloud

GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "shade"}},
}


def run_variant(sweep: str, color: int, base_urls: tuple[str, ...] = ()) -> str:
    """Run one variant; returns the id of its job.

    `base_urls` is a pool of servers of your own. A variant always goes to the same one, since each
    server knows only its own jobs.
    """
    base_url = base_urls[color % len(base_urls)] if base_urls else None
    with ComfyCloud(base_url=base_url) as cloud:
        job = cloud.run(
            GRAPH, {"1.color": color}, idempotency_key=f"{sweep}:{color}", detach=True, timeout=600
        )
        return job.id


if __name__ == "__main__":
    print(run_variant(sys.argv[1], int(sys.argv[2]), tuple(sys.argv[3:])))
