"""The posters are tested against a local Comfy Cloud, with nothing mocked, in a second or two.

The fixtures come with `pip install 'comfy-cloud[emulator]'`.
"""

from __future__ import annotations

from pathlib import Path

import posters
import pytest

from comfy_cloud import ComfyCloud, PaymentRequired
from comfy_cloud_emulator import Emulator, Fault


def test_a_poster_is_made_and_listed(
    comfy_cloud: ComfyCloud, comfy_cloud_emulator: Emulator, tmp_path: Path
) -> None:
    poster = posters.make_poster(comfy_cloud, "a lighthouse at dusk", tmp_path, seed=7)

    assert poster.read_bytes().startswith(b"\x89PNG")
    assert [line.split()[-1] for line in posters.posters_made(comfy_cloud)] == ["poster_00001_.png"]
    (submission,) = comfy_cloud_emulator.submissions
    assert submission.graph["6"]["inputs"]["text"] == "a lighthouse at dusk"
    assert submission.graph["3"]["inputs"]["seed"] == 7


def test_the_whole_program(
    comfy_cloud_emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It makes its own client; the fixture has pointed the environment at the emulator."""
    monkeypatch.chdir(tmp_path)
    posters.main("a lighthouse at dusk")
    assert capsys.readouterr().out.startswith("saved ")
    assert len(list(tmp_path.iterdir())) == 1


def test_a_failed_job_is_explained(
    comfy_cloud: ComfyCloud, comfy_cloud_emulator: Emulator, tmp_path: Path
) -> None:
    comfy_cloud_emulator.jobs.fail_next("OOMError")
    with pytest.raises(posters.NoPoster, match="could not be made"):
        posters.make_poster(comfy_cloud, "a lighthouse", tmp_path)
    assert posters.posters_made(comfy_cloud) == []


def test_without_credits_nothing_is_made(
    comfy_cloud: ComfyCloud, comfy_cloud_emulator: Emulator, tmp_path: Path
) -> None:
    comfy_cloud_emulator.account.credits = 0.0
    with pytest.raises(PaymentRequired):
        posters.make_poster(comfy_cloud, "a lighthouse", tmp_path)
    assert comfy_cloud_emulator.submissions == []


@pytest.mark.comfy_cloud_seed(25)
@pytest.mark.comfy_cloud_faults(Fault.status_burst(500, times=2), Fault.reset())
def test_listing_survives_a_bad_moment(comfy_cloud: ComfyCloud, comfy_cloud_emulator: Emulator) -> None:
    assert len(posters.posters_made(comfy_cloud, limit=20)) == 20
    assert [request.status for request in comfy_cloud_emulator.requests][:4] == [500, 500, None, 200]
