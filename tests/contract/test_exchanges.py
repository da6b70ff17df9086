"""The suite's checker sees every request of the client, whatever its body and its outcome."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from comfy_cloud import ComfyCloud, ComfyCloudError
from comfy_cloud_api.api.file import upload_image
from comfy_cloud_api.types import Part, Request
from comfy_cloud_emulator import Emulator, Fault
from scripts.project.checkout import ROOT

from .exchanges import watched

# The suite's own checker would report the same requests.
pytestmark = pytest.mark.beyond_contract
GRAPH = {"1": {"class_type": "EmptyImage", "inputs": {}}}


def image(size: int = 8) -> bytes:
    """A PNG of noise, which does not compress: a large image is a large file."""
    file = io.BytesIO()
    Image.effect_noise((size, size), 100).save(file, "PNG", compress_level=0)
    return file.getvalue()


def problems_of(use: Callable[[ComfyCloud], object], *faults: Fault, **options: Any) -> list[str]:
    """What the checker finds while a client of an emulator does something."""
    with watched() as problems, Emulator(time="virtual") as emulator:
        emulator.faults.add(*faults)
        options = {"api_key": emulator.key, "base_url": emulator.url, "retry": 1, **options}
        with ComfyCloud(**options) as cloud:
            use(cloud)
    return problems


def upload(*more: Part, size: int = 8) -> Callable[[ComfyCloud], object]:
    parts: list[Part] = [("image", ("a.png", image(size), "image/png")), *more]
    request = Request(upload_image.OPERATION, "/api/upload/image", parts=parts)
    return lambda cloud: cloud._session.call(request, upload_image.parse)


WRONG: Part = ("colour", (None, "red", None))


def test_good_requests() -> None:
    assert problems_of(upload()) == []
    assert problems_of(upload(size=1200)) == []
    assert problems_of(lambda cloud: cloud.userdata.write("a.json", b"{}")) == []
    assert (
        problems_of(
            lambda cloud: cloud.submit(
                {**GRAPH, "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}}
            )
        )
        == []
    )


@pytest.mark.parametrize("size", [8, 1200])  # the larger one is more than an emulator keeps
def test_a_wrong_form(size: int) -> None:
    (problem,) = problems_of(upload(WRONG, size=size))
    assert problem.startswith("POST /api/upload/image -> 200")
    assert "form field colour is not documented" in problem


def test_a_wrong_query() -> None:
    (problem,) = problems_of(lambda cloud: cloud.request("GET", "/api/user", params={"deep": 1}))
    assert "query parameter deep is not documented" in problem


def test_a_body_in_chunks() -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"prompt_id": '
        yield b"5}"

    (problem,) = problems_of(
        lambda cloud: cloud.request(
            "POST", "/api/interrupt", content=chunks(), content_type="application/json"
        )
    )
    assert "body.prompt_id: 5 is not of type" in problem


def expect(
    error: type[ComfyCloudError], use: Callable[[ComfyCloud], object]
) -> Callable[[ComfyCloud], object]:
    def run(cloud: ComfyCloud) -> None:
        with pytest.raises(error):
            use(cloud)

    return run


@pytest.mark.parametrize("fault", [Fault.status_burst(503), Fault.reset(), Fault.html()])
def test_a_request_that_a_fault_hits(fault: Fault) -> None:
    (problem,) = problems_of(expect(ComfyCloudError, upload(WRONG)), fault)
    assert "form field colour is not documented" in problem


def test_a_repeated_wrong_request_is_reported_once_per_status() -> None:
    found = problems_of(upload(WRONG), Fault.status_burst(503, times=2), retry=3)
    assert [problem.split(": ")[0].rpartition(" ")[2] for problem in found] == ["503", "200"]


def test_a_request_that_is_rightly_refused_is_no_problem() -> None:
    wrong = expect(ComfyCloudError, lambda cloud: cloud.request("POST", "/api/history", json={"delete": 3}))
    assert problems_of(wrong) == []


def test_a_client_with_its_own_http_client_is_known_by_its_user_agent() -> None:
    with httpx.Client(headers={"User-Agent": "comfy-cloud, through another"}, trust_env=False) as http:
        found = problems_of(
            lambda cloud: cloud.request("GET", "/api/user", params={"deep": 1}), http_client=http
        )
    assert len(found) == 1


def test_an_emulator_that_is_started_by_a_reset() -> None:
    with watched() as problems:
        emulator = Emulator()
        emulator.reset()
        try:
            emulator.reset()
            with ComfyCloud(api_key=emulator.key, base_url=emulator.url) as cloud:
                cloud.request("GET", "/api/user", params={"deep": 1})
        finally:
            emulator.stop()
    assert len(problems) == 1


def test_stop_raises_for_a_wrong_response(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comfy_cloud_emulator.state.jobs.documents.job_status", lambda job: {"id": job.id})
    with watched():
        emulator = Emulator().start()
        job = emulator.store.add_job("failed")
        httpx.get(f"{emulator.url}/api/job/{job.id}/status", headers={"X-API-Key": emulator.key})
        with pytest.raises(AssertionError, match="'status' is a required property"):
            emulator.stop()


PROGRAM = """
from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator

with Emulator() as emulator, ComfyCloud(api_key=emulator.key, base_url=emulator.url) as cloud:
    print(cloud.request("GET", "/api/user", params={}).status_code)
"""


@pytest.mark.parametrize(("query", "code"), [("{}", 0), ('{"deep": 1}', 1)])
def test_programs_in_their_own_process(query: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.contract.watched", "-c", PROGRAM.replace("{}", query)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (code, "200\n"), done.stderr
    assert ("query parameter deep is not documented" in done.stderr) == bool(code)
