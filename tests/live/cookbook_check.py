"""The cookbook's programs with the frameworks themselves: FastAPI, Flask, Celery, discord.py.

    python -m tests.live.cookbook_check

Orders over each framework's own test client (Celery: eager mode) from an emulator on loopback; the
command of the Discord bot gets a stand-in for its interaction, and nothing is sent to Discord. Not
part of the two commands, since these packages are not: `make cookbook` runs it in its own
environment. `tests/docs/test_cookbook_page.py` tries more of each program, over stand-ins.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Callable
from contextlib import chdir
from importlib.metadata import version
from pathlib import Path
from typing import Any

from comfy_cloud_emulator import Emulator

PAGE = Path(__file__).parents[2] / "docs/cookbook.md"
COLOR = 0x3366CC
PNG = b"\x89PNG"


def main() -> int:
    """Try each program; 0 when each order became one job."""
    checks = {"fastapi": _fastapi, "flask": _flask, "celery": _celery, "discord.py": _discord}
    for package, check in checks.items():
        with Emulator(speed=100) as emulator, tempfile.TemporaryDirectory() as folder, chdir(folder):
            os.environ["COMFY_CLOUD_BASE_URL"] = emulator.url
            os.environ["COMFY_CLOUD_API_KEY"] = emulator.key
            os.environ["COMFY_CLOUD_DATA_DIR"] = folder
            os.environ["CELERY_BROKER"] = "memory://"
            check(_program(package.removesuffix(".py")), emulator)
            jobs = len(emulator.submissions)
            if jobs != 2 or emulator.leaks:
                print(f"{package}: {jobs} jobs for two orders", file=sys.stderr)
                return 1
            print(f"{package} {version(package)}: two orders, repeated, were two jobs")
    return 0


def _program(package: str) -> dict[str, Any]:
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (program,) = (each for each in code if re.search(rf"^(from|import) {package}\b", each, re.MULTILINE))
    names: dict[str, Any] = {"__name__": "images"}
    exec(compile(program, f"<{package}>", "exec"), names)
    return names


def _expect(found: object, expected: object) -> None:
    if found != expected:
        raise SystemExit(f"expected {expected!r}, not {found!r}")


def _ended(put: Callable[[str], Any], order: str) -> Any:
    while (response := put(f"/images/{order}?color={COLOR}")).status_code == 202:
        pass
    return response


def _fastapi(program: dict[str, Any], emulator: Emulator) -> None:
    from fastapi.testclient import TestClient

    with TestClient(program["app"]) as client:
        for _ in range(2):
            response = _ended(client.put, "poster-17")
            _expect((response.status_code, response.headers["content-type"]), (200, "image/png"))
            _expect(response.content[:4], PNG)
        _expect(client.put("/images/poster-17?color=red").status_code, 422)
        _expect(client.put("/images/poster-17?color=1").status_code, 409)
        emulator.jobs.fail_next("OOMError")
        for _ in range(2):
            _expect(_ended(client.put, "poster-18").status_code, 502)


def _flask(program: dict[str, Any], emulator: Emulator) -> None:
    client = program["app"].test_client()
    with program["cloud"]:
        for _ in range(2):
            response = _ended(client.put, "poster-17")
            _expect((response.status_code, response.mimetype), (200, "image/png"))
            _expect(response.data[:4], PNG)
        _expect(client.put("/images/poster-17?color=red").status_code, 400)
        _expect(client.put("/images/poster-17?color=1").status_code, 409)
        emulator.jobs.fail_next("OOMError")
        for _ in range(2):
            _expect(_ended(client.put, "poster-18").status_code, 502)


def _celery(program: dict[str, Any], emulator: Emulator) -> None:
    app, task = program["app"], program["make_image"]
    app.conf.update(task_always_eager=True)
    paths = task.delay("poster-17", COLOR).get()
    _expect([Path(path).read_bytes()[:4] for path in paths], [PNG])
    _expect(task.delay("poster-17", COLOR).get(), paths)
    emulator.jobs.fail_next("OOMError")
    failed = task.delay("poster-18", COLOR)
    _expect((failed.state, type(failed.result).__name__), ("FAILURE", "JobFailed"))


class _Interaction:
    """What the command of the bot uses of an interaction."""

    def __init__(self, number: int) -> None:
        self.id = number
        self.sent: list[Any] = []
        self.response = self.followup = self

    async def defer(self, *, thinking: bool) -> None: ...

    async def send(self, content: str = "", *, file: Any = None) -> None:
        self.sent.append(content if file is None else file.fp.read(4))


def _discord(program: dict[str, Any], emulator: Emulator) -> None:
    bot, command = program["bot"], program["shade"]
    payload = command.to_dict(bot.tree)
    _expect((payload["name"], [each["name"] for each in payload["options"]]), ("shade", ["color"]))
    uses = [_Interaction(1), _Interaction(1), _Interaction(2)]

    async def use() -> None:
        for number, interaction in enumerate(uses):
            if number == 2:
                emulator.jobs.fail_next("OOMError")
            await command.callback(interaction, COLOR)
        await bot.close()

    asyncio.run(use())
    _expect([each.sent for each in uses], [[PNG], [PNG], ["The job failed in the node SaveImage."]])


if __name__ == "__main__":
    sys.exit(main())
