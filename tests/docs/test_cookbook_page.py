"""docs/cookbook.md: its programs run, over stand-ins for frameworks that are not installed here.

`make cookbook` runs the first three rows of its last table with the packages themselves.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import sys
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT

from .programs import blocks

PAGE = (ROOT / "docs/cookbook.md").read_text(encoding="utf-8")
FASTAPI, FLASK, CELERY, JUPYTER, DISCORD, CI, BLENDER = blocks(PAGE, "python")
COLOR = 0x3366CC
PNG = b"\x89PNG"
REPEATS = 500  # far more than a job takes


@pytest.fixture
def cloud(
    start_emulator: Callable[..., Emulator], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Emulator:
    """An emulator a hundred times as fast as real time, which `ComfyCloud()` reaches."""
    emulator = start_emulator(clock=None, sleep=asyncio.sleep, speed=100)
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", emulator.url)
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", emulator.key)
    monkeypatch.setenv("COMFY_CLOUD_DATA_DIR", str(tmp_path / "data"))
    return emulator


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A function that puts a stand-in in the place of a package; returns the module."""

    def replace(name: str, *parts: str) -> Any:
        for each in (name, *(f"{name}.{part}" for part in parts)):
            sys.modules.pop(f"tests.docs.stand_ins.{each}", None)
            module = importlib.import_module(f"tests.docs.stand_ins.{each}")
            monkeypatch.setitem(sys.modules, each, module)
        return sys.modules[name]

    return replace


def executed(program: str, name: str = "page") -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": name}
    exec(compile(program, "<page>", "exec"), names)
    return names


def test_fastapi(cloud: Emulator, stand_in: Callable[..., Any]) -> None:
    fastapi = stand_in("fastapi")
    app = executed(FASTAPI)["app"]
    image = app.routes["/images/{order}"]
    request = fastapi.Request(app)

    async def ended(order: str) -> Any:
        for _ in range(REPEATS):
            if (response := await image(order, COLOR, request)).status_code != 202:
                return response
            await asyncio.sleep(0.01)
        return pytest.fail("each request is another order")

    async def requests() -> None:
        async with app.lifespan(app):
            response = await ended("poster-17")
            assert (response.status_code, response.media_type) == (200, "image/png")
            assert response.body.startswith(PNG)
            assert (await ended("poster-17")).body == response.body
            with pytest.raises(fastapi.HTTPException) as refused:
                await image("poster-17", COLOR + 1, request)
            assert refused.value.status_code == 409
            cloud.jobs.fail_next("OOMError")
            for _ in range(2):
                with pytest.raises(fastapi.HTTPException) as failed:
                    await ended("poster-18")
                assert failed.value.status_code == 502
                assert failed.value.detail.endswith(" failed")
            cloud.account.credits = 0
            with pytest.raises(fastapi.HTTPException) as unavailable:
                await image("poster-19", COLOR, request)
            assert unavailable.value.status_code == 503

    asyncio.run(requests())
    assert len(cloud.submissions) == 2


def test_flask(cloud: Emulator, stand_in: Callable[..., Any]) -> None:
    flask = stand_in("flask")
    names = executed(FLASK)
    image = names["app"].routes["/images/<order>"]

    def ended(order: str, **arguments: str) -> Any:
        flask.request.args = arguments
        for _ in range(REPEATS):
            if (response := image(order)).status_code != 202:
                return response
        return pytest.fail("each request is another order")

    with names["cloud"]:
        assert ended("poster-17").status_code == ended("poster-17", color="red").status_code == 400
        response = ended("poster-17", color=str(COLOR))
        assert (response.status_code, response.mimetype) == (200, "image/png")
        assert response.data.startswith(PNG)
        assert ended("poster-17", color="0").status_code == 409
        cloud.jobs.fail_next("OOMError")
        assert ended("poster-18", color=str(COLOR)).status_code == 502
        cloud.account.credits = 0
        assert ended("poster-19", color=str(COLOR)).status_code == 503
    assert len(cloud.submissions) == 2


