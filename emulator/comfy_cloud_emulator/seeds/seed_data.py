"""The kinds of seed data, and filling an empty cloud with them.

`demo` and `bulk` make the jobs; they are imported on demand, so that an empty cloud starts quickly.
"""

from __future__ import annotations

from typing import Final, Literal

from comfy_cloud_emulator.state.store import Store

SeedData = Literal["demo", "none"] | int | tuple[Literal["bench"], int] | None

BENCH_IMAGES: Final = 11
"""Images per job of the bench seed: entries of about 3 KB."""


def fill(store: Store, seed_data: SeedData, seed: int) -> None:
    """Add the jobs that `seed_data` means. Raises ValueError for any other value."""
    match seed_data:
        case None | "none":
            return
        case "demo":
            from . import demo

            demo.fill(store, seed)
        case int(count) if count >= 0 and not isinstance(seed_data, bool):
            _fill_bulk(store, count, seed, images=1)
        case ("bench", int(count)) if count >= 0:
            _fill_bulk(store, count, seed, images=BENCH_IMAGES)
        case _:
            raise ValueError(
                f'seed_data: expected "demo", "none", a number, ("bench", number) or None, got {seed_data!r}'
            )


def _fill_bulk(store: Store, count: int, seed: int, *, images: int) -> None:
    from . import bulk

    bulk.fill(store, count, seed, images=images)
