"""What keeps the records of idempotency keys: the interface, and the choice of one by a setting.

`sqlite_store` and `redis_store` are the stores that come with the package.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol, TypeAlias, TypeVar, runtime_checkable

from .._settings.fields import Secret
from ..errors import ConfigurationError
from .key_records import RecordDamaged

T = TypeVar("T")

Change: TypeAlias = "Callable[[bytes | None, float], bytes | None]"

NO_STORE = "none"
REDIS_SCHEMES = ("redis://", "rediss://", "unix://")


class KeyStoreError(ConfigurationError):
    """The store of idempotency keys cannot be used. Nothing is sent without it."""


@runtime_checkable
class IdempotencyStore(Protocol):
    """Remembers which idempotency keys were used. Any object with these members is one.

    It is used from several threads.
    """

    @property
    def is_shared(self) -> bool:
        """Whether every process that uses the same keys uses this store.

        Then a key that is not in it was never used. Otherwise the server's lists are searched too.
        """
        ...

    def update(self, name: str, change: Callable[[bytes | None, float], bytes | None]) -> None:
        """Replace the record `name` by what `change` makes of it, in one step.

        `change` is called with the record, None if there is none, and the time in seconds since
        1970, by a clock that all users of the store share. It returns the new record, or None to
        remove it; the record as it was if nothing changes. It may be called several times, if
        somebody else changes the record meanwhile. What it raises is passed on, and nothing is
        changed.

        Raises ConfigurationError if the store cannot be used; the message names the fix.
        """
        ...


def store_from(value: object) -> IdempotencyStore | None:
    """The store that a setting names; None for "none".

    It is a path, the URL of a Redis, "none" or a store. By default it is a file in the data folder.
    Raises ConfigurationError.
    """
    if isinstance(value, Secret):
        value = value.reveal()
    if value is None or isinstance(value, (str, os.PathLike)):
        if value == NO_STORE:
            return None
        if isinstance(value, str) and value.startswith(REDIS_SCHEMES):
            from .redis_store import RedisIdempotencyStore

            return RedisIdempotencyStore(value)
        from .sqlite_store import SQLiteIdempotencyStore

        if isinstance(value, str) and "://" in value:
            raise ConfigurationError(
                "idempotency_store must be the path of a file, redis://HOST, 'none' or an object with "
                "is_shared and update()"
            )
        return SQLiteIdempotencyStore(value)
    if isinstance(value, IdempotencyStore):
        return value
    raise ConfigurationError(
        "idempotency_store must be the path of a file, redis://HOST, 'none' or an object with is_shared "
        f"and update(), not {type(value).__name__}"
    )


def updated(
    store: IdempotencyStore, name: str, change: Callable[[bytes | None, float], tuple[bytes | None, T]]
) -> T:
    """Change a record; returns what `change` returns beside its new content.

    Raises KeyStoreError.
    """
    results: list[T] = []

    def changed(content: bytes | None, now: float) -> bytes | None:
        new, result = change(content, now)
        results.append(result)
        return new

    try:
        store.update(name, changed)
    except RecordDamaged as error:
        raise KeyStoreError(
            f"The store of idempotency keys, {store!r}, is not used: {error}. It was not changed, and "
            "nothing was sent. Restore a copy of it, use the release that wrote it, or name another store"
        ) from None
    except KeyStoreError:
        raise
    except ConfigurationError as error:
        raise KeyStoreError(error.message) from error
    if not results:
        raise KeyStoreError(f"The store of idempotency keys, {store!r}, did not call `change`")
    return results[-1]
