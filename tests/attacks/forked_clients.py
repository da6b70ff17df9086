"""Use a client before a fork, and then in the parent and its children at once.

`python -m tests.attacks.forked_clients` tries everything; with the name of a trial, that one. Each
process must receive the responses to its own requests only, no connection may be used by two
processes, and what the children do, closing included, must leave the parent's connections open. A
trial runs in a process of its own, which may be a fork of one without threads; a test runner has
threads.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import multiprocessing
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from unittest import mock

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ConfigurationError
from comfy_cloud._http import clients
from comfy_cloud._http.websocket import SocketAddress, SocketFailed, open_async_socket, open_socket
from tests.attacks.echo_server import TOGETHER, EchoServer, echo_server, stored
from tests.certificates import AUTHORITY

REQUESTS = 6
CHILDREN = 3
TRIALS = (
    *("sync", "sync tls", "sync files", "sync files tls", "httpx", "httpx tls", "aiohttp", "aiohttp tls"),
    *("httpx files", "aiohttp files tls", "open file", "open file tls", "locks", "own client"),
    *("websocket", "websocket tls", "async websocket", "async websocket tls"),
)
T = TypeVar("T")
Send = Callable[[str], str]
_NOTHING = 0


class Trial:
    """One trial, in this process. `problems` has what did not hold."""

    def __init__(self, server: EchoServer, children: int, requests: int) -> None:
        self.server = server
        self.children = children
        self.requests = requests
        self.problems: list[str] = []

    def sync(self, use_files: bool) -> None:
        cloud = ComfyCloud(api_key="k", base_url=self.server.url)

        def send(who: str) -> str:
            if use_files:
                with cloud.files.open(f"{who}.png") as content:
                    return who if content.read() == stored(f"{who}.png") else "another file"
            return cloud.request("GET", "/api/echo", params={"who": who}).text

        def together(who: str) -> str:
            return cloud.request("GET", "/api/echo", params={"who": who, "together": 1}).text

        with ThreadPoolExecutor(TOGETHER) as threads:
            self._in_threads(threads, together, 1)
            self._in_threads(threads, send, 1)
            children = [self._child(send, cloud.close) for _ in range(self.children)]
            self._in_threads(threads, send, self.requests)
            self._join(children)
            self._in_threads(threads, together, 1)
        self._check_connections(TOGETHER, use_files)
        cloud.close()

    def async_(self, use_files: bool) -> None:
        """The parent's event loop runs in a thread, so that the main thread can fork."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        cloud = AsyncComfyCloud(api_key="k", base_url=self.server.url)

        async def send(who: str) -> str:
            if use_files:
                async with cloud.files.open(f"{who}.png") as content:
                    return who if await content.read() == stored(f"{who}.png") else "another file"
            return (await cloud.request("GET", "/api/echo", params={"who": who})).text

        async def together(who: str) -> str:
            return (await cloud.request("GET", "/api/echo", params={"who": who, "together": 1})).text

        async def several(function: Callable[[str], object], count: int) -> None:
            for number in range(count):
                names = [f"{os.getpid()}-{number}{letter}" for letter in "abc"]
                received = await asyncio.gather(*(function(name) for name in names))  # type: ignore[call-overload]
                self._compare(names, list(received))

        async def in_child() -> None:
            await several(send, self.requests)
            await cloud.close()

        def in_parent(function: Callable[[str], object], count: int) -> None:
            asyncio.run_coroutine_threadsafe(several(function, count), loop).result(60)

        in_parent(together, 1)
        in_parent(send, 1)
        children = [_forked(lambda: asyncio.run(in_child()), self.problems) for _ in range(self.children)]
        in_parent(send, self.requests)
        self._join(children)
        in_parent(together, 1)
        self._check_connections(TOGETHER, use_files)
        asyncio.run_coroutine_threadsafe(cloud.close(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()

    def open_file(self) -> None:
        """Fork while a response is being read; both go on reading it."""
        cloud = ComfyCloud(api_key="k", base_url=self.server.url)
        name = "shared-file.png"
        with cloud.files.open(name) as content:
            pieces = iter(content)
            first = next(pieces)

            def rest() -> None:
                if first + b"".join(pieces) != stored(name):
                    self.problems.append(f"{os.getpid()} has another file")

            child = _forked(rest, self.problems)
            self._join([child])
            # Of the parent one for the API and one for the file; the child had to open its own.
            if len(self.server.senders()) != 3:
                self.problems.append(f"connections: {self.server.senders()}")
            rest()
        cloud.close()

    def locks(self) -> None:
        """Fork while other threads hold every lock of the library."""
        cloud = ComfyCloud(api_key="k", base_url=self.server.url)
        cloud.request("GET", "/api/echo", params={"who": "a"})
        locks = [clients._tls_lock.lock, cloud.deviations._lock_holder.lock]
        transport = cloud._session._http._transport
        locks.append(transport._pool._optional_thread_lock)  # type: ignore[attr-defined]
        for owner in (cloud, cloud._parts):
            locks += [value.lock for value in vars(type(owner)).values() if hasattr(value, "lock")]
        held, done = threading.Barrier(2), threading.Event()

        def hold() -> None:
            for lock in locks:
                lock.__enter__()
            held.wait()
            done.wait()

        threading.Thread(target=hold, daemon=True).start()
        held.wait()

        def use_everything() -> None:
            clients.tls_context()
            assert list(cloud.deviations) is not None
            assert cloud.jobs is not None
            assert cloud.files is not None
            with cloud.files.open("b-1.png") as content:
                content.read()

        self._join([_forked(use_everything, self.problems)])
        done.set()

    def own_client(self) -> None:
        """A client that was passed in is not replaced, so the child refuses to use it."""
        import httpx

        with (
            httpx.Client() as mine,
            ComfyCloud(api_key="k", base_url=self.server.url, http_client=mine) as cloud,
        ):

            def use() -> None:
                try:
                    cloud.request("GET", "/api/echo", params={"who": "child"})
                except ConfigurationError as error:
                    problem = "" if "fork" in str(error) else str(error)
                else:
                    problem = "a connection of the parent was used"
                self.problems += [problem] if problem else []

            cloud.request("GET", "/api/echo", params={"who": "parent"})
            self._join([_forked(use, self.problems)])
            cloud.request("GET", "/api/echo", params={"who": "parent"})
        self.requests = 0
        if self.server.senders() != [{"parent"}]:
            self.problems.append(f"connections: {self.server.senders()}")

    def websocket(self) -> None:
        """The child finds its websocket gone; that of the parent stays open."""
        address = SocketAddress(self.server.url, "c", greeting="hello")
        connected = open_socket(address, clients.tls_context() if "https" in self.server.url else None)
        if connected.receive(30) != "hello":
            self.problems.append("no greeting")

        def use() -> None:
            try:
                connected.receive(30)
            except SocketFailed as error:
                problem = "" if "parent" in error.reason else error.reason
            else:
                problem = "the child received something"
            self.problems += [problem] if problem else []
            connected.close()

        self._join([_forked(use, self.problems)])
        connected._connection.send("again")
        if connected.receive(30) != "again":
            self.problems.append("the parent's websocket was closed")
        connected.close()

    def async_websocket(self) -> None:
        """Likewise, with the parent's event loop in a thread."""
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()
        address = SocketAddress(self.server.url, "c", greeting="hello")
        tls = clients.tls_context() if "https" in self.server.url else None

        def in_parent(coroutine: Coroutine[Any, Any, T]) -> T:
            return asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)

        connected = in_parent(open_async_socket(address, tls))
        if in_parent(connected.receive(30)) != "hello":
            self.problems.append("no greeting")

        async def use() -> None:
            try:
                await connected.receive(30)
            except SocketFailed as error:
                problem = "" if "parent" in error.reason else error.reason
            else:
                problem = "the child received something"
            self.problems += [problem] if problem else []
            await connected.close()

        self._join([_forked(lambda: asyncio.run(use()), self.problems)])
        in_parent(connected._connection.send("again"))
        if in_parent(connected.receive(30)) != "again":
            self.problems.append("the parent's websocket was closed")
        in_parent(connected.close())

    def _child(self, send: Send, close: Callable[[], None]) -> multiprocessing.process.BaseProcess:
        def work() -> None:
            with ThreadPoolExecutor(TOGETHER) as threads:
                self._in_threads(threads, send, self.requests)
            close()

        return _forked(work, self.problems)

    def _in_threads(self, threads: ThreadPoolExecutor, function: Send, count: int) -> None:
        for number in range(count):
            names = [f"{os.getpid()}-{number}{letter}" for letter in "abc"]
            self._compare(names, list(threads.map(function, names)))

    def _compare(self, names: list[str], received: list[str]) -> None:
        self.problems += [
            f"{name} received {got}" for name, got in zip(names, received, strict=True) if got != name
        ]

    def _join(self, children: list[multiprocessing.process.BaseProcess]) -> None:
        for child in children:
            child.join(60)
            if child.exitcode != _NOTHING:
                self.problems.append(f"a child ended with {child.exitcode}")

    def _check_connections(self, parents: int, use_files: bool) -> None:
        senders = self.server.senders()
        shared = [each for each in senders if len(each) != 1]
        if shared:
            self.problems.append(f"connections of more than one process: {shared}")
        if len(set().union(*senders)) != self.children + 1:
            self.problems.append(f"not every process sent something: {senders}")
        ours = senders.count({str(os.getpid())})
        # Files come over two pools, the second with as many connections.
        if not use_files and ours != parents:
            self.problems.append(f"the parent opened {ours} connections instead of {parents}")


def _forked(work: Callable[[], None], problems: list[str]) -> multiprocessing.process.BaseProcess:
    def in_child() -> None:
        faulthandler.dump_traceback_later(30, exit=True)  # a deadlock ends the child
        before = len(problems)
        work()
        for problem in problems[before:]:
            print(f"in a child: {problem}", file=sys.stderr, flush=True)
        sys.exit(1 if len(problems) > before else _NOTHING)

    child = multiprocessing.get_context("fork").Process(target=in_child)
    child.start()
    return child


def run_here(name: str, children: int = CHILDREN, requests: int = REQUESTS) -> list[str]:
    """Run one trial in this process; returns what did not hold."""
    os.environ["SSL_CERT_FILE"] = str(AUTHORITY)
    with echo_server(*({"websocket", "tls"} & set(name.split()))) as server:
        trial = Trial(server, children, requests)
        kind = name.removesuffix(" tls")
        with mock.patch.object(clients, "has_aiohttp", return_value=kind.startswith("aiohttp")):
            match kind.split():
                case ["open", "file"]:
                    trial.open_file()
                case ["locks"]:
                    trial.locks()
                case ["websocket"]:
                    trial.websocket()
                case ["async", "websocket"]:
                    trial.async_websocket()
                case ["own", "client"]:
                    trial.own_client()
                case ["sync", *files]:
                    trial.sync(bool(files))
                case [_, *files]:
                    trial.async_(bool(files))
        return trial.problems


def run(name: str, children: int = CHILDREN, requests: int = REQUESTS) -> list[str]:
    """Run one trial in a new process; returns what did not hold."""
    arguments = [sys.executable, "-m", "tests.attacks.forked_clients", name, str(children), str(requests)]
    ended = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)
    try:
        problems: list[str] = json.loads(ended.stdout)
    except ValueError:
        return [f"the trial ended with {ended.returncode}: {ended.stderr[-2000:]}"]
    return [*problems, *([ended.stderr[-2000:]] if problems else [])]


def main(name: str, children: str = str(CHILDREN), requests: str = str(REQUESTS)) -> None:
    """Print what did not hold in one trial, as JSON."""
    warnings.simplefilter("default")  # some Pythons warn of the forks that this is about
    print(json.dumps(run_here(name, int(children), int(requests))))


def try_everything() -> None:
    for name in TRIALS:
        problems = run(name)
        print(f"forked client, {name} | 1 | {0 if problems else 1}")
        for problem in problems:
            print(f"  {problem}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(*sys.argv[1:])
    else:
        try_everything()
