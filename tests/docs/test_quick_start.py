"""docs/index.md: its programs run on a local Comfy Cloud, and its commands exist."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from comfy_cloud.cli.app import root
from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT

PAGE = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("program", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_the_programs_run(
    program: str,
    start_emulator: Callable[..., Emulator],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    emulator = start_emulator(seed_data="demo", clock=None, sleep=asyncio.sleep, speed=100)
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", emulator.url)
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", emulator.key)
    monkeypatch.chdir(tmp_path)
    exec(compile(program, "docs/index.md", "exec"), {"__name__": "__main__"})
    printed = capsys.readouterr().out
    if "cloud.run" in program:
        assert [Path(path).read_bytes()[:4] for path in printed.split()] == [b"\x89PNG"]
    else:
        assert printed.count("\n") > 3


def test_the_commands_exist() -> None:
    commands = re.findall(r"comfy-cloud ([^#\n)`]+)", PAGE)
    assert len(commands) > 6
    for line in commands:
        context, command = click.Context(root), root
        words = shlex.split(line.strip().strip('"'))
        while words and isinstance(command, click.Group) and not words[0].startswith("-"):
            found = command.get_command(context, words[0])
            assert found is not None, line
            command, words = found, words[1:]  # type: ignore[assignment]
        options = {name for option in command.params for name in option.opts}
        assert {word for word in words if word.startswith("-")} <= options, line
