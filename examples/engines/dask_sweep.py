"""A sweep over the workers of Dask: `python dask_sweep.py shades-1 20`.

`retries` runs a variant again that raised. A worker that is killed is replaced by its nanny, and
its variants move to other workers, `allowed-failures` times.
"""

from __future__ import annotations

import sys

import dask
from dask.distributed import Client, LocalCluster
from variant import run_variant

dask.config.set({"distributed.scheduler.allowed-failures": 50})


def sweep(client: Client, name: str, count: int, base_urls: tuple[str, ...] = ()) -> list[str]:
    """Run the variants; returns the ids of their jobs."""
    # pure=False: Dask would take equal arguments for one task; here the key does that.
    futures = client.map(
        run_variant, [name] * count, range(count), base_urls=base_urls, retries=20, pure=False
    )
    return list(client.gather(futures))


if __name__ == "__main__":
    with LocalCluster(threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        cluster.adapt(minimum=4, maximum=4)  # replaces a worker whose nanny is gone, too
        print(*sweep(client, sys.argv[1], int(sys.argv[2]), tuple(sys.argv[3:])), sep="\n")
