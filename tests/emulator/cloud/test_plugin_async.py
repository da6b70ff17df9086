"""The fixture `async_comfy_cloud` in an app's test suite, with pytest-asyncio and with anyio."""

from __future__ import annotations

import pytest

from .test_plugin import GRAPH, ONLY_OURS, passes

# It asks to choose; and its warning is an error here.
ASYNCIO = ("-p", "asyncio", "-o", "asyncio_default_fixture_loop_scope=function")

RUNS = """
async def run(cloud, emulator):
    import asyncio
    job = await cloud.run(GRAPH, timeout=60)
    assert [entry.prompt_id async for entry in cloud.history] == [job.id]
    assert (await job.outputs[0].read()).startswith(b"\\x89PNG")
    assert emulator.jobs.executed(job.id) == 1
    return asyncio.get_running_loop()
"""


@pytest.fixture(autouse=True)
def _no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_with_pytest_asyncio(pytester: pytest.Pytester, mode: str) -> None:
    passes(
        pytester,
        RUNS
        + """
import pytest

pytestmark = pytest.mark.asyncio
LOOPS = set()

@pytest.mark.parametrize("time", [1, 2])
async def test_each_has_a_loop(time, async_comfy_cloud, comfy_cloud_emulator):
    await run(async_comfy_cloud, comfy_cloud_emulator)

@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("time", [1, 2])
async def test_both_share_a_loop(time, async_comfy_cloud, comfy_cloud_emulator):
    LOOPS.add(await run(async_comfy_cloud, comfy_cloud_emulator))
    assert len(LOOPS) == 1

@pytest.mark.comfy_cloud_seed(3)
async def test_markers_count(async_comfy_cloud):
    assert len([entry async for entry in async_comfy_cloud.history]) == 3
""",
        5,
        *ASYNCIO,
        "-o",
        f"asyncio_mode={mode}",
    )


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_with_anyio(pytester: pytest.Pytester, mode: str) -> None:
    passes(
        pytester,
        RUNS
        + """
import pytest

pytestmark = pytest.mark.anyio

@pytest.fixture
def anyio_backend():
    return "asyncio", {"debug": False}

@pytest.mark.parametrize("time", [1, 2])
async def test_run(time, async_comfy_cloud, comfy_cloud_emulator):
    await run(async_comfy_cloud, comfy_cloud_emulator)
""",
        2,
        "-p",
        "anyio",
        "-o",
        f"anyio_mode={mode}",
    )


def test_with_both_at_once(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        RUNS
        + """
import pytest

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_anyio(async_comfy_cloud, comfy_cloud_emulator):
    await run(async_comfy_cloud, comfy_cloud_emulator)

@pytest.mark.asyncio
async def test_asyncio(async_comfy_cloud, comfy_cloud_emulator):
    await run(async_comfy_cloud, comfy_cloud_emulator)
""",
        2,
        *ASYNCIO,
        "-p",
        "anyio",
    )


@pytest.mark.parametrize(
    ("code", "plugins", "message"),
    [
        (
            "def test_it(async_comfy_cloud): pass",
            (),
            "needs what runs async tests: pip install pytest-asyncio",
        ),
        ("def test_it(async_comfy_cloud): pass", ("-p", "anyio"), "mark it with @pytest.mark.anyio"),
        (
            "import pytest\n"
            "@pytest.fixture\ndef anyio_backend(): return 'trio'\n"
            "def test_it(anyio_backend, async_comfy_cloud): pass",
            ("-p", "anyio"),
            "runs on asyncio, not on trio",
        ),
    ],
)
def test_what_is_missing_is_named(
    pytester: pytest.Pytester, code: str, plugins: tuple[str, ...], message: str
) -> None:
    pytester.makepyfile(GRAPH + code)
    result = pytester.runpytest_inprocess(*ONLY_OURS, *plugins)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{message}*"])
