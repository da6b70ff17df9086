"""The async clients of the pytest plugin, each made and closed on the event loop of its test.

Tests run on the loop of pytest-asyncio or of anyio, and each of them runs only fixtures of its own
kind on it. So there is one for anyio, and one for each scope of loops that pytest-asyncio has;
`fixture_name` says which fits a test. Imported by the first session that has one of the two.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from comfy_cloud import AsyncComfyCloud
    from comfy_cloud_emulator import Emulator

ANYIO: Final = "_comfy_cloud_on_anyio"
_ASYNCIO: Final = "_comfy_cloud_on_asyncio_{}"
_LOOP_SCOPES: Final = ("function", "class", "module", "package", "session")
_NO_PLUGIN: Final = (
    "async_comfy_cloud needs what runs async tests: pip install pytest-asyncio and mark the test with"
    " @pytest.mark.asyncio, or with anyio mark it with @pytest.mark.anyio"
)
_NO_ASYNCIO: Final = (
    "async_comfy_cloud runs on asyncio, not on {}: let the fixture anyio_backend of your tests return"
    ' "asyncio"'
)


def fixture_name(request: pytest.FixtureRequest) -> str:
    """The name of the fixture that makes the client on the loop of this test.

    Fails the test when no plugin runs it, or when it runs on trio.
    """
    if "anyio_backend" in request.fixturenames:
        backend = request.getfixturevalue("anyio_backend")
        name = backend if isinstance(backend, str) else backend[0]
        if name != "asyncio":
            pytest.fail(_NO_ASYNCIO.format(name), pytrace=False)
        return ANYIO
    if not request.config.pluginmanager.hasplugin("asyncio"):
        pytest.fail(_NO_PLUGIN, pytrace=False)
    marker = request.node.get_closest_marker("asyncio")
    scope = None if marker is None else marker.kwargs.get("loop_scope")
    return _ASYNCIO.format(scope or request.config.getini("asyncio_default_test_loop_scope") or "function")


def fixtures(config: pytest.Config) -> ModuleType:
    """A plugin with the fixtures for what this session has."""
    found = ModuleType(f"{__name__}.fixtures")
    setattr(found, ANYIO, pytest.fixture(_maker(), name=ANYIO))
    if config.pluginmanager.hasplugin("asyncio"):
        asyncio_plugin: Any = config.pluginmanager.getplugin("asyncio")
        for scope in _LOOP_SCOPES:
            name = _ASYNCIO.format(scope)
            setattr(found, name, asyncio_plugin.fixture(_maker(), name=name, loop_scope=scope))
    return found


def _maker() -> Any:
    """A function that makes a client; one of its own for each fixture, which marks it."""

    async def make(comfy_cloud_emulator: Emulator) -> AsyncIterator[AsyncComfyCloud]:
        from comfy_cloud import AsyncComfyCloud, Retry

        retry = Retry(base=0.01, cap=0.05)
        async with AsyncComfyCloud(
            api_key=comfy_cloud_emulator.key, base_url=comfy_cloud_emulator.url, retry=retry
        ) as cloud:
            yield cloud

    return make
