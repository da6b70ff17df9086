"""docs/api-v2.md: its program runs, and its table has the values of the setting."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from comfy_cloud._settings.fields import ApiChoice
from comfy_cloud_emulator import Emulator
from tests.project.imports import ROOT

from .programs import blocks

PAGE = (ROOT / "docs/api-v2.md").read_text(encoding="utf-8")


def test_the_table_has_every_choice() -> None:
    assert re.findall(r'^\| `"(\w+)"` \|', PAGE, re.MULTILINE) == list(get_args(ApiChoice))


def test_the_program_saves_the_outputs_of_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = blocks(PAGE, "python")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "workflow_api.json").write_text(
        '{"1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1,'
        ' "color": 1}},'
        ' "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "lighthouse"}}}'
    )
    with Emulator(speed=200) as emulator:
        monkeypatch.setenv("COMFY_CLOUD_BASE_URL", emulator.url)
        monkeypatch.setenv("COMFY_CLOUD_API_KEY", emulator.key)
        exec(compile(code, "docs/api-v2.md", "exec"), {"__name__": "__main__"})
    (saved,) = (tmp_path / "out").iterdir()
    assert saved.read_bytes()[:4] == b"\x89PNG"
