"""Downloads that are cancelled at every step and at random moments.

After each, the destination has its old content or the whole new one, nothing else is in the folder,
no thread of the library runs, the cancellation itself is raised, and the next download succeeds.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import anyio
import httpx

from comfy_cloud import AsyncComfyCloud, ComfyCloud
from comfy_cloud._files import background_writer, local_destination
from comfy_cloud._http.thread_steps import ThreadStep
from comfy_cloud._jobs.outputs import Output
from comfy_cloud.hashing import hash_bytes

KINDS = ("task", "task twice", "wait_for", "anyio scope", "Ctrl-C, async", "Ctrl-C, sync")
CONTENT = random.Random(9).randbytes(4_500_000)  # more than a small file, so it is written in a thread
OLD = b"the file that was there"
NAME = f"{hash_bytes(CONTENT)}.mp4"
CHUNK = 128 * 1024


@dataclass
class Points:
    """Counts the steps of a download, before and after each, and interrupts at one of them."""

    chosen: int | None = None
    interrupt: Callable[[], None] = lambda: None
    seen: list[str] = field(default_factory=list)
    running: list[Any] = field(default_factory=list)  # of each step a lock, held while it runs

    def in_thread(self, run: Callable[[ThreadStep[Any]], None]) -> Callable[[ThreadStep[Any]], None]:
        def call(step: ThreadStep[Any]) -> None:
            running = threading.Lock()
            running.acquire()
            try:
                self.running.append(running)
                run(step)
            finally:
                running.release()

        return call

    def at(self, name: str) -> None:
        self.seen.append(name)
        if len(self.seen) - 1 == self.chosen:
            self.interrupt()

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.at(f"before {name}")
            result = function(*arguments, **options)
            self.at(f"after {name}")
            return result

        return call


class Watched:
    """An object whose methods of these names are steps."""

    def __init__(self, points: Points, thing: Any, *names: str) -> None:
        self._points = points
        self._thing = thing
        self._names = names

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._thing, name)
        return self._points.around(name, found) if name in self._names else found


@contextmanager
def watched(points: Points) -> Iterator[None]:
    """Make every step of writing a file known to `points`."""
    new_hasher = background_writer._new_hasher

    def opened(*arguments: Any, **options: Any) -> Any:
        return Watched(points, open(*arguments, **options), "write", "close")

    with ExitStack() as stack:
        names = ("replace", "link", "stat")
        stack.enter_context(patch.object(local_destination, "os", Watched(points, os, *names)))
        opener = points.around("open", opened)
        stack.enter_context(patch.object(local_destination, "open", opener, create=True))
        unlink = points.around("unlink", lambda path: Path.unlink(path))
        stack.enter_context(patch.object(local_destination, "Path", _path_class(unlink)))
        hasher = patch.object(
            background_writer, "_new_hasher", lambda: Watched(points, new_hasher(), "update", "hexdigest")
        )
        stack.enter_context(hasher)
        stack.enter_context(patch.object(ThreadStep, "run", points.in_thread(ThreadStep.run)))
        yield


def _path_class(unlink: Callable[..., Any]) -> type[Path]:
    return type("WatchedPath", (type(Path()),), {"unlink": lambda self: unlink(Path(self))})


async def _body() -> AsyncIterator[bytes]:
    for offset in range(0, len(CONTENT), CHUNK):
        await asyncio.sleep(0)
        yield CONTENT[offset : offset + CHUNK]


def _respond(is_async: bool) -> Callable[[httpx.Request], httpx.Response]:
    headers = {"Content-Type": "video/mp4", "Content-Length": str(len(CONTENT)), "ETag": '"1"'}

    def respond(request: httpx.Request) -> httpx.Response:
        pieces = (CONTENT[offset : offset + CHUNK] for offset in range(0, len(CONTENT), CHUNK))
        return httpx.Response(200, headers=headers, content=_body() if is_async else pieces)

    return respond


def async_client() -> AsyncComfyCloud:
    http = httpx.AsyncClient(transport=httpx.MockTransport(_respond(True)))
    return AsyncComfyCloud(api_key="comfyui-attack", base_url="http://localhost", http_client=http)


def sync_client() -> ComfyCloud:
    http = httpx.Client(transport=httpx.MockTransport(_respond(False)))
    return ComfyCloud(api_key="comfyui-attack", base_url="http://localhost", http_client=http)


@dataclass
class Attempt:
    """One download that is interrupted at a step, or after so many seconds."""

    kind: str
    folder: Path
    is_new: bool  # whether there is no file yet
    verify: bool
    count: int = 1  # of files
    point: int | None = None
    delay: float | None = None
    points: Points = field(default_factory=Points)
    raised: BaseException | None = None

    @property
    def paths(self) -> list[Path]:
        return [self.folder / f"{number}.mp4" for number in range(self.count)]

    @property
    def options(self) -> dict[str, Any]:
        return {"overwrite": not self.is_new, "verify": self.verify}

    def run(self) -> None:
        if not self.is_new:
            for path in self.paths:
                path.write_bytes(OLD)
        self.points = Points(self.point)
        try:
            with watched(self.points):
                if self.kind == "Ctrl-C, sync":
                    self._run_sync()
                else:
                    asyncio.run(self._run_async())
        except BaseException as error:  # noqa: BLE001 - checked below
            self.raised = error

    def problem(self) -> str | None:
        """What is wrong afterwards, or None."""
        found = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        for path in self.paths:
            if found.pop(path.name, None) not in ([CONTENT, None] if self.is_new else [CONTENT, OLD]):
                return "a file is neither the old one nor the new one"
        if found:
            return f"left in the folder: {sorted(found)}"
        # One that has ended its step may need a moment to leave.
        if not all(running.acquire(timeout=2) for running in self.points.running):
            return "a thread is still running"
        expected = KeyboardInterrupt if self.kind.startswith("Ctrl-C") else asyncio.CancelledError
        if self.kind == "wait_for":
            expected = TimeoutError  # what wait_for makes of the cancellation
        if self.raised is not None and type(self.raised) is not expected:
            return f"raised {self.raised!r}"
        if self.raised is None and [path for path in self.paths if path.read_bytes() != CONTENT]:
            return "ended without a file"
        with sync_client() as cloud:
            cloud.files.download(NAME, self.paths[0], overwrite=True)
        return None if self.paths[0].read_bytes() == CONTENT else "the next download failed"

    def _run_sync(self) -> None:
        self.points.interrupt = lambda: signal.raise_signal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("Ctrl-C needs the main thread")
        with sync_client() as cloud, _interrupted_after(self.delay):
            if self.count == 1:
                cloud.files.download(NAME, self.paths[0], **self.options)
            else:
                cloud.files.download_all(self._outputs, self.folder, name="{index}{ext}", **self.options)

    async def _run_async(self) -> None:
        if self.kind == "Ctrl-C, async":
            self.points.interrupt = _in_loop(lambda: os.kill(os.getpid(), signal.SIGINT))
            with _interrupted_after(self.delay):
                await self._download()
            return
        if self.kind == "anyio scope":
            with anyio.CancelScope() as scope:
                self._arm(scope.cancel)
                await self._download()
            if scope.cancelled_caught:
                raise asyncio.CancelledError
            return
        task = asyncio.ensure_future(self._download())

        def cancel() -> None:
            task.cancel()
            if self.kind == "task twice":
                _after_turns(asyncio.get_running_loop(), 5, task.cancel)

        if self.kind != "wait_for":
            self._arm(cancel)
            await task
        elif self.delay is not None:
            await asyncio.wait_for(task, self.delay)
        else:
            late = asyncio.get_running_loop().create_future()
            self._arm(late.cancel)
            waiting = asyncio.ensure_future(asyncio.wait_for(task, 3600))
            late.add_done_callback(lambda _: waiting.cancel())
            try:
                await waiting
            except asyncio.CancelledError:
                raise TimeoutError from None

    async def _download(self) -> None:
        async with async_client() as cloud:
            if self.count == 1:
                await cloud.files.download(NAME, self.paths[0], **self.options)
            else:
                name = "{index}{ext}"
                await cloud.files.download_all(self._outputs, self.folder, name=name, **self.options)

    @property
    def _outputs(self) -> list[Output]:
        return [Output({"filename": NAME})] * self.count

    def _arm(self, cancel: Callable[[], object]) -> None:
        self.points.interrupt = _in_loop(cancel)
        if self.delay is not None:
            asyncio.get_running_loop().call_later(self.delay, cancel)


def _in_loop(cancel: Callable[[], object]) -> Callable[[], None]:
    """Cancels in the event loop. A worker thread then waits until the loop has gone on for long."""
    loop = asyncio.get_running_loop()
    of_loop = threading.get_ident()

    def interrupt() -> None:
        gone_on = threading.Event()
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(cancel)
            loop.call_soon_threadsafe(_after_turns, loop, 100, gone_on.set)
            if threading.get_ident() != of_loop:
                gone_on.wait(2)  # or until the loop must have ended without this thread

    return interrupt


def _after_turns(loop: asyncio.AbstractEventLoop, turns: int, call: Callable[[], object]) -> None:
    if turns:
        loop.call_soon(_after_turns, loop, turns - 1, call)
    else:
        call()


@contextmanager
def _interrupted_after(delay: float | None) -> Iterator[None]:
    """Ctrl-C after so many seconds."""
    if delay is None:
        yield
        return
    before = signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, delay)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def number_of_points(kind: str, is_new: bool, verify: bool) -> int:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        attempt = Attempt(kind, Path(folder), is_new, verify)
        attempt.run()
        assert attempt.raised is None, attempt.raised
        return len(attempt.points.seen)


def made(attempt: Attempt) -> str | None:
    """Make an attempt; returns what is wrong afterwards, or None."""
    attempt.run()
    problem = attempt.problem()
    seen, point = attempt.points.seen, attempt.point
    where = seen[point] if point is not None and point < len(seen) else f"after {attempt.delay} s"
    return problem and f"{attempt.kind}, new: {attempt.is_new}, verify: {attempt.verify}, {where}: {problem}"


def at_every_step(kind: str, step: int = 1) -> tuple[int, list[str]]:
    """Interrupt at every step, or every `step`-th.

    Returns the number of tries, and what was wrong.
    """
    count, found = 0, []
    for is_new in (True, False):
        for verify in (True, False):
            for point in range(count % step, number_of_points(kind, is_new, verify), step):
                with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                    found.append(made(Attempt(kind, Path(folder), is_new, verify, point=point)))
                count += 1
    return count, [problem for problem in found if problem]


def at_random(kind: str, count: int, files: int = 1, seed: int = 9) -> tuple[int, list[str]]:
    """Interrupt at random moments, until `count` downloads were interrupted before their end.

    Each is of so many `files`, at a time.

    Returns their number, and what was wrong.
    """
    chance = random.Random(seed)
    found: list[str | None] = []
    interrupted, longest = 0, 0.02
    while interrupted < count:
        delay = longest * chance.random()
        is_new, verify = chance.random() < 0.5, chance.random() < 0.5
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            attempt = Attempt(kind, Path(folder), is_new, verify, files, delay=delay)
            found.append(made(attempt))
        interrupted += attempt.raised is not None
        longest *= 0.99 if attempt.raised is None else 1.01
    return interrupted, [problem for problem in found if problem]


def main() -> None:
    for kind in KINDS:
        for title, (count, found) in {
            "at every step": at_every_step(kind),
            "at a random moment": at_random(kind, 170),
            "at a random moment, four files": at_random(kind, 40, files=4),
        }.items():
            print(f"download cancelled by {kind} {title} | {count} | {count - len(found)}")
            for problem in found[:5]:
                print("   ", problem)


if __name__ == "__main__":
    main()
