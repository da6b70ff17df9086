"""The steps that drive a real ComfyUI: some of them against the emulator, so that they run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from comfy_cloud_emulator import Emulator
from tests.live import drive, steps_files, steps_jobs
from tests.live.forms import Form, in_async_form, in_sync_form

FORMS = pytest.mark.parametrize("run", [in_sync_form, in_async_form])


@FORMS
def test_steps_run_in_both_forms(run: Callable[..., str], tmp_path: Path) -> None:
    with Emulator(quirks="comfyui_new", speed=1000) as emulator:
        assert "5 outputs" in run(emulator.url, tmp_path, steps_jobs.submit_and_wait)
        assert "folder" in run(emulator.url, tmp_path, steps_files.upload_images)
        assert "listed" in run(emulator.url, tmp_path, steps_files.personal_files)


@FORMS
def test_a_step_that_fails_is_in_the_table(run: Callable[..., str], tmp_path: Path) -> None:
    async def step(form: Form) -> str:
        raise ValueError("no luck")

    reported = drive.tried(lambda: run("http://127.0.0.1:1", tmp_path, step), is_verbose=False)
    assert reported == "FAILED: ValueError: no luck"


def test_every_step_has_a_name_of_its_own() -> None:
    names = [step.__name__ for step in drive.steps()]
    assert len(set(names)) == len(names) > 20
