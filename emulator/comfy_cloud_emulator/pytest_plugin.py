"""The pytest plugin: a local Comfy Cloud for the tests of programs that use the service.

pytest finds it by the entry point `comfy_cloud`. Importing it costs next to nothing: the server and
the client are imported by the first test that requests a fixture. It starts one emulator for the
session, resets it before each test, and applies the markers.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from comfy_cloud import AsyncComfyCloud, ComfyCloud
    from comfy_cloud_emulator import Emulator, Fault, Replay
    from comfy_cloud_emulator.cloud.settings import SettingChanges
    from comfy_cloud_emulator.engine.clock import TimeKind
    from comfy_cloud_emulator.nodes.catalogue import Catalogue
    from comfy_cloud_emulator.nodes.object_info_source import ObjectInfo
    from comfy_cloud_emulator.seeds.seed_data import SeedData
    from comfy_cloud_emulator.state.account import Tier

SPEED: Final = 100.0
"""How many times faster than the clock the emulated time runs, unless a marker overrides it."""

_MARKERS: Final = {
    "comfy_cloud_tier(tier)": 'the account\'s subscription: "free", "standard", "creator" or "pro"',
    "comfy_cloud_quirks(*names)": 'quirks to switch on beside the live ones, or a preset such as "comfyui"',
    "comfy_cloud_faults(*faults)": "what goes wrong from the start, as values of comfy_cloud_emulator.Fault",
    "comfy_cloud_seed(seed_data, seed=0)": 'the jobs to begin with: "demo", "none", or a number of them',
    "comfy_cloud_object_info(source)": "the node classes of a server: a file, a URL or the object",
    "comfy_cloud_recording(path, ignore=())": "the recording that comfy_cloud_replay plays, beside the test",
    'comfy_cloud_time(kind="real", *, speed=100)': 'how time goes; "virtual" stands still until advanced',
}
_CATALOGUES: Final[dict[str | Path, Catalogue]] = {}
_NUMBERS: Final = itertools.count()
_WITHOUT_CLIENT: Final = "pip install comfy-cloud"
_WITHOUT_EXTRA: Final = "pip install 'comfy-cloud[emulator]'"


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and the async fixtures where something runs async tests."""
    for call, meaning in _MARKERS.items():
        config.addinivalue_line("markers", f"{call}: {meaning}")
    if any(config.pluginmanager.hasplugin(name) for name in ("asyncio", "anyio")):
        from .pytest_async import fixtures

        config.pluginmanager.register(fixtures(config), "comfy_cloud_async")


@pytest.fixture(scope="session")
def _comfy_cloud_session() -> Iterator[Emulator]:
    """The emulator of the whole session; each test resets it first."""
    try:
        from comfy_cloud_emulator import Emulator
    except ModuleNotFoundError as error:
        pytest.fail(f"comfy_cloud_emulator needs the package {error.name}: {_WITHOUT_EXTRA}", pytrace=False)
    with Emulator(speed=SPEED) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def _comfy_cloud_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty folder in place of the tester's own configuration and cache folders."""
    return str(tmp_path_factory.mktemp("comfy-cloud"))


