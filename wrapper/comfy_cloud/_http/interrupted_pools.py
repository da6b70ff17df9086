"""Connection pools of a sync client that Ctrl-C can interrupt at any moment. I/O.

httpcore's locks are classes written in Python. An interruption between the call that takes one and
the block that releases it leaves it taken for good, and every later request would wait for it. So
the pools and connections get plain locks of `threading`, which `with` takes and releases in one
step of the interpreter. What else an interrupted request may leave behind, such as a connection
that is in use by nobody, `forget_request` takes out of the pool.

Patches private attributes of httpx and httpcore, which have no setting for this. Pools of an async
client have no such locks, and are left alone. So are transports that are not httpcore's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any
from weakref import ref

import httpx

PlainLock = type(threading.Lock())


def use_plain_locks(client: httpx.Client | httpx.AsyncClient) -> None:
    """Give plain locks to the pools of a client and to their connections, now and later.

    A pool that is being used is left alone: another thread may be waiting for its lock.
    """
    for pool in _pools(client):
        if _is_of_httpcore(pool._optional_thread_lock) and not vars(pool).get("_requests"):
            pool.create_connection = partial(_new_connection, type(pool), ref(pool))
            pool._optional_thread_lock = threading.Lock()
            for connection in pool.connections:
                _replace_locks(connection)


def renew_pool_locks(client: Any) -> None:
    """Unlock the connection pools of an httpx client that is left to the parent of this process.

    A response that a forked child inherited still belongs to such a pool, and closing it takes the
    lock.
    """
    for pool in _pools(client):
        lock = pool._optional_thread_lock
        pool._optional_thread_lock = threading.Lock() if isinstance(lock, PlainLock) else type(lock)()


def forget_request(client: httpx.Client, request: httpx.Request) -> None:
    """Take an interrupted request out of the pools of a client. Its response must not be used.

    Connections that no other request uses are closed: whatever state they were left in, the next
    request opens a new one. Another interruption starts this again, and is raised at the end. No
    Exception is raised.
    """
    interruption: BaseException | None = None
    is_done = False
    while not is_done:
        try:
            for pool in _pools(client):
                if isinstance(pool._optional_thread_lock, PlainLock):
                    _forget(pool, request.extensions)
            is_done = True
        except Exception:  # noqa: BLE001 - would replace the interruption
            is_done = True
        except BaseException as another:  # noqa: BLE001 - raised below
            interruption = another
    if interruption is not None:
        raise interruption


def async_forget_request(client: httpx.AsyncClient, request: httpx.Request) -> None:
    """A task is interrupted only where it awaits, so httpcore has cleaned up: nothing to do."""


def _pools(client: Any) -> Iterator[Any]:
    for transport in (getattr(client, "_transport", None), *getattr(client, "_mounts", {}).values()):
        pool: Any = getattr(transport, "_pool", None)
        if hasattr(pool, "_optional_thread_lock"):
            yield pool


def _is_of_httpcore(lock: Any) -> bool:
    """Whether it is a sync lock of httpcore, with a plain lock inside."""
    return isinstance(getattr(lock, "_lock", None), PlainLock)


def _replace_locks(connection: Any) -> None:
    """Replace the locks of an unused connection, and of the connections inside it."""
    while connection is not None:
        fields = vars(connection)
        for name, value in list(fields.items()):
            if _is_of_httpcore(value):
                setattr(connection, name, threading.Lock())
        connection = fields.get("_connection")


def _new_connection(kind: Any, pool: ref[Any], origin: Any) -> Any:
    """Make a connection for a pool of this kind."""
    connection = kind.create_connection(pool(), origin)
    _replace_locks(connection)
    connection.handle_request = partial(_first_request, connection)
    return connection


def _first_request(connection: Any, request: Any) -> Any:
    """Send the first request on a connection. What is inside it is made meanwhile.

    Only then, between the head of the response and its body, nobody can be using the new locks:
    over HTTP/1.1 the connection belongs to this request alone. Interrupted before that, the
    connection is never used again.
    """
    vars(connection).pop("handle_request", None)
    response = connection.handle_request(request)
    protocol = response.extensions.get("http_version")
    if protocol != b"HTTP/2":
        _replace_locks(connection)
    return response


def _forget(pool: Any, extensions: Any) -> None:
    with pool._optional_thread_lock:
        requests, connections = vars(pool)["_requests"], vars(pool)["_connections"]
        # httpx passes the extensions of each request on as they are.
        ours = [each for each in requests if each.request.extensions is extensions]
        in_use = {id(each.connection) for each in requests if each not in ours}
        for each in ours:
            if each.is_queued():  # else its response, if it is ever closed, takes it out
                requests.remove(each)
        unused = [each for each in connections if id(each) not in in_use]
        for each in unused:
            connections.remove(each)
        unused += pool._assign_requests_to_connections()  # those of other threads that have waited
    for each in unused:
        each.close()
