"""A store of idempotency keys in a Redis, for processes on several machines. I/O.

It needs the extra `redis`.
"""

# pyright: reportMissingImports=false
from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .._settings.fields import Secret
from ..errors import ConfigurationError

_SECONDS = 10.0
_MOST_TRIES = 1000
_LEAST_KEPT = 3600.0


class RedisIdempotencyStore:
    """A store of idempotency keys in a Redis, shared by processes on any number of machines.

    Each change is a transaction that fails if somebody else changes the record meanwhile. Times are
    those of the Redis, so the clocks of the machines do not matter. It must keep its data: switch
    on persistence there (`appendonly yes`), and no eviction (`maxmemory-policy noeviction`).

    Args:
        url: The URL, such as "redis://:password@host:6379/0"; "rediss://" for TLS.
        prefix: What the names of its entries begin with.
        is_shared: Whether every process that uses the same keys uses this Redis.
        keep: Seconds after which a key is forgotten, 3600 or more; by default never.

    Raises:
        ConfigurationError: The URL is not valid, or the extra `redis` is missing; and at a use: the
            Redis cannot be reached. Nothing is sent then.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "comfy-cloud:key:",
        is_shared: bool = True,
        keep: float | None = None,
    ) -> None:
        if keep is not None and not keep >= _LEAST_KEPT:
            raise ConfigurationError(
                f"keep must be {_LEAST_KEPT:g} seconds or more, or None: a key that is forgotten while a "
                "caller still uses it would run twice"
            )
        try:
            import redis
        except ImportError:
            raise ConfigurationError(
                "A store of idempotency keys in a Redis needs the extra `redis`: "
                "pip install 'comfy-cloud[redis]'"
            ) from None
        self._url = Secret(url)
        self._prefix = prefix
        self._is_shared = is_shared
        self._keep = keep
        self._errors: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        self._changed: type[Exception] = redis.WatchError
        try:
            self._client: Any = redis.Redis.from_url(
                url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS
            )
            self._client.connection_pool.make_connection()  # not connected; checks the options
        except (ValueError, TypeError, redis.RedisError):  # its message quotes the URL
            raise ConfigurationError(
                "The URL of the Redis is not valid. Expected something like redis://host:6379/0"
            ) from None

    @property
    def is_shared(self) -> bool:
        """Whether every process that uses the same keys uses this Redis."""
        return self._is_shared

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._place}>"

    @property
    def _place(self) -> str:
        """The URL without its password."""
        parts = urlsplit(self._url.reveal())
        host = parts.hostname or ""
        port = "" if parts.port is None else f":{parts.port}"
        return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path}"

    def update(self, name: str, change: Callable[[bytes | None, float], bytes | None]) -> None:
        """Replace a record, as `IdempotencyStore.update` describes."""
        key = self._prefix + name
        try:
            with self._client.pipeline() as pipe:
                for _ in range(_MOST_TRIES):
                    try:
                        pipe.watch(key)
                        before: Any = pipe.get(key)
                        seconds, microseconds = self._client.time()
                        after = change(before, seconds + microseconds / 1e6)
                        if after == before:
                            pipe.unwatch()
                            return
                        pipe.multi()
                        if after is None:
                            pipe.delete(key)
                        else:
                            expiry = None if self._keep is None else int(self._keep * 1000)
                            pipe.set(key, after, px=expiry)
                        pipe.execute()
                    except self._changed:
                        continue
                    return
        except self._errors as error:
            raise ConfigurationError(
                f"The store of idempotency keys at {self._place} cannot be used: {type(error).__name__}. "
                "Nothing more was sent. See that the Redis runs, can be reached, and accepts the password "
                "and writes; or name another store as idempotency_store"
            ) from error
        raise ConfigurationError(f"The record of an idempotency key at {self._place} changes all the time")
