"""Submitting to a self-hosted ComfyUI exactly once, although its lists contain no times."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from comfy_cloud import AsyncComfyCloud, JobStatus, ServerError, SubmissionUncertain
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, image_graph, keyless, posts

Start = Callable[..., Emulator]

pytestmark = pytest.mark.filterwarnings("ignore::comfy_cloud.ComfyCloudWarning")


def submitted(emulator: Emulator) -> list[str]:
    return [submission.prompt_id for submission in emulator.submissions]


LOST = [
    Fault("accepted_then", then="reset"),
    Fault("accepted_then", then="reset", lag_requests=5),
    Fault.accepted_then(500),
    Fault.accepted_then(502, lag_seconds=12.0),
    Fault("accepted_then", status=200, body=b""),
    Fault("cut", method="POST", path="/api/prompt", at_bytes=5),
]


@pytest.mark.parametrize("fault", LOST)
async def test_a_job_behind_a_lost_response_is_found(comfyui: Emulator, time: FakeTime, fault: Fault) -> None:
    async with keyless(comfyui, time) as cloud:
        earlier = await cloud.run(IMAGE_GRAPH)
        comfyui.faults.add(fault)
        job = await cloud.submit(IMAGE_GRAPH)
        await job.wait()
        later = await cloud.submit(image_graph(7))
    assert submitted(comfyui) == [earlier.id, job.id, later.id]
    assert job.status is JobStatus.COMPLETED
    assert posts(comfyui) == 3


async def test_a_job_that_has_already_ended_is_found_in_the_history(
    cloud: AsyncComfyCloud, comfyui: Emulator
) -> None:
    """The lists lag for so long that the job has ended before they contain it."""
    comfyui.faults.add(Fault("accepted_then", then="reset", lag_seconds=14.0))
    job = await cloud.submit(IMAGE_GRAPH)
    await job.refresh()
    assert submitted(comfyui) == [job.id]
    assert job.status is JobStatus.COMPLETED


async def test_a_submission_that_was_not_accepted_is_sent_once_more(
    cloud: AsyncComfyCloud, comfyui: Emulator, time: FakeTime
) -> None:
    comfyui.faults.add(Fault("refused", after=2))
    # Others submit as well: the same graph before, and another one meanwhile.
    for prompt in (IMAGE_GRAPH, image_graph(5)):
        await cloud.request("POST", "/api/prompt", json={"prompt": prompt})
        time.advance(30)
        comfyui.time.advance(0)
    time.advance(3600)
    job = await cloud.submit(IMAGE_GRAPH)
    assert submitted(comfyui)[-1] == job.id
    assert len(submitted(comfyui)) == 3
    assert posts(comfyui) == 4


async def test_the_same_graph_of_another_user_leaves_it_uncertain(comfyui: Emulator, time: FakeTime) -> None:
    """It cannot be told from ours: it waits in the queue, without a nonce and without a time."""
    comfyui.faults.add(Fault("refused", after=1))
    async with keyless(comfyui, time) as cloud:
        await cloud.request("POST", "/api/prompt", json={"prompt": IMAGE_GRAPH})
        with pytest.raises(SubmissionUncertain) as caught:
            await cloud.submit(IMAGE_GRAPH)
    assert caught.value.evidence["unexplained_jobs"] == submitted(comfyui)
    assert posts(comfyui) == 2


async def test_a_submission_refused_twice_raises_the_servers_error(comfyui: Emulator, time: FakeTime) -> None:
    comfyui.faults.add(Fault("refused"), Fault("refused", status=502))
    async with keyless(comfyui, time) as cloud:
        with pytest.raises(ServerError):
            await cloud.submit(IMAGE_GRAPH)
    assert not comfyui.submissions
    assert posts(comfyui) == 2


async def test_jobs_with_complete_list_entries_are_not_read_again(
    start_emulator: Start, time: FakeTime
) -> None:
    """Jobs of others have no nonce, but the lists have their graphs, so they are not read again."""
    emulator = start_emulator(quirks="comfyui")
    async with keyless(emulator, time) as cloud:
        for color in range(5):
            await cloud.request("POST", "/api/prompt", json={"prompt": image_graph(color)})
        emulator.clear_requests()
        emulator.faults.add(Fault("accepted_then", then="reset"))
        await cloud.submit(IMAGE_GRAPH)
    paths = {request.path for request in emulator.requests}
    assert paths == {"/api/prompt", "/api/queue", "/api/jobs", "/api/history_v2", "/api/history"}


async def test_the_nonce_is_sent_beside_the_graph(cloud: AsyncComfyCloud, comfyui: Emulator) -> None:
    await cloud.submit(IMAGE_GRAPH, extra_data={"note": "mine"})
    (item,) = await cloud.queue.get()
    assert item.extra_data is not None
    assert item.extra_data["comfy_cloud_nonce"] == comfyui.submissions[0].extra_data["comfy_cloud_nonce"]
    assert (item.extra_data["note"], item.number) == ("mine", 0)
    assert (item.created_at is None) is (comfyui.quirks == type(comfyui.quirks).preset("comfyui"))


async def test_a_server_that_echoes_the_partner_key(comfyui: Emulator, time: FakeTime) -> None:
    async with keyless(comfyui, time, partner_api_key="comfyui-partner-key") as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
        queue = await cloud.queue.get()
        await job.refresh()
        shown = [job.raw, *[(item.raw, item.extra_data) for item in queue]]
        await job.wait()
        entry = await cloud.history.get(job.id)
        shown += [job.raw, entry.raw, entry.extra_data]
    (submission,) = comfyui.submissions
    assert submission.extra_data["api_key_comfy_org"] == "comfyui-partner-key"
    assert len(queue) == 1
    assert "comfyui-partner-key" not in repr(shown)
