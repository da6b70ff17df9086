"""Fixtures of the whole suite: emulators on random ports, fake time, clean settings.

Every exchange with an emulator is checked against the contract (see `tests/contract/exchanges.py`),
unless a test scripted a fault, or the emulator is a self-hosted ComfyUI, which the contract does
not describe. Tests that are coroutines are async tests.
"""

from __future__ import annotations

import gc
import importlib.util
import inspect
import itertools
import os
import pkgutil
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import comfy_cloud
from comfy_cloud.errors import ConfigurationError
from comfy_cloud_emulator import Emulator
from scripts import unasync
from tests.clock import FakeTime
from tests.contract.exchanges import watched
from tests.costs import function_of, slow_functions

# The tests of the sync client are not committed. They are made here rather than in a hook, since
# pytest imports their conftest.py first; the workers of xdist find what their controller made.
if "PYTEST_XDIST_WORKER" not in os.environ:
    unasync.make_tests()

# A busy machine may be slow, and no test is about speed. Each run draws other examples, so several
# runs find what a single one would need more of them for.
settings.register_profile(
    "suite", deadline=None, max_examples=50, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

# httpcore tries this import several times per async request. Python remembers modules, but not that
# one is missing, so each try would search the whole path, and pytest's import hook with it.
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "beyond_contract: exchanges of this test may break the contract")
    config.addinivalue_line("markers", "slow: `make check` runs this test, and `make test` leaves it out")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without the garbage collector, and spare it what was collected.

    Nothing of fifteen thousand tests is garbage, but it would be searched again and again. After
    that it waits for ten thousand new objects: waiting for 700 took a twentieth of all time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000, 20, 10)
        gc.enable()


# The sync client is the async one with other words, but for what stands in pairs in `_http`:
# runtime, clients, concurrency, streams of files and of events, websockets. These tests use them.
QUICK_SYNC_TESTS = frozenset(
    f"test_{topic}.py"
    for topic in (
        "call",
        "cancellation",
        "client",
        "download_destinations",
        "file_inputs",
        "files",
        "forked",
        "job",
        "job_events",
        "job_events_faults",
        "map",
        "progress",
        "queue",
        "response_sizes",
        "storage_responses",
        "submission",
        "tasks",
        "transfers",
        "v2_events",
    )
)


# What the waits of several threads share has other locks than what those of tasks do.
THREAD_TESTS = QUICK_SYNC_TESTS | {"test_shared_live.py"}

# Beside them, these tests of the async client are about what passes through a transport: faults of
# connections, parts of files, long bodies, headers.
TRANSPORT_TESTS = QUICK_SYNC_TESTS | {
    f"test_{topic}.py"
    for topic in (
        "existing_files",
        "idempotency",
        "random_faults",
        "ranged_downloads",
        "response_memory",
        "shared_live",
        "submission_faults",
        "tracing",
        "v2_files",
    )
}

