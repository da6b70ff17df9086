"""How far a migration of the schema is. Who opens a mirror may follow it; others get a warning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from ..notices import warn

MANY_JOBS = 20_000
"""With fewer jobs, a migration takes seconds, and nobody is warned."""


class MigrationProgress(NamedTuple):
    """How many of the jobs are done in this of so many passes."""

    step: int
    steps: int
    done: int
    total: int


_Follow = Callable[[MigrationProgress], object]
_follower: ContextVar[_Follow | None] = ContextVar("follower", default=None)


@contextmanager
def following_migrations(follow: _Follow) -> Iterator[None]:
    """Call `follow` while a mirror that is opened inside is brought up to date."""
    token = _follower.set(follow)
    try:
        yield
    finally:
        _follower.reset(token)


def migration_begins(name: str, jobs: int) -> None:
    """Warn that it takes a while, unless somebody follows."""
    if _follower.get() is None and jobs >= MANY_JOBS:
        warn(
            f"The mirror {name} is of an older version. It is brought up to date now, which may take some "
            f"minutes for its {jobs} jobs. An interruption leaves it as it was"
        )


def migration_goes_on(step: int, steps: int, done: int, total: int) -> None:
    """Report how far it is."""
    follow = _follower.get()
    if follow is not None:
        follow(MigrationProgress(step, steps, done, total))
