"""What a new account begins with: its seed data and the public models.

Programs and their tests start the same cloud again and again. So the second one of a kind at the
same instant is kept as a snapshot, and the later ones are copies of it.
"""

from __future__ import annotations

import threading
from typing import Final

from comfy_cloud_emulator.state import snapshots
from comfy_cloud_emulator.state.assets.models import add_public_models
from comfy_cloud_emulator.state.store import Store, StoreSnapshot

from .seed_data import SeedData, fill

MOST_KEPT: Final = 4
LARGEST_KEPT: Final = 1_000
"""Jobs of a cloud that is kept."""

_kept: Final[dict[str, StoreSnapshot | None]] = {}
"""By seed data, seed and instant, the last used one last; None for what was made only once."""
_lock: Final = threading.Lock()


def begin(store: Store, seed_data: SeedData, seed: int) -> None:
    """Fill a new store. Raises ValueError for seed data that is not valid."""
    if not (snapshots.SUPPORTED and store.is_untouched):
        _make(store, seed_data, seed)
        return
    # As text, since True is 1 in a dictionary, but no seed data.
    key = "empty" if seed_data in (None, "none") else f"{seed_data!r} {seed!r} {store.now()}"
    with _lock:
        is_known, snapshot = key in _kept, _kept.pop(key, None)
        if snapshot is not None:
            store.load(snapshot)
        else:
            _make(store, seed_data, seed)
            if len(store) > LARGEST_KEPT:
                return
            snapshot = store.snapshot() if is_known or key == "empty" else None
        _kept[key] = snapshot
        if len(_kept) > MOST_KEPT:
            del _kept[next(iter(_kept))]


def _make(store: Store, seed_data: SeedData, seed: int) -> None:
    fill(store, seed_data, seed)
    add_public_models(store.assets)