# Functions of which a case takes more than 0.07 seconds, as measured by `make slow-tests`.
SLOW_FUNCTIONS = slow_functions()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Leave to `make check` what takes long, and what only repeats a test of the async client."""
    is_copy = item.path.parent.name == "_sync" and item.path.name not in QUICK_SYNC_TESTS
    if is_copy or function_of(item.nodeid) in SLOW_FUNCTIONS:
        item.add_marker(pytest.mark.slow)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each async test over both transports: httpx's own, and aiohttp of the extra `fast`.

    What the client does is the same over both, so its second run is left to `make check`. Tests of
    connections, attacks and interruptions are always run over both. A module with `ONE_TRANSPORT`
    is about something else.
    """
    if inspect.iscoroutinefunction(metafunc.function) and not hasattr(metafunc.module, "ONE_TRANSPORT"):
        marks = [pytest.mark.slow] if metafunc.definition.path.parent.name == "_async" else []
        metafunc.parametrize("transport", ["httpx", pytest.param("aiohttp", marks=marks)], indirect=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run fewer cases of what repeats a test: all of them are run by the async client once.

    Over aiohttp, that is one case of a function where the cases differ above the transport.
    Elsewhere, and in tests of the sync client that only repeat, each value of each parameter is
    used, but not each combination. The first of those that were asked for are run, so any case can
    be run by its name.
    """
    repeated: set[pytest.Item] = set()
    seen: set[tuple[str, str, int]] = set()
    for item in sorted(items, key=lambda item: item.nodeid):  # whatever their order is
        callspec = getattr(item, "callspec", None)
        if callspec is None:
            continue
        is_copy = item.path.parent.name == "_sync" and item.path.name not in THREAD_TESTS
        is_over_aiohttp = item.path.parent.name == "_async" and callspec.params.get("transport") == "aiohttp"
        if not is_copy and not is_over_aiohttp:
            continue
        uses_all_values = is_copy or item.path.name in TRANSPORT_TESTS
        values = {
            (function_of(item.nodeid), name, id(value))  # all cases share the values
            for name, value in callspec.params.items()
            if uses_all_values or name == "transport"
        }
        if values <= seen:
            repeated.add(item)
        seen |= values
    if repeated:
        items[:] = [item for item in items if item not in repeated]
        config.hook.pytest_deselected(items=list(repeated))


# A shell lets what it starts in the background ignore Ctrl-C, which every process below inherits.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """The transport of an async test; None in others. Autouse, since few tests name it."""
    name: str | None = getattr(request, "param", None)
    if name is not None:
        monkeypatch.setattr("comfy_cloud._http.clients.has_aiohttp", lambda: name == "aiohttp")
    return name


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def _settings_folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """A function that gives an empty folder for a variable: the last one, if it is still empty."""
    # Named by numbers: `mktemp` would read the names of all that exist, which are thousands.
    parent = tmp_path_factory.mktemp("settings")
    numbers = itertools.count()
    last: dict[str, str] = {}

    def folder(variable: str) -> str:
        try:
            if not os.listdir(last[variable]) and os.stat(last[variable]).st_mode & 0o777 == 0o700:
                return last[variable]
        except (KeyError, OSError):  # there is none yet, or a test has removed it
            pass
        last[variable] = str(parent / str(next(numbers)))
        os.mkdir(last[variable], mode=0o700)
        return last[variable]

    return folder


@pytest.fixture(autouse=True)
def _no_settings_from_outside(
    monkeypatch: pytest.MonkeyPatch, _settings_folders: Callable[[str], str]
) -> None:
    """Tests do not read the environment or the profile of the person who runs them."""
    for name in [
        name
        for name in os.environ
        if name.startswith(("COMFY_CLOUD_", "COMFY_API_")) or name.lower().endswith("_proxy")
    ]:
        monkeypatch.delenv(name)
    for kind in ("CONFIG", "CACHE", "DATA", "STATE"):
        variable = f"COMFY_CLOUD_{kind}_DIR"
        monkeypatch.setenv(variable, _settings_folders(variable))


@pytest.fixture(scope="session")
def _whole_client() -> None:
    """Import every module of the client."""
    for module in pkgutil.walk_packages(comfy_cloud.__path__, "comfy_cloud."):
        if not module.name.endswith(".__main__"):
            with suppress(ConfigurationError):  # needs a package that is not installed
                importlib.import_module(module.name)


@pytest.fixture
def pytester(_whole_client: None, pytester: pytest.Pytester) -> pytest.Pytester:
    """Runs of pytest within this process, of which later tests notice nothing.

    A test that has it forgets the modules that it was the first to import. Imported again they
    would be others than those that the client holds, and nothing could be replaced in them.
    """
    return pytester


@pytest.fixture
def time() -> FakeTime:
    """A clock that only sleeping advances."""
    return FakeTime(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _every_exchange_is_checked(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check the exchanges with every emulator of a test against the contract."""
    if request.node.get_closest_marker("beyond_contract"):
        yield
        return
    with watched() as problems:
        yield
    assert not problems, "requests of the client that break the contract:\n" + "\n".join(problems)


@pytest.fixture
def start_emulator(time: FakeTime) -> Iterator[Callable[..., Emulator]]:
    """Start emulators with the fake clock; they are stopped after the test."""
    started: list[Emulator] = []

    def start(**options: Any) -> Emulator:
        options.setdefault("clock", lambda: time.now().timestamp())
        options.setdefault("sleep", time.async_sleep)
        started.append(Emulator(**options).start())
        return started[-1]

    yield start
    for emulator in started:
        emulator.stop()


@pytest.fixture
def emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    """An emulator with the demo's three hundred jobs."""
    return start_emulator(seed_data="demo")


@pytest.fixture
def empty_emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    """An emulator without jobs."""
    return start_emulator()