def test_celery(cloud: Emulator, stand_in: Callable[..., Any], tmp_path: Path) -> None:
    stand_in("celery")
    task = executed(CELERY)["make_image"]
    with chdir(tmp_path):
        paths = task("poster-17", COLOR)
        assert [Path(path).read_bytes()[:4] for path in paths] == [PNG]
        assert task("poster-17", COLOR) == paths
        cloud.jobs.fail_next("OOMError")
        with pytest.raises(Exception, match="memory") as failed:
            task("poster-18", COLOR)
    assert type(failed.value).__name__ == "JobFailed"
    assert not isinstance(failed.value, task.options["autoretry_for"])
    assert len(cloud.submissions) == 2


def test_jupyter(cloud: Emulator, tmp_path: Path) -> None:
    with chdir(tmp_path):
        for _ in range(2):
            names = executed(JUPYTER)
            assert [path.read_bytes()[:4] for path in names["paths"]] == [PNG]
    assert "completed" in names["job"]._repr_html_()
    assert len(cloud.submissions) == 1
    del names
    gc.collect()


def test_discord(cloud: Emulator, stand_in: Callable[..., Any]) -> None:
    discord = stand_in("discord", "app_commands")
    bot_of = executed(DISCORD)
    bot = bot_of["bot"]
    shade = bot.tree.commands["shade"]
    first, again, failed, refused = (discord.Interaction(number) for number in (1, 1, 2, 3))

    async def use() -> None:
        await bot.setup_hook()
        await shade(first, COLOR)
        await shade(again, COLOR)
        cloud.jobs.fail_next("OOMError")
        await shade(failed, COLOR)
        cloud.account.credits = 0
        await shade(refused, COLOR)
        await bot.close()

    asyncio.run(use())
    assert first.followup.sent[0].fp.suffix == again.followup.sent[0].fp.suffix == ".png"
    assert failed.followup.sent == ["The job failed in the node SaveImage."]
    assert refused.followup.sent == ["This did not work. Please try again later."]
    assert len(cloud.submissions) == 2


def test_the_bot_reads_its_token(
    cloud: Emulator, stand_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in("discord", "app_commands")
    monkeypatch.setenv("DISCORD_TOKEN", "of the test")
    bot = executed(DISCORD, "__main__")["bot"]
    assert bot.token == "of the test"
    asyncio.run(bot.close())


def test_ci(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(CI)
    ignore = "ignore:Module already imported"
    result = pytester.runpytest_inprocess("-p", "comfy_cloud", "-W", "error", "-W", ignore)
    result.assert_outcomes(passed=2)
    (text,) = blocks(PAGE, "yaml")
    job = yaml.safe_load(text)["jobs"]["tests"]
    assert [step.get("uses") or step["run"].split()[0] for step in job["steps"]] == [
        "actions/checkout@v4", "actions/setup-python@v5", "pip", "pytest", "variables=$(comfy-cloud"
    ]  # fmt: skip


def test_blender(
    cloud: Emulator, stand_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    bpy = stand_in("bpy")
    threads: list[Any] = []

    def thread(*, target: Any, args: Any, daemon: bool) -> Any:
        return SimpleNamespace(start=lambda: threads.append((target, args)))

    def run() -> None:
        with monkeypatch.context() as patch:
            patch.setattr("threading.Thread", thread)
            executed(BLENDER)
        assert bpy.timers[-1]() == 0.5  # nothing is there yet
        target, args = threads.pop()
        target(*args)
        assert bpy.timers[-1]() is None

    run()
    run()
    assert [Path(path).read_bytes()[:4] for path in bpy.loaded] == [PNG, PNG]
    assert len(cloud.submissions) == 1
    assert bpy.context.scene.render.use_stamp_date is False
    cloud.account.credits = 0
    monkeypatch.setattr("hashlib.sha256", lambda data: SimpleNamespace(hexdigest=lambda: "another"))
    run()
    assert capsys.readouterr().out.startswith("Comfy Cloud: ")
