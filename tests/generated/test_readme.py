"""The examples in the README of the generated package run as printed, and its names exist."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

import comfy_cloud_api
from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT

README = ROOT / "generated" / "README.md"


def examples() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("index", range(len(examples())))
def test_each_example_prints_the_jobs_of_a_server(
    index: int, start_emulator: Callable[..., Emulator], capsys: pytest.CaptureFixture[str]
) -> None:
    emulator = start_emulator(seed_data=5)
    code = examples()[index]
    # Readers change the same two things: the key, and the address of the server.
    changed = code.replace(
        'Client(api_key="comfyui-..."', f'Client("{emulator.url}", api_key="{emulator.key}"'
    )
    assert changed != code
    exec(compile(changed, str(README), "exec"), {"__name__": "__main__"})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert all(re.fullmatch(r"[0-9a-f-]{36} completed \d{13}", line) for line in lines)


def test_there_is_a_sync_example_of_five_lines_and_an_async_one() -> None:
    first, second = examples()
    assert len([line for line in first.splitlines() if line.strip()]) == 5
    assert "AsyncClient" in second


def test_the_names_that_it_mentions_exist() -> None:
    text = README.read_text(encoding="utf-8")
    for name in (
        "Client",
        "AsyncClient",
        "File",
        "Redirect",
        "Request",
        "UnexpectedStatus",
        "UnreadableBody",
    ):
        assert f"{name}" in text
        assert name in comfy_cloud_api.__all__
        assert hasattr(comfy_cloud_api, name)


def test_it_is_a_copy_of_the_one_in_scripts() -> None:
    assert README.read_bytes() == (ROOT / "scripts" / "generator" / "readme.md").read_bytes()
