"""A sweep over the workers of Ray: `python ray_sweep.py shades-1 20`.

`max_retries` runs a variant again whose worker died, and with `retry_exceptions` one that raised.
"""

from __future__ import annotations

import sys

import ray
from variant import run_variant

remote_variant = ray.remote(num_cpus=1, max_retries=20, retry_exceptions=True)(run_variant)


def sweep(name: str, count: int, base_urls: tuple[str, ...] = ()) -> list[str]:
    """Run the variants; returns the ids of their jobs."""
    return list(ray.get([remote_variant.remote(name, color, base_urls) for color in range(count)]))


if __name__ == "__main__":
    ray.init(num_cpus=4, include_dashboard=False)
    print(*sweep(sys.argv[1], int(sys.argv[2]), tuple(sys.argv[3:])), sep="\n")