@pytest.fixture
def comfy_cloud_emulator(
    request: pytest.FixtureRequest,
    _comfy_cloud_session: Emulator,
    _comfy_cloud_folder: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Emulator:
    """A local Comfy Cloud on a loopback port, empty unless a marker fills it.

    Inspect it with `url`, `key`, `requests`, `submissions`, `jobs`, `files` and `store`; change it
    with `faults`, `account` and `time`. Its time runs a hundred times as fast as the machine's, so
    a job of five seconds takes 50 ms. `COMFY_CLOUD_BASE_URL` and `COMFY_CLOUD_API_KEY` point to it,
    so a client that the program under test creates without arguments reaches it, and never the
    service.
    """
    emulator = _comfy_cloud_session
    changes, faults = _changes(request.node), _faults(request.node)
    # The other markers have been checked by now, so an error can only be about the seed data.
    with _naming_marker("comfy_cloud_seed"):
        emulator.reset(**changes)
    emulator.faults.add(*faults)
    _lead_to(monkeypatch, emulator.url, emulator.key, _comfy_cloud_folder)
    return emulator


@pytest.fixture
def comfy_cloud_replay(
    request: pytest.FixtureRequest, _comfy_cloud_folder: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Replay]:
    """A server that plays the recording of the marker `comfy_cloud_recording`.

    The path is relative to the file of the test. `COMFY_CLOUD_BASE_URL` and `COMFY_CLOUD_API_KEY`
    point to it. A request that was not recorded fails the test; `check()` also finds those that
    were recorded and not sent.
    """
    marker = request.node.get_closest_marker("comfy_cloud_recording")
    if marker is None:
        pytest.fail("comfy_cloud_replay needs @pytest.mark.comfy_cloud_recording(path)", pytrace=False)
    try:
        from comfy_cloud_emulator import Replay
    except ModuleNotFoundError as error:
        pytest.fail(f"comfy_cloud_replay needs the package {error.name}: {_WITHOUT_EXTRA}", pytrace=False)
    try:
        with _naming_marker("comfy_cloud_recording"):
            path, ignored = _recording(*marker.args, **marker.kwargs)
            replay = Replay(request.path.parent / path, ignore=ignored)
    except FileNotFoundError as error:
        pytest.fail(f"@pytest.mark.comfy_cloud_recording: there is no {error.filename}", pytrace=False)
    with replay:
        _lead_to(monkeypatch, replay.url, replay.key, _comfy_cloud_folder)
        yield replay
    if replay.unknown:
        pytest.fail("; ".join(replay.unknown), pytrace=False)


@pytest.fixture
def comfy_cloud(comfy_cloud_emulator: Emulator) -> Iterator[ComfyCloud]:
    """A client of `comfy_cloud_emulator`. It retries like any client, but without long waits."""
    _require_client()
    # Here and in `pytest_async` the emulator knows the client: whoever uses the fixtures has both.
    from comfy_cloud import ComfyCloud, Retry

    retry = Retry(base=0.01, cap=0.05)
    with ComfyCloud(
        api_key=comfy_cloud_emulator.key, base_url=comfy_cloud_emulator.url, retry=retry
    ) as cloud:
        yield cloud


@pytest.fixture
def async_comfy_cloud(request: pytest.FixtureRequest, comfy_cloud_emulator: Emulator) -> AsyncComfyCloud:
    """An async client of `comfy_cloud_emulator`, like `comfy_cloud`, on the event loop of the test.

    For tests that pytest-asyncio or anyio runs, in any of their modes.
    """
    from .pytest_async import fixture_name

    _require_client()
    client: AsyncComfyCloud = request.getfixturevalue(fixture_name(request))
    return client


def _require_client() -> None:
    """Fail the test when the client is not installed."""
    try:
        from comfy_cloud import Retry  # noqa: F401 - asks whether it can be imported
    except ModuleNotFoundError as error:
        pytest.fail(f"comfy_cloud needs the package {error.name}: {_WITHOUT_CLIENT}", pytrace=False)


def _lead_to(monkeypatch: pytest.MonkeyPatch, url: str, key: str, folder: str) -> None:
    """Lead clients to a server on this machine, whatever the tester's own settings are."""
    for name in [name for name in os.environ if name.startswith("COMFY_CLOUD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", url)
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", key)
    monkeypatch.setenv("COMFY_CLOUD_CONFIG_DIR", folder)
    monkeypatch.setenv("COMFY_CLOUD_CACHE_DIR", folder)
    # Of each test its own: an idempotency key of an earlier one names a job that the reset removed.
    monkeypatch.setenv("COMFY_CLOUD_DATA_DIR", str(Path(folder, f"data-{next(_NUMBERS)}")))


def _recording(path: str | Path, ignore: Collection[str] = ()) -> tuple[str | Path, Collection[str]]:
    return path, ignore


def _changes(node: pytest.Item) -> SettingChanges:
    """The settings from the markers of a test; of several of a kind the closest one applies."""
    changes: SettingChanges = {}
    for name, read in _READERS.items():
        if (marker := node.get_closest_marker(name)) is not None:
            with _naming_marker(name):
                changes.update(read(*marker.args, **marker.kwargs))
    return changes


def _faults(node: pytest.Item) -> list[Fault]:
    """The faults of all markers, the closest first: the first fault that matches is used."""
    from comfy_cloud_emulator import Fault

    faults: list[Fault] = []
    with _naming_marker("comfy_cloud_faults"):
        for marker in node.iter_markers("comfy_cloud_faults"):
            for fault in marker.args:
                if not isinstance(fault, Fault):
                    raise ValueError(f"expected values like Fault.reset(), got {fault!r}")
                faults.append(fault)
            if marker.kwargs or not marker.args:
                raise ValueError("expected values like Fault.reset(), and no keywords")
    return faults


@contextmanager
def _naming_marker(marker: str) -> Generator[None]:
    """Turn an error about a marker's arguments into a failure that names the marker."""
    try:
        yield
    except (TypeError, ValueError) as error:
        pytest.fail(f"@pytest.mark.{marker}: {error}", pytrace=False)


# One function per marker: its parameters are the marker's arguments. Each refuses arguments that
# are not valid.


def _tier(tier: Tier) -> SettingChanges:
    from comfy_cloud_emulator import Account

    return {"tier": Account(tier).tier}


def _quirks(*names: str) -> SettingChanges:
    from comfy_cloud_emulator.quirks import PRESETS, Quirks

    if not names:
        raise ValueError(f"expected names of quirks, or one of the presets: {', '.join(PRESETS)}")
    return {"quirks": Quirks.read(names[0] if len(names) == 1 and names[0] in PRESETS else names)}


def _seed(seed_data: SeedData, seed: int = 0) -> SettingChanges:
    return {"seed_data": seed_data, "seed": seed}


def _object_info(source: ObjectInfo) -> SettingChanges:
    from comfy_cloud_emulator.nodes.object_info_source import read_catalogue

    # Read here, so that an error names this marker; files and addresses once for all tests.
    if not isinstance(source, (str, Path)):
        return {"object_info": read_catalogue(source)}
    if source not in _CATALOGUES:
        _CATALOGUES[source] = read_catalogue(source)
    return {"object_info": _CATALOGUES[source]}


def _time(kind: TimeKind = "real", *, speed: float = SPEED) -> SettingChanges:
    from comfy_cloud_emulator import EngineTime

    EngineTime(kind, speed)
    return {"time": kind, "speed": speed}


_READERS: Final[dict[str, Callable[..., SettingChanges]]] = {
    "comfy_cloud_tier": _tier,
    "comfy_cloud_quirks": _quirks,
    "comfy_cloud_seed": _seed,
    "comfy_cloud_object_info": _object_info,
    "comfy_cloud_time": _time,
}
