"""`cloud.submit` over real sockets: exactly once, even if the response is lost."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ComfyCloudWarning,
    ConfigurationError,
    ConnectionFailed,
    InvalidWorkflow,
    JobStatus,
    PaymentRequired,
    RateLimited,
    Retry,
    ServerError,
    SubmissionUncertain,
    UnexpectedResponse,
)
from comfy_cloud._workflows.catalogue_file import CatalogueFile
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, image_graph, posts, sampler_graph

Start = Callable[..., Emulator]
DOT = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
GOES_ALONG = "api_key_comfy_org"


def body_of(emulator: Emulator) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(emulator.requests[0].body)
    return body


async def test_a_submission_carries_a_nonce_and_becomes_a_job(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    job = await cloud.submit(IMAGE_GRAPH, extra_data={"note": "mine"}, workflow_id="w-1")
    other = await cloud.submit(IMAGE_GRAPH)
    first, second = empty_emulator.submissions
    assert (job.id, other.id) == (first.prompt_id, second.prompt_id)
    assert job.status is JobStatus.PENDING
    assert (job.node_errors, job.seeds) == ({}, {})
    assert first.graph == IMAGE_GRAPH
    assert first.workflow_id == "w-1"
    assert first.extra_data["note"] == "mine"
    assert len({first.extra_data["comfy_cloud_nonce"], second.extra_data["comfy_cloud_nonce"]}) == 2
    assert GOES_ALONG not in first.extra_data
    assert first.client_id
    assert "partial_execution_targets" not in body_of(empty_emulator)


async def test_partial_execution_can_be_requested(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    await cloud.submit(IMAGE_GRAPH, partial_execution_targets=("2",), client_id="me")
    with pytest.raises(ConfigurationError, match="list of node ids"):
        await cloud.submit(IMAGE_GRAPH, partial_execution_targets="2")
    (submission,) = empty_emulator.submissions
    assert submission.partial_execution_targets == ("2",)
    assert submission.client_id == "me"


# Lost responses


@pytest.mark.parametrize("status", [500, 502, 504, 520, 408])
async def test_an_accepted_job_is_found_behind_an_error(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, time: FakeTime, status: int
) -> None:
    empty_emulator.faults.add(Fault.accepted_then(status))
    job = await cloud.submit(IMAGE_GRAPH)
    finished = await job.wait()
    assert [submission.prompt_id for submission in empty_emulator.submissions] == [job.id]
    assert finished.status is JobStatus.COMPLETED
    assert posts(empty_emulator) == 1
    assert sum(time.sleeps) < 10


@pytest.mark.parametrize(
    "fault",
    [
        Fault("accepted_then", then="reset"),
        Fault("accepted_then", status=200, body="<html>welcome</html>"),
        Fault("accepted_then", status=200, body={"number": 1}),
        Fault("cut", method="POST", path="/api/prompt", at_bytes=5),
    ],
)
async def test_an_accepted_job_is_found_behind_a_broken_response(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, fault: Fault
) -> None:
    empty_emulator.faults.add(fault)
    job = await cloud.submit(IMAGE_GRAPH)
    assert [submission.prompt_id for submission in empty_emulator.submissions] == [job.id]


async def test_a_login_page_for_every_request_is_reported_at_once(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, time: FakeTime
) -> None:
    """A proxy that asks for a login responds for the service, which the workflow never reaches."""
    empty_emulator.faults.add(Fault.html(200, times=None, body="<!doctype html><p>Sign in</p>"))
    with pytest.raises(UnexpectedResponse, match="sent a web page instead") as raised:
        await cloud.submit(IMAGE_GRAPH)
    assert f"{empty_emulator.url.removeprefix('http://')} sent a web page" in str(raised.value)
    assert sum(time.sleeps) < 2
    assert posts(empty_emulator) == 1
    assert len(empty_emulator.submissions) == 0


async def test_an_accepted_job_is_found_behind_silence(empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.faults.add(Fault("accepted_then", then="silence"))
    async with client(empty_emulator, time, timeout=0.5) as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
    assert [submission.prompt_id for submission in empty_emulator.submissions] == [job.id]


@pytest.mark.parametrize("lag", [{"lag_seconds": 12.0}, {"lag_requests": 5}])
async def test_lists_may_lag(cloud: AsyncComfyCloud, empty_emulator: Emulator, lag: dict[str, Any]) -> None:
    empty_emulator.faults.add(Fault("accepted_then", status=502, **lag))
    job = await cloud.submit(IMAGE_GRAPH)
    assert [submission.prompt_id for submission in empty_emulator.submissions] == [job.id]


async def test_a_job_among_many_others_is_found(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    known = [(await cloud.submit(image_graph(number))).id for number in range(3)]
    emulator.faults.add(Fault.accepted_then(500, lag_seconds=8))
    job = await cloud.submit(IMAGE_GRAPH)
    assert [submission.prompt_id for submission in emulator.submissions] == [*known, job.id]


async def test_a_refused_submission_is_sent_once_more(empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.faults.add(Fault("refused"))
    async with client(empty_emulator, time) as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
    assert [submission.prompt_id for submission in empty_emulator.submissions] == [job.id]
    assert posts(empty_emulator) == 2
    assert sum(time.sleeps) >= 15


async def test_a_submission_refused_twice_raises_the_servers_error(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    empty_emulator.faults.add(Fault("refused", status=503), Fault("refused", status=500))
    with pytest.raises(ServerError) as caught:
        await cloud.submit(IMAGE_GRAPH)
    assert caught.value.status == 500
    assert [error.status for error in caught.value.attempts if isinstance(error, ServerError)] == [503]
    assert not empty_emulator.submissions
    assert posts(empty_emulator) == 2


async def test_a_service_that_drops_nonces_leaves_a_submission_uncertain(
    start_emulator: Start, time: FakeTime
) -> None:
    emulator = start_emulator(quirks=["drop_extra_data"])
    emulator.faults.add(Fault.accepted_then(500))
    async with client(emulator, time) as cloud:
        with pytest.raises(SubmissionUncertain) as caught:
            await cloud.submit(IMAGE_GRAPH)
    (submission,) = emulator.submissions
    assert caught.value.nonce == submission.extra_data["comfy_cloud_nonce"]
    assert caught.value.evidence["unexplained_jobs"] == [submission.prompt_id]
    assert isinstance(caught.value.__cause__, ServerError)
    assert posts(emulator) == 1


async def test_dropped_nonces_are_noticed_on_other_jobs(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(quirks=["drop_extra_data"])
    async with client(emulator, time) as cloud:
        await cloud.submit(image_graph(1))
        emulator.faults.add(Fault("refused"))
        with pytest.raises(SubmissionUncertain) as caught:
            await cloud.submit(IMAGE_GRAPH)
    assert caught.value.evidence["nonces_dropped"]
    assert posts(emulator) == 2


async def test_lists_that_cannot_be_read_leave_it_uncertain(empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.faults.add(Fault("refused"), Fault.status_burst(500, times=None, path="/api/jobs"))
    async with client(empty_emulator, time, retry=Retry.none()) as cloud:
        with pytest.raises(SubmissionUncertain) as caught:
            await cloud.submit(IMAGE_GRAPH)
    assert caught.value.evidence["lists"]["jobs"].startswith("failed: 500")
    assert posts(empty_emulator) == 1


async def test_a_server_without_the_clouds_lists_is_searched_too(
    start_emulator: Start, time: FakeTime
) -> None:
    emulator = start_emulator(quirks=["history_v1"])
    for path in ("/api/jobs", "/api/jobs/*", "/api/history_v2*"):
        emulator.faults.add(Fault.retired(path, status=405))
    emulator.faults.add(Fault.accepted_then(500, lag_seconds=9), Fault("refused"))
    async with client(emulator, time) as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
        other = await cloud.submit(image_graph(2))
    assert [submission.prompt_id for submission in emulator.submissions] == [job.id, other.id]


async def test_a_job_is_found_on_a_server_whose_clock_is_behind(
    start_emulator: Start, time: FakeTime
) -> None:
    """By its times the job is older than the submission; the Date header reveals the difference."""
    emulator = start_emulator(clock=lambda: time.now().timestamp() - 3600)
    emulator.faults.add(Fault.accepted_then(500))

    async def set_date(response: httpx.Response) -> None:
        response.headers["date"] = format_datetime(time.now() - timedelta(hours=1), usegmt=True)

    http = httpx.AsyncClient(event_hooks={"response": [set_date]})
    async with http, client(emulator, time, http_client=http) as cloud:
        job = await cloud.submit(sampler_graph(1, steps=200))  # which runs throughout the search
    assert [submission.prompt_id for submission in emulator.submissions] == [job.id]
    assert posts(emulator) == 1


# Clear responses


async def test_a_full_queue_is_waited_for_and_never_searched(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, time: FakeTime
) -> None:
    full = {"error": {"type": "QUEUE_LIMIT", "message": "full"}}
    empty_emulator.faults.add(
        Fault.status_burst(429, times=2, method="POST", path="/api/prompt", body=full, retry_after=3)
    )
    job = await cloud.submit(IMAGE_GRAPH)
    assert [submission.prompt_id for submission in empty_emulator.submissions] == [job.id]
    assert {request.path for request in empty_emulator.requests} == {"/api/prompt"}
    assert min(time.sleeps) >= 3


async def test_a_queue_that_stays_full_and_missing_credits(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(credits=0.0)
    async with client(emulator, time) as cloud:
        with pytest.raises(PaymentRequired):
            await cloud.submit(IMAGE_GRAPH)
        emulator.faults.add(Fault.status_burst(429, times=None, method="POST", path="/api/prompt"))
        with pytest.raises(RateLimited):
            await cloud.submit(IMAGE_GRAPH)
    assert {request.path for request in emulator.requests} == {"/api/prompt"}


async def test_an_unreachable_server_received_nothing(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time, base_url="http://127.0.0.1:1") as cloud:
        with pytest.raises(ConnectionFailed) as caught:
            await cloud.submit(IMAGE_GRAPH)
    assert not caught.value.was_sent


async def test_a_rejected_graph(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(quirks=["validate_at_submit"])
    bad = {"2": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}}
    async with client(emulator, time) as cloud:
        with pytest.raises(InvalidWorkflow) as caught:
            await cloud.submit(bad)
    assert "2" in caught.value.node_errors
    assert posts(emulator) == 1


async def test_a_partly_accepted_graph_warns(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(quirks=["validate_at_submit"])
    half = {**IMAGE_GRAPH, "3": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}}
    async with client(emulator, time) as cloud:
        with pytest.warns(ComfyCloudWarning, match="in node 3"):
            job = await cloud.submit(half)
    assert list(job.node_errors) == ["3"]


# Preparing a workflow


async def test_a_workflow_is_loaded_and_its_inputs_and_seeds_set(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    sampler = {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 2}}
    graph = {**IMAGE_GRAPH, "3": sampler, "4": {**sampler}}
    path = tmp_path / "graph.json"
    path.write_text(json.dumps(graph))
    time.chance = 0.5
    job = await cloud.submit(path, {"SaveImage.filename_prefix": "new", "4.seed": 7}, randomise_seeds=True)
    (submission,) = empty_emulator.submissions
    assert submission.graph["2"]["inputs"]["filename_prefix"] == "new"
    assert submission.graph["4"]["inputs"]["seed"] == 7
    assert job.seeds == {"3.seed": submission.graph["3"]["inputs"]["seed"]}
    assert job.seeds["3.seed"] > 1000
    assert graph["3"]["inputs"]["seed"] == 1


@pytest.mark.parametrize(("copy", "largest"), [(b"not JSON", 2**31 - 1), (None, 2**31 - 1), (b"classes", 7)])
async def test_seeds_are_in_the_range_of_their_node_if_it_is_known(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, time: FakeTime, copy: bytes | None, largest: int
) -> None:
    """The copy of the node classes on disk is used, however old, and none is requested."""
    if copy is not None:
        seed = {"input": {"required": {"seed": ["INT", {"min": 0, "max": 7}]}}}
        content = json.dumps({"KSampler": seed}).encode() if copy == b"classes" else copy
        CatalogueFile(empty_emulator.url).write(content, 1000.0)
    graph = {**IMAGE_GRAPH, "3": {"class_type": "KSampler", "inputs": {"seed": 1}}}
    time.chance = 0.999_999_999_9
    job = await cloud.submit(graph, randomise_seeds=True)
    (mapped,) = [result async for result in cloud.map(graph, [{}], randomise_seeds=True)]
    assert job.seeds == mapped.job.seeds == {"3.seed": largest}
    assert [request for request in empty_emulator.requests if "object_info" in request.path] == []


async def test_local_files_are_uploaded_once(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "dot.png"
    path.write_bytes(DOT)
    load = {"class_type": "LoadImage", "inputs": {"image": ""}}
    graph = {"1": load, "2": {**load}, "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}}
    job = await cloud.submit(graph, {"1.image": path, "2.image": path})
    again = await cloud.submit(graph, {"1.image": path, "2.image": "other.png"})
    first, second = empty_emulator.submissions
    stored = first.graph["1"]["inputs"]["image"]
    assert stored == first.graph["2"]["inputs"]["image"] == second.graph["1"]["inputs"]["image"]
    assert stored.endswith(".png")
    assert stored != "dot.png"
    assert (job.id, again.id) == (first.prompt_id, second.prompt_id)
    uploads = [
        request for request in empty_emulator.requests if len(request.body) > 0 and b"PNG" in request.body
    ]
    assert len(uploads) == 1


async def test_uploads_of_inputs_report_their_progress(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "dot.png"
    path.write_bytes(DOT)
    graph = {"1": {"class_type": "LoadImage", "inputs": {"image": ""}}}
    seen: list[tuple[int, int | None]] = []

    def report(sent: int, total: int | None) -> None:
        seen.append((sent, total))

    async with client(empty_emulator, time) as cloud:
        await cloud.submit(graph, {"1.image": path}, upload_progress=report)
        assert seen[-1] == (len(DOT), len(DOT))
        other = DOT + b"x"
        del seen[:]
        async for _ in cloud.map(graph, [{"1.image": other}], upload_progress=report):
            break
        assert seen[-1] == (len(other), len(other))
        # A server without assets gets an upload of another kind.
        empty_emulator.faults.add(Fault.retired("/api/assets*", status=405))
        await cloud.submit(graph, {"1.image": path}, upload_progress="lines")
    assert f"dot.png: 100 % of {len(DOT)} B" in capsys.readouterr().err


async def test_local_files_on_a_server_without_assets(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "dot.png"
    path.write_bytes(DOT)
    empty_emulator.faults.add(Fault.retired("/api/assets*", status=405))
    graph = {"1": {"class_type": "LoadImage", "inputs": {"image": "x"}}}
    await cloud.submit(graph, {"1.image": path})
    assert posts(empty_emulator, "/api/upload/image") == 1
    assert empty_emulator.submissions[0].graph["1"]["inputs"]["image"].endswith(".png")


# The key for partner nodes


async def test_a_partner_key_is_sent_unless_it_is_switched_off(
    empty_emulator: Emulator, time: FakeTime
) -> None:
    async with client(empty_emulator, time, partner_api_key="comfyui-partner-key") as cloud:
        await cloud.submit(IMAGE_GRAPH)
        await cloud.submit(IMAGE_GRAPH, partner_nodes=False)
        await cloud.submit(IMAGE_GRAPH, extra_data={"auth_token_comfy_org": "token"}, partner_nodes=True)
        [result async for result in cloud.map(IMAGE_GRAPH, [{}], concurrency=1)]
    sent = [submission.extra_data.get(GOES_ALONG) for submission in empty_emulator.submissions]
    assert sent == ["comfyui-partner-key", None, None, "comfyui-partner-key"]


async def test_the_api_key_is_sent_for_partner_nodes_to_no_other_server(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    await cloud.submit(IMAGE_GRAPH)
    await cloud.submit(IMAGE_GRAPH, partner_nodes=True)
    sent = [submission.extra_data.get(GOES_ALONG) for submission in empty_emulator.submissions]
    assert sent == [None, empty_emulator.key]
    assert not [request for request in empty_emulator.requests if request.path == "/api/object_info"]


async def test_partner_nodes_without_a_key(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time, api_key=None) as cloud:
        with pytest.raises(ConfigurationError, match="partner_api_key"):
            await cloud.submit(IMAGE_GRAPH, partner_nodes=True)
    assert not empty_emulator.requests


async def test_a_workflow_is_validated_before_it_costs_anything(emulator: Emulator, time: FakeTime) -> None:
    graph = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    async with client(emulator, time) as cloud:
        fine = await cloud.validate(graph)
        wrong = await cloud.validate(graph, {"1.width": "wide"})
        unknown = await cloud.validate({"1": {"class_type": "SaveImge", "inputs": {}}})
    assert fine == []
    assert [(problem.node_id, problem.input, problem.kind) for problem in wrong] == [
        ("1", "width", "wrong_type")
    ]
    assert unknown[0].kind == "unknown_class"
    assert "SaveImage" in unknown[0].suggestions
    assert all(request.path == "/api/object_info" for request in emulator.requests)
