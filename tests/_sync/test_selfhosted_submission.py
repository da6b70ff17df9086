# Made from tests/_async/test_selfhosted_submission.py by `make unasync`. Do not edit.
"""Submitting to a self-hosted ComfyUI exactly once, whatever becomes of the answer: its lists have the nonce, and no times."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from comfy_cloud import JobStatus, ServerError, SubmissionUncertain
from comfy_cloud._submission.reconciliation import NONCE_FIELD
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import PICTURE, coloured, keyless, posts

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
def test_a_job_behind_a_lost_answer_is_found(comfyui: Emulator, time: FakeTime, fault: Fault) -> None:
    with keyless(comfyui, time) as cloud:
        earlier = cloud.run(PICTURE)
        comfyui.faults.add(fault)
        job = cloud.submit(PICTURE)
        job.wait()
        later = cloud.submit(coloured(7))
    assert submitted(comfyui) == [earlier.id, job.id, later.id]
    assert job.status is JobStatus.COMPLETED
    assert posts(comfyui) == 3


def test_a_job_that_has_ended_meanwhile_is_found_in_the_history(comfyui: Emulator, time: FakeTime) -> None:
    """Its lists lag for so long that it runs and ends before they show it."""
    comfyui.faults.add(Fault("accepted_then", then="reset", lag_seconds=14.0))
    with keyless(comfyui, time) as cloud:
        job = cloud.submit(PICTURE)
        job.refresh()
    assert submitted(comfyui) == [job.id]
    assert job.status is JobStatus.COMPLETED


def test_what_was_never_accepted_is_sent_once_more(comfyui: Emulator, time: FakeTime) -> None:
    comfyui.faults.add(Fault("refused", after=2))
    with keyless(comfyui, time) as cloud:
        # Others work there too: with the same graph before, and with another meanwhile.
        for prompt in (PICTURE, coloured(5)):
            cloud.request("POST", "/api/prompt", json={"prompt": prompt})
            time.advance(30)
            comfyui.time.advance(0)
        time.advance(3600)
        job = cloud.submit(PICTURE)
    assert submitted(comfyui)[-1] == job.id
    assert len(submitted(comfyui)) == 3
    assert posts(comfyui) == 4


def test_the_same_graph_of_somebody_else_leaves_it_open(comfyui: Emulator, time: FakeTime) -> None:
    """Nothing tells whether it is ours: it waits in the queue, has no nonce, and nobody says since when."""
    comfyui.faults.add(Fault("refused", after=1))
    with keyless(comfyui, time) as cloud:
        cloud.request("POST", "/api/prompt", json={"prompt": PICTURE})
        with pytest.raises(SubmissionUncertain) as caught:
            cloud.submit(PICTURE)
    assert caught.value.evidence["unexplained_jobs"] == submitted(comfyui)
    assert posts(comfyui) == 2


def test_what_is_refused_twice_is_the_servers_error(comfyui: Emulator, time: FakeTime) -> None:
    comfyui.faults.add(Fault("refused"), Fault("refused", status=502))
    with keyless(comfyui, time) as cloud:
        with pytest.raises(ServerError):
            cloud.submit(PICTURE)
    assert not comfyui.submissions
    assert posts(comfyui) == 2


def test_lists_that_tell_everything_are_not_asked_again(start_emulator: Start, time: FakeTime) -> None:
    """Jobs of others have no nonce. Their graphs are in the lists, so none is read by itself."""
    emulator = start_emulator(quirks="comfyui")
    with keyless(emulator, time) as cloud:
        for color in range(5):
            cloud.request("POST", "/api/prompt", json={"prompt": coloured(color)})
        emulator.clear_requests()
        emulator.faults.add(Fault("accepted_then", then="reset"))
        cloud.submit(PICTURE)
    paths = {request.path for request in emulator.requests}
    assert paths == {"/api/prompt", "/api/queue", "/api/jobs", "/api/history_v2", "/api/history"}


def test_the_nonce_is_beside_the_graph(comfyui: Emulator, time: FakeTime) -> None:
    with keyless(comfyui, time) as cloud:
        cloud.submit(PICTURE, extra_data={"note": "mine"})
        (item,) = cloud.queue.get()
    assert item.extra_data is not None
    assert item.extra_data[NONCE_FIELD] == comfyui.submissions[0].extra_data[NONCE_FIELD]
    assert (item.extra_data["note"], item.number) == ("mine", 0)
    assert (item.created_at is None) is (comfyui.quirks == type(comfyui.quirks).preset("comfyui"))
