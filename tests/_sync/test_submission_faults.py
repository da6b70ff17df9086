# Made from tests/_async/test_submission_faults.py by `make unasync`. Do not edit.
"""Every way to lose the response to a submission, with lists in every condition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from comfy_cloud import ComfyCloudError, Retry, SubmissionUncertain
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, posts

Start = Callable[..., Emulator]

LOSSES: dict[str, Callable[[float], Fault]] = {
    "accepted, then 500": lambda lag: Fault.accepted_then(500, lag_seconds=lag),
    "accepted, then 503": lambda lag: Fault.accepted_then(503, lag_seconds=lag),
    "accepted, then reset": lambda lag: Fault("accepted_then", then="reset", lag_seconds=lag),
    "accepted, then silence": lambda lag: Fault("accepted_then", then="silence", lag_seconds=lag),
    "accepted, then garbage": lambda lag: Fault("accepted_then", status=200, body=b'{"prom', lag_seconds=lag),
    "refused with 500": lambda lag: Fault("refused"),
    "reset before anything": lambda lag: Fault.reset(method="POST", path="/api/prompt"),
}
LISTS: dict[str, dict[str, Any]] = {
    "fine": {},
    "late": {"lag": 12.0},
    "down for a while": {"faults": [Fault.status_burst(503, times=9, method="GET")]},
    "down for good": {"faults": [Fault.status_burst(503, times=None, method="GET")]},
    "half down for good": {"faults": [Fault.reset(times=None, method="GET", path="/api/history_v2")]},
    "without nonces": {"quirks": ["drop_extra_data"]},
}


def outcome(loss: str, lists: str) -> str:
    """The expected outcome: the job is found, it is sent again, or its existence is unknown."""
    if loss.startswith("accepted"):
        # One list is enough to find a job; only all of them together prove that there is none.
        return "unknown" if lists in ("down for good", "without nonces") else "found"
    return "unknown" if "for good" in lists else "sent again"


@pytest.mark.parametrize("lists", LISTS)
@pytest.mark.parametrize("loss", LOSSES)
def test_the_outcome_of_a_lost_response(start_emulator: Start, time: FakeTime, loss: str, lists: str) -> None:
    condition = LISTS[lists]
    emulator = start_emulator(quirks=condition.get("quirks", []))
    emulator.faults.add(LOSSES[loss](condition.get("lag", 0.0)), *condition.get("faults", []))
    error, job = None, None
    timeout = 0.3 if "silence" in loss else 10
    with client(emulator, time, timeout=timeout, retry=Retry.none()) as cloud:
        try:
            job = cloud.submit(IMAGE_GRAPH)
        except ComfyCloudError as caught:
            error = caught
        emulator.faults.clear()
        time.advance(60)
        cloud.queue.get()
    accepted = [submission.prompt_id for submission in emulator.submissions]
    assert [emulator.jobs.executed(job_id) for job_id in accepted] == [1] * len(accepted)
    expected = outcome(loss, lists)
    if expected == "unknown":
        assert isinstance(error, SubmissionUncertain)
        assert error.nonce
        assert error.evidence["looks"] >= 2
        assert len(accepted) == loss.startswith("accepted")
        assert posts(emulator) == 1
        assert time.monotonic() >= 120
    else:
        assert job is not None, error
        assert accepted == [job.id]
        assert posts(emulator) == (1 if expected == "found" else 2)
