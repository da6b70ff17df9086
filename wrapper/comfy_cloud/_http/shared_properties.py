"""Properties that are computed once, also when several threads are the first to ask for them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or sys.version_info < (3, 12):
    shared_property = cached_property
else:

    class shared_property(cached_property):
        """A cached property with a lock, which `functools` gave it until Python 3.12.

        Without one, each thread would get an object of its own, such as a pool of connections that
        nobody closes.
        """

        def __init__(self, compute: Callable[[Any], Any]) -> None:
            super().__init__(compute)
            self.lock = RLock()  # `forks` renews it in a child

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            """The value. Once it is computed, it is found in the instance without this call."""
            with self.lock:
                return super().__get__(instance, owner)
