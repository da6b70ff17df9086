"""A sweep over workers of Celery with Redis: `python celery_sweep.py shades-1 20`.

Start workers first, with the Redis that both use:

    export CELERY_REDIS=redis://localhost:6379/1
    celery --app celery_sweep worker --concurrency 4

`acks_late` and `reject_on_worker_lost` give a variant back to the queue when its worker dies, and
`autoretry_for` runs one again that raised.
"""

from __future__ import annotations

import os
import sys

from celery import Celery, group
from variant import run_variant

REDIS = os.environ.get("CELERY_REDIS", "redis://localhost:6379/1")
app = Celery("celery_sweep", broker=REDIS, backend=REDIS)
app.conf.update(
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    # For a worker whose whole machine is gone: then the queue gives out the variant again.
    broker_transport_options={"visibility_timeout": 3600},
)


@app.task(
    acks_late=True,
    reject_on_worker_lost=True,
    autoretry_for=(Exception,),
    max_retries=20,
    retry_backoff=1,
    retry_backoff_max=10,
)
def variant(name: str, color: int, base_urls: list[str]) -> str:
    """Run one variant; returns the id of its job."""
    return run_variant(name, color, tuple(base_urls))


def sweep(name: str, count: int, base_urls: tuple[str, ...] = ()) -> list[str]:
    """Run the variants; returns the ids of their jobs."""
    variants = group(variant.s(name, color, list(base_urls)) for color in range(count))
    return list(variants.apply_async().get())


if __name__ == "__main__":
    print(*sweep(sys.argv[1], int(sys.argv[2]), tuple(sys.argv[3:])), sep="\n")
