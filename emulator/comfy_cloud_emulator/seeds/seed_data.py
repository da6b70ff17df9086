"""Which generated jobs an empty cloud is filled with.

Reads the wish and hands it to `demo` or `mass`; makes no job itself. Both are imported when they are wished for, since an
empty cloud shall start quickly.
"""

from __future__ import annotations

from typing import Final, Literal

from comfy_cloud_emulator.state.store import Store

SeedData = Literal["demo"] | int | tuple[Literal["bench"], int] | None

BENCH_PICTURES: Final = 11
"""Pictures per job of the bench seed: entries of about 3 KB."""


def fill(store: Store, seed_data: SeedData, seed: int) -> None:
    """Add the jobs that `seed_data` asks for. Raises ValueError for something else than it may be."""
    match seed_data:
        case None:
            return
        case "demo":
            from . import demo

            demo.fill(store, seed)
        case int(count) if count >= 0 and not isinstance(seed_data, bool):
            _fill_bulk(store, count, seed, pictures=1)
        case ("bench", int(count)) if count >= 0:
            _fill_bulk(store, count, seed, pictures=BENCH_PICTURES)
        case _:
            raise ValueError(
                f'seed_data: expected "demo", a number, ("bench", number) or None, got {seed_data!r}'
            )


def _fill_bulk(store: Store, count: int, seed: int, *, pictures: int) -> None:
    from . import bulk

    bulk.fill(store, count, seed, pictures=pictures)
