"""What attacks share: a call over each transport, what was logged, and a report of the tries."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from tests.clock import FakeTime
from tests.live.forms import Step, in_async_form, in_sync_form

TRANSPORTS = ("sync", "httpx", "aiohttp")
GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
}


@dataclass
class Report:
    """How many calls were tried, and what did not hold: one line each."""

    tries: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def held(self) -> int:
        return self.tries - len(self.failures)

    def show(self, name: str) -> None:
        """Print the row of an attack, and what did not hold."""
        print(f"{name} | {self.tries} | {self.held}")
        for line in self.failures:
            print(f"  {line}")


def call_over(transport: str, url: str, step: Step, time: FakeTime | None = None, **options: Any) -> None:
    """Run a step with the sync client, or with the async one over httpx or aiohttp."""
    is_sync = transport == "sync"
    if time is not None:
        options["runtime"] = time.runtime() if is_sync else time.async_runtime()
    if is_sync:
        in_sync_form(url, Path(), step, **options)
    else:
        with mock.patch("comfy_cloud._http.clients.has_aiohttp", return_value=transport == "aiohttp"):
            in_async_form(url, Path(), step, **options)


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def logged() -> Iterator[list[str]]:
    """Every line that is logged in the block, whoever logs it."""
    root, handler = logging.getLogger(), _Lines()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, its causes, and those of earlier attempts."""
    waiting, seen = [error], set[int]()
    while waiting:
        found = waiting.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        waiting += [found.__cause__, found.__context__, *getattr(found, "attempts", ())]
