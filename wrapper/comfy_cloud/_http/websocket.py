"""A websocket whose messages can be awaited with a time limit, sync and async. I/O.

The service wants the key in the query, so the URL is never shown: not in an exception, a log or a
repr. Messages are read in `_jobs/event_reader.py`; when to reconnect is decided in
`_jobs/polling.py`.
"""

from __future__ import annotations

import errno
import logging
import socket
import threading
import time
import types
from collections import deque
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode
from urllib.request import getproxies

from .._settings.fields import Secret
from .._settings.network import USUAL_NETWORK, NetworkSettings
from .forks import cut_off_after_fork, leave_to_parent, renew_after_fork
from .websocket_frames import WholeFrames, with_whole_frames
from .websocket_proxy import EncodedProxy, decode_proxies

if TYPE_CHECKING:
    import ssl

T = TypeVar("T")
_LARGEST_MESSAGE = 64 * 2**20  # a preview is a whole image
# Messages that wait to be read, each as large as that. More of them make nothing faster.
_MOST_WAITING = 2
_CLOSE_SECONDS = 1.0

# `websockets` logs URLs and headers. This logger is not part of any hierarchy and drops everything.
_SILENT = logging.Logger("comfy_cloud.websocket", logging.CRITICAL + 1)
_SILENT.addHandler(logging.NullHandler())


