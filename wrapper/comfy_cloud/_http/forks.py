"""What a forked child must not share with its parent: connections, pools and locks. I/O.

A child inherits every open socket. If it read from one, it would take a response of its parent; if
it wrote to one, or closed its TLS layer, it would break the parent's connection. So in the child
each socket is replaced by a descriptor that can be neither read nor written, and whatever owns
connections or locks makes new ones. Nothing of this is done per request.

Registered objects are not kept alive. There is nothing to do on systems without fork.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary, WeakSet

C = TypeVar("C")


class ForkSafeLock:
    """Has a lock that is free in a forked child, whoever held it in the parent.

    Attributes:
        lock: The lock, to be used as `with holder.lock:`. This class has no `__enter__`, since
            Ctrl-C could interrupt that after taking the lock, which would then stay taken.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        renew_after_fork(self)

    def after_fork_in_child(self) -> None:
        """Forget the thread that held it: it does not exist here."""
        self.lock = threading.Lock()


class HasForkHandler(Protocol):
    """Something that a fork makes unusable in the child, until it has renewed itself."""

    def after_fork_in_child(self) -> None:
        """Drop what belongs to the parent, without closing it, and make it new."""


_owners: WeakSet[HasForkHandler] = WeakSet()
_connections: WeakKeyDictionary[Any, Callable[[Any], Any]] = WeakKeyDictionary()
_with_cached_properties: list[type] = []
# What the parent goes on using. In the child it is never finalised: that could close connections
# in an orderly way, or touch an event loop of the parent.
_left_to_the_parent: list[object] = []


def renew_after_fork(owner: HasForkHandler) -> None:
    """Call `after_fork_in_child` of `owner` in every child that is forked from now on."""
    _owners.add(owner)


def cut_off_after_fork(connection: C, socket_of: Callable[[C], Any]) -> C:
    """Cut off an open connection in every child that is forked from now on; returns it.

    `socket_of` returns the socket of the connection, or None when it has none any more.
    """
    with suppress(TypeError):  # it cannot be referenced weakly
        _connections[connection] = socket_of
    return connection


def leave_to_parent(*objects: object) -> None:
    """Never finalise these objects in this process."""
    _left_to_the_parent.extend(objects)


def free_properties_after_fork(kind: type[C]) -> type[C]:
    """Decorate a class, so that its cached properties are unlocked in every forked child.

    They have a lock before Python 3.12. A thread that held it does not exist in the child.
    """
    _with_cached_properties.append(kind)
    return kind


def has_connections(client: Any) -> bool:
    """Whether an httpx client that is not ours may have open connections."""
    for transport in (getattr(client, "_transport", None), *getattr(client, "_mounts", {}).values()):
        pool = getattr(transport, "_pool", None)  # of httpcore
        if getattr(pool, "connections", None):
            return True
        connector = getattr(getattr(transport, "client", None), "connector", None)  # of aiohttp
        if connector is not None and not connector.closed:
            return True
    return False


def _in_child() -> None:
    _cut_off_connections()
    for kind in _with_cached_properties:
        for value in vars(kind).values():
            if isinstance(value, cached_property) and hasattr(value, "lock"):
                vars(value)["lock"] = threading.RLock()
    for owner in list(_owners):
        owner.after_fork_in_child()


def _cut_off_connections() -> None:
    connections = list(_connections.items())
    if not connections:
        return
    _connections.clear()
    leave_to_parent(*(connection for connection, _ in connections))
    try:
        # A folder: every way of reading and writing it is an error, and none looks like an end.
        folder = os.open(os.sep, os.O_RDONLY)
    except OSError:
        return  # no descriptor is left; then the connections are merely not used
    for connection, socket_of in connections:
        with suppress(Exception):  # it was closed in the meantime
            descriptor = socket_of(connection).fileno()
            if descriptor >= 0:
                os.dup2(folder, descriptor, inheritable=False)
    os.close(folder)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
