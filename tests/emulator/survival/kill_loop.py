"""Kill a busy emulator again and again, and check that it lost nothing.

Run it as `python -m tests.emulator.survival.kill_loop --kills 100`, or `make crash KILLS=100`.
`comfy-cloud emulate --data` serves two accounts, each with several clients that write at the same
time, and is killed when some response arrives; the next process on the same folder must show
everything that was confirmed. With `--every-write` a process kills itself at the first write,
another at the second, and so on, until one completes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random

import httpx
from blake3 import blake3

from ..workflows import plain, text_to_image
from . import crash_actions
from .crash_child import SECOND
from .crash_ledger import Json, Ledger, incomplete, png
from .test_crashes import check_databases, check_next_process, client_of

FIRST = "comfyui-first-key"
CLIENTS = 3
"""Clients of each account."""
SPEED = 200
SAMPLE = 60
"""Things of earlier rounds that one client checks after each kill; after the last kill it checks
all.
"""


class Server:
    """`comfy-cloud emulate` on a folder, until it is killed."""

    def __init__(self, folder: Path) -> None:
        options = {
            "--port": "0",
            "--data": str(folder),
            "--seed-data": "none",
            "--speed": str(SPEED),
            "--tier": "pro",
            "--key": FIRST,
            "--account": f"{SECOND} tier=creator credits=1000000 name=second",
        }
        words = [word for pair in options.items() for word in pair]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "comfy_cloud.cli", "emulate", *words], stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr is not None
        lines = [self.process.stderr.readline() for _ in range(4)]
        self.url = lines[1].strip().removeprefix("export COMFY_CLOUD_BASE_URL=")
        assert self.url.startswith("http://"), lines
        # Its log must be read, otherwise it would block.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.process.kill()
        self.process.wait()


class Writer:
    """A client that makes one write after the other, of all kinds, until the server is gone."""

    def __init__(self, key: str, seed: int) -> None:
        self.key = key
        self.ledger = Ledger()
        self.failure: BaseException | None = None
        self._random = Random(seed)
        self._older: set[tuple[str, str]] = set()
        self._masked: set[str] = set()

    def check(self, url: str, *, all_of_it: bool) -> list[str]:
        """Descriptions of things that show something else than was confirmed."""
        keys = [key for key in self.ledger.facts if all_of_it or key not in self._older]
        older = sorted(self._older)
        if not all_of_it:
            keys += self._random.sample(older, min(SAMPLE, len(older)))
        with client_of(url, self.key) as client:
            wrong = self.ledger.differences(client, keys)
        self._older = set(self.ledger.facts)
        return wrong

    def work(self, url: str, on_response: Callable[[httpx.Response], None]) -> None:
        """Write until the connection breaks."""
        try:
            with client_of(url, self.key) as client:
                client.event_hooks = {"response": [on_response]}
                while True:
                    self._random.choice(self._possible())(client, self.ledger)
        except httpx.TransportError:
            pass
        except BaseException as error:  # noqa: BLE001 - reported by the main thread
            self.failure = error

    def _possible(self) -> list[Callable[[httpx.Client, Ledger], object]]:
        number = self._random.getrandbits(24)
        graph = self._random.choice([plain(number, 8, 4), text_to_image(number, steps=4)])
        found: list[Callable[..., object]] = [
            partial(crash_actions.submit, graph=graph),
            partial(crash_actions.upload, number=number),
            partial(crash_actions.asset, number=number),
            partial(
                crash_actions.write, path=f"{self._random.randrange(9)}%2F{id(self)}.json", text=str(number)
            ),
            partial(crash_actions.import_model, number=number),
        ]
        if job := self._some("job", lambda shown: "status" not in shown):
            found += [partial(crash_actions.look, id=job)] * 2
            found.append(partial(crash_actions.cancel, id=job, by_queue=self._random.random() < 0.5))
        if job := self._some("job", lambda shown: "status" in shown):
            found += [partial(crash_actions.forget, id=job), partial(crash_actions.delete, id=job)]
        if asset := self._some("asset", lambda shown: "tags" in shown):
            found += [
                partial(crash_actions.rename, id=asset, name=f"{number}.bin"),
                partial(crash_actions.retag, id=asset, tag=f"t{number}"),
                partial(crash_actions.discard, id=asset),
            ]
        # A second mask over an image would replace the first.
        if (original := self._some("upload", bool)) and original not in self._masked:
            found.append(lambda *known: self._mask(*known, number, original))
        if path := self._some("userdata", bool):
            found.append(partial(crash_actions.unlink, path=path))
        return found

    def _mask(self, client: httpx.Client, ledger: Ledger, number: int, original: str) -> None:
        self._masked |= {original, f"{blake3(png(number)).hexdigest()}.png"}
        crash_actions.mask(client, ledger, number, original)

    def _some(self, kind: str, fits: Callable[[Json], bool]) -> str | None:
        names = [
            name
            for (each, name), shown in self.ledger.facts.items()
            if each == kind and shown[0] is not None and fits(shown[0])
        ]
        return self._random.choice(names) if names else None


def kill_again_and_again(folder: Path, kills: int, seed: int) -> list[str]:
    """Kill a number of times. Returns descriptions of everything that was wrong afterwards."""
    chance = Random(seed)
    writers = [Writer(key, seed * 1000 + index) for index, key in enumerate([FIRST, SECOND] * CLIENTS)]
    ended: dict[str, set[str]] = {FIRST: set(), SECOND: set()}
    wrong: list[str] = []
    begin = time.monotonic()
    for turn in range(kills + 1):
        server = Server(folder)
        try:
            is_last = turn == kills
            for writer in writers:
                wrong += writer.check(server.url, all_of_it=is_last)
            for key, known in ended.items():
                with client_of(server.url, key) as client:
                    wrong += incomplete(client, set() if is_last else known)
            if not is_last:
                _work_until(server, writers, chance.randrange(10, 120))
        finally:
            server.kill()
        check_databases(folder)
        wrong += [f"a client failed: {writer.failure!r}" for writer in writers if writer.failure]
        if wrong:
            return wrong
        if turn and turn % 10 == 0:
            responses = sum(writer.ledger.responses for writer in writers)
            things = sum(len(writer.ledger.facts) for writer in writers)
            seconds = time.monotonic() - begin
            print(f"{turn} kills, {responses} responses, {things} things, {seconds:.0f} s", flush=True)
    return wrong


def _work_until(server: Server, writers: list[Writer], responses: int) -> None:
    """Let every client write until a number of responses have arrived, then kill the server."""
    left, lock = [responses], threading.Lock()

    def count(_: httpx.Response) -> None:
        with lock:
            left[0] -= 1
            if left[0] == 0:
                server.process.kill()

    threads = [threading.Thread(target=writer.work, args=(server.url, count)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def child(folder: Path, dies_at: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """An emulator that dies at a write, and its URL; empty when it died before it served."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.emulator.survival.crash_child", str(folder), str(dies_at)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def kill_at_every_write(folder: Path) -> list[str]:
    """A new folder and process for each write of the scenario. Returns descriptions of errors."""
    wrong: list[str] = []
    for write in range(1, 10_000):
        data = folder / str(write)
        ledgers = {SECOND: Ledger()}
        with child(data, write) as (process, url), client_of(url, SECOND) as client:
            try:
                crash_actions.everything(client, ledgers[SECOND])
            except httpx.TransportError:
                process.wait()
            else:
                print(f"killed at each of {write - 1} writes", flush=True)
                return wrong
        try:
            check_next_process(data, ledgers)
        except AssertionError as error:
            wrong.append(f"write {write}: {error}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.emulator.survival.kill_loop")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every-write", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.every_write:
            wrong = kill_at_every_write(Path(folder))
        else:
            wrong = kill_again_and_again(Path(folder), asked.kills, asked.seed)
    for line in wrong:
        print(line)
    print("something was lost" if wrong else "nothing was lost")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