class SocketFailed(Exception):
    """No connection could be made, or it has ended.

    `status` is the HTTP status of a refused upgrade, else None. `is_final` is True when a retry
    cannot help.
    """

    def __init__(self, reason: str, status: int | None = None, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        is_redirect = status is not None and 300 <= status < 400  # which is not followed
        self.is_final = is_final or is_redirect or status in {400, 401, 403, 404, 405, 410, 501}


@dataclass(frozen=True, slots=True)
class SocketAddress:
    """The server to connect to, and as which client. `greeting` is the first message to send."""

    base_url: str
    client_id: str
    key: Secret | None = field(default=None, repr=False)
    greeting: str = field(default="", repr=False)
    timeout: float = 10.0
    network: NetworkSettings = USUAL_NETWORK
    comfy_user: str | None = None

    @property
    def proxy(self) -> str | None:
        """The proxy to connect through. It may contain a password."""
        return self.network.proxy_for(self.base_url, getproxies())

    @property
    def shown(self) -> str:
        """The URL in a form that may be shown: without its query."""
        return f"{self._scheme}{self.base_url.partition('://')[2]}/ws"

    @property
    def _scheme(self) -> str:
        return "wss://" if self.base_url.startswith("https://") else "ws://"

    def url(self) -> str:
        """The URL to connect to. It contains the key."""
        query = {"clientId": self.client_id}
        if self.key is not None:
            query["token"] = self.key.reveal()
        return f"{self.shown}?{urlencode(query)}"

    def options(self, tls: ssl.SSLContext | None) -> dict[str, Any]:
        """The options of the sync and the async connection."""
        proxy = self.proxy
        user = {} if self.comfy_user is None else {"additional_headers": {"comfy-user": self.comfy_user}}
        over_tls = {"proxy_ssl": tls} if proxy is not None and proxy.startswith("https://") else {}
        return {
            "ssl": tls if self._scheme == "wss://" else None,
            "proxy": proxy and EncodedProxy(proxy),
            **over_tls,
            **user,
            "open_timeout": self.timeout,
            "close_timeout": _CLOSE_SECONDS,
            "max_size": _LARGEST_MESSAGE,
            "max_queue": _MOST_WAITING,
            "logger": _SILENT,
        }


class _Receiving:
    """The messages that have arrived together on one connection."""

    def __init__(self, connection: Any) -> None:
        self._frames: WholeFrames | None = getattr(connection, "whole_frames", None)
        self._ready: deque[str | bytes] = deque()

    def take_ready(self) -> str | bytes | None:
        """The next message if it has been read already, or None. Neither waits nor reads."""
        return self._ready.popleft() if self._ready else None

    def _message(self, received: str | bytes) -> str | bytes:
        """The message for what the connection has returned."""
        messages = None if self._frames is None else self._frames.take()
        if messages is None:
            return received
        self._ready.extend(messages)
        return self._ready.popleft()

    def _forget(self) -> None:
        self._frames = None
        self._ready.clear()


class Socket(_Receiving):
    """An open connection of a sync client."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._connection: Any = cut_off_after_fork(connection, _socket_of)
        renew_after_fork(self)

    def after_fork_in_child(self) -> None:
        """Leave the connection to the parent. The thread that reads it does not exist here."""
        self._forget()
        leave_to_parent(self._connection)
        self._connection = _ConnectionOfParent()

    def receive(self, seconds: float) -> str | bytes | None:
        """The next message, or None when there was none for so many seconds.

        Raises SocketFailed when the connection has ended.
        """
        if self._ready:
            return self._ready.popleft()
        try:
            message: str | bytes = self._connection.recv(timeout=max(0.0, seconds))
        except TimeoutError:
            return None
        except Exception as error:  # noqa: BLE001 - whatever it is, the connection is lost
            failure = _failure_of(error)
        else:
            return self._message(message)
        raise failure

    def close(self) -> None:
        """Close the connection. Never raises, and takes about a second at most."""
        connection = self._connection
        with suppress(Exception), _ended_after(connection, _CLOSE_SECONDS):  # it is gone either way
            closing = threading.Thread(target=_close, args=[connection], daemon=True)
            closing.start()
            _discard_messages(connection)
            closing.join(_CLOSE_SECONDS)


@contextmanager
def _ended_after(connection: Any, seconds: float) -> Iterator[None]:
    """Shut the socket of a sync connection down if the block takes longer.

    `websockets` sends without a time limit, and holds a lock meanwhile. A server that never reads
    would block it forever.
    """
    timer = threading.Timer(seconds, _shut_down, [connection.socket])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _close(connection: Any) -> None:
    with suppress(Exception):
        connection.close()


def _discard_messages(connection: Any) -> None:
    """Read until the connection has ended.

    `websockets` stops reading while messages wait, so it would never see that the server has closed
    the connection as well. When Ctrl-C has stopped its thread, that never happens.
    """
    ends = time.monotonic() + 2 * _CLOSE_SECONDS
    with suppress(Exception):
        while True:
            connection.recv(timeout=max(0.0, ends - time.monotonic()))


def _shut_down(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


class AsyncSocket(_Receiving):
    """An open connection of an async client."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._connection: Any = cut_off_after_fork(connection, _async_socket_of)
        renew_after_fork(self)

    def after_fork_in_child(self) -> None:
        """Leave the connection, and the event loop that it belongs to, to the parent."""
        self._forget()
        leave_to_parent(self._connection)
        self._connection = _AsyncConnectionOfParent()

    async def receive(self, seconds: float) -> str | bytes | None:
        """The next message, or None when there was none for so many seconds.

        Raises SocketFailed when the connection has ended.
        """
        if self._ready:
            return self._ready.popleft()
        receiving: Coroutine[Any, Any, str | bytes] = self._connection.recv()
        try:
            # A message that has already arrived needs no timeout, which would cost more than the
            # message.
            try:
                waited_for = receiving.send(None)
            except StopIteration as received:
                message: str | bytes = received.value
            else:
                import asyncio

                async with asyncio.timeout(max(0.0, seconds)):
                    message = await _resumed(receiving, waited_for)
        except TimeoutError:
            return None
        except Exception as error:  # noqa: BLE001 - whatever it is, the connection is lost
            failure = _failure_of(error)
        else:
            return self._message(message)
        raise failure

    async def close(self) -> None:
        """Close the connection. Raises nothing except the cancellation of its task.

        Takes about a second at most. `websockets` waits without a limit until what it has sent is
        read.
        """
        import asyncio

        with suppress(Exception):  # it is gone either way
            discarding = asyncio.create_task(_discard_messages_async(self._connection))
            try:
                # Called in this task: if it is being cancelled, the close is sent nevertheless.
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._connection.close()
            except (TimeoutError, asyncio.CancelledError) as error:
                self._connection.transport.abort()
                if isinstance(error, asyncio.CancelledError):
                    raise
            finally:
                discarding.cancel()


async def _discard_messages_async(connection: Any) -> None:
    with suppress(Exception):
        while True:
            await connection.recv()


class _ConnectionOfParent:
    def recv(self, timeout: float) -> str | bytes:
        raise OSError(errno.ECONNABORTED, "the connection belongs to the parent process")


class _AsyncConnectionOfParent:
    async def recv(self) -> str | bytes:
        raise OSError(errno.ECONNABORTED, "the connection belongs to the parent process")


def _socket_of(connection: Any) -> Any:
    return connection.socket


def _async_socket_of(connection: Any) -> Any:
    return connection.transport.get_extra_info("socket")


@types.coroutine
def _resumed(coroutine: Coroutine[Any, Any, T], waited_for: Any) -> Generator[Any, Any, T]:
    """The rest of a coroutine that was started by hand and now waits for something."""
    try:
        while True:
            try:
                sent = yield waited_for
            except BaseException as error:  # noqa: BLE001 - such as a cancellation, which the coroutine handles
                waited_for = coroutine.throw(error)
            else:
                waited_for = coroutine.send(sent)
    except StopIteration as ended:
        return ended.value  # type: ignore[no-any-return]


def _unredirected(connecting: Any) -> Any:
    """What `connect` of `websockets` returned, which follows no redirect: it is we who say where to
    connect to. (The sync one of earlier releases follows none.)
    """
    if hasattr(connecting, "process_redirect"):
        connecting.process_redirect = _not_followed
    return connecting


def _not_followed(refusal: Exception) -> Exception:
    return refusal


def open_socket(address: SocketAddress, tls: ssl.SSLContext | None) -> Socket:
    """Connect. Raises SocketFailed."""
    try:
        from websockets.sync import client

        decode_proxies(client)
        # Entered, not called: from websockets 17 on it warns about connections that it merely
        # returns.
        create = with_whole_frames(client.ClientConnection)
        connect: Any = getattr(client, "reconnect", client.connect)  # which leaves the connecting to us
        connecting = connect(address.url(), create_connection=create, **address.options(tls))
        connection = _unredirected(connecting).__enter__()
        if address.greeting:
            with _ended_after(connection, address.timeout):
                connection.send(address.greeting)
    except Exception as error:  # noqa: BLE001 - handshakes fail in many ways; the original may contain the URL
        failure = _failure_of(error)
    else:
        return Socket(connection)
    raise failure


async def open_async_socket(address: SocketAddress, tls: ssl.SSLContext | None) -> AsyncSocket:
    """Connect. Raises SocketFailed, also under trio, which `websockets` does not support."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise SocketFailed("websockets need asyncio", is_final=True) from None
    try:
        from websockets.asyncio import client

        decode_proxies(client)
        create = with_whole_frames(client.ClientConnection)
        connecting = client.connect(address.url(), create_connection=create, **address.options(tls))
        connection = await _unredirected(connecting)
        if address.greeting:
            async with asyncio.timeout(address.timeout):
                await connection.send(address.greeting)
    except Exception as error:  # noqa: BLE001 - handshakes fail in many ways; the original may contain the URL
        failure = _failure_of(error)
    else:
        return AsyncSocket(connection)
    raise failure


def _failure_of(error: Exception) -> SocketFailed:
    """What happened, in words that cannot contain the URL.

    It is raised outside of the handler, so that it does not carry the original exception.
    """
    if isinstance(error, ImportError) and "socks" in str(error):
        return SocketFailed(
            "the proxy is a SOCKS proxy, which needs one more package: pip install python-socks",
            is_final=True,
        )
    if isinstance(error, ImportError):
        return SocketFailed("the package websockets cannot be imported", is_final=True)
    status = getattr(getattr(error, "response", None), "status_code", None)
    if type(error).__name__ == "InvalidProxyStatus":
        return SocketFailed(f"the proxy refused the connection with {status}")
    if isinstance(status, int):
        return SocketFailed(f"the server refused the upgrade with {status}", status)
    if isinstance(error, OSError) and error.strerror:
        return SocketFailed(error.strerror)
    return SocketFailed(type(error).__name__)
