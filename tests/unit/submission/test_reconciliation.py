"""The search for a lost submission: the decision by itself, and the promise it serves, against a model of the service."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import Any, get_args

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comfy_cloud import ComfyCloud, ComfyCloudError, Retry, SubmissionUncertain
from comfy_cloud._submission.graph_identity import is_same_graph
from comfy_cloud._submission.reconciliation import (
    NONCE_FIELD,
    PATIENCE,
    SETTLE,
    Candidate,
    ListCheck,
    ListRead,
    Origin,
    check_times,
    decide,
    evidence_of,
    nonce_in,
    origin_of,
)
from tests.clock import FakeTime
from tests.unit.submission.service_model import GRAPH, OTHER_GRAPH, Model, PostOutcome, Stored

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ALL_READ = tuple(ListRead(name, "complete") for name in ("queue", "jobs", "history"))
OURS, FOREIGN, UNEXPLAINED = (Candidate(origin.value, origin) for origin in Origin)


def look(
    at: float, *candidates: Candidate, lists: tuple[ListRead, ...] = ALL_READ, drops: bool = False
) -> ListCheck:
    return ListCheck(at, lists, candidates, drops)


# The decision


def test_a_job_with_the_nonce_ends_the_question_whatever_else_was_seen() -> None:
    failed = (ListRead("jobs", "failed", "500"),)
    assert decide([look(0.5, UNEXPLAINED, OURS, lists=failed, drops=True)]).job_id == "ours"
    older = Candidate("older", Origin.OURS, 1.0)
    newer = Candidate("newer", Origin.OURS, 2.0)
    assert decide([look(1, newer), look(2, OURS, older)]).job_id == "older"


def test_absence_needs_time_and_two_clean_looks() -> None:
    assert decide([]).kind == "check_again"
    assert decide([look(0.5), look(2), look(SETTLE - 0.1)]).kind == "check_again"
    assert decide([look(SETTLE)]).kind == "check_again"
    assert decide([look(10), look(SETTLE)]).kind == "absent"
    assert decide([look(10, FOREIGN), look(SETTLE, FOREIGN)]).kind == "absent"


@pytest.mark.parametrize(
    "doubtful",
    [
        look(10, UNEXPLAINED),
        look(10, lists=(ListRead("jobs", "failed", "500"), *ALL_READ[::2])),
        look(10, lists=(ListRead("queue", "complete"), ListRead("jobs", "missing"), ListRead("history", "missing"))),
        look(10, lists=(ListRead("queue", "missing"), ListRead("jobs", "missing"), ListRead("history", "complete"))),
        look(10, lists=()),
    ],
)  # fmt: skip
def test_a_look_with_a_doubt_proves_nothing(doubtful: ListCheck) -> None:
    assert decide([look(10), doubtful, look(SETTLE)]).kind == "check_again"
    assert decide([look(10), look(SETTLE), doubtful]).kind == "check_again"
    assert decide([doubtful, look(PATIENCE)]).kind == "uncertain"
    assert decide([doubtful, look(SETTLE), look(20)]).kind == "absent"


def test_a_list_that_the_server_lacks_is_no_doubt_when_others_cover_it() -> None:
    without_jobs = (*ALL_READ[:1], ListRead("jobs", "missing"), *ALL_READ[2:])
    only_jobs = (ListRead("queue", "missing"), ALL_READ[1], ListRead("history", "missing"))
    for lists in (without_jobs, only_jobs):
        assert decide([look(10, lists=lists), look(SETTLE, lists=lists)]).kind == "absent"


def test_a_service_that_drops_nonces_never_proves_absence() -> None:
    assert decide([look(0.5, drops=True), look(10), look(SETTLE)]).kind == "uncertain"
    assert decide([look(0.5, drops=True), look(10)]).kind == "check_again"


def test_looks_end_with_patience() -> None:
    times = list(islice(check_times(), 12))
    assert times[0] <= 1
    assert times == sorted(times)
    assert SETTLE in times
    assert times[-1] == times[-2] == PATIENCE
    assert sum(at < SETTLE for at in times) >= 3


def test_an_outage_may_be_waited_out() -> None:
    failed = (ListRead("jobs", "failed", "503"), *ALL_READ[::2])
    assert decide([look(PATIENCE, lists=failed)], outage=600).kind == "check_again"
    assert decide([look(600, lists=failed)], outage=600).kind == "uncertain"
    # A look that could read all, and is in doubt, is no outage.
    assert decide([look(PATIENCE, UNEXPLAINED)], outage=600).kind == "uncertain"
    times = list(islice(check_times(600), 40))
    assert times[:9] == list(islice(check_times(), 9))
    assert times == sorted(times)
    assert max(later - earlier for earlier, later in pairwise(times)) <= 30
    assert times[-1] == times[-2] == 600


@given(st.lists(st.builds(
    ListCheck,
    at=st.floats(0, 100),
    lists=st.lists(
        st.builds(ListRead, st.sampled_from(["queue", "jobs", "history"]), st.sampled_from(["complete", "missing", "failed"]))
    ).map(tuple),
    candidates=st.lists(st.builds(Candidate, st.text(max_size=3), st.sampled_from(Origin))).map(tuple),
    drops_nonces=st.booleans(),
)))  # fmt: skip
def test_absence_is_never_claimed_over_a_doubt(looks: list[ListCheck]) -> None:
    verdict = decide(looks)
    seen = [candidate for each in looks for candidate in each.candidates]
    assert (verdict.kind == "found") == any(candidate.origin is Origin.OURS for candidate in seen)
    if verdict.kind == "absent":
        assert looks[-1].at >= SETTLE
        for each in looks[-2:]:
            assert {"jobs"} <= {read.name for read in each.lists if read.outcome == "complete"} or {
                "queue",
                "history",
            } <= {read.name for read in each.lists if read.outcome == "complete"}
            assert not [read for read in each.lists if read.outcome == "failed"]
            assert all(candidate.origin is Origin.FOREIGN for candidate in each.candidates)
        assert not any(each.drops_nonces for each in looks)


# Whose a job is


@pytest.mark.parametrize(
    ("extra_data", "graph", "origin"),
    [
        ({NONCE_FIELD: "n"}, None, Origin.OURS),
        ({NONCE_FIELD: "n"}, OTHER_GRAPH, Origin.OURS),
        ({NONCE_FIELD: "other"}, GRAPH, Origin.FOREIGN),
        ({}, OTHER_GRAPH, Origin.FOREIGN),
        (None, OTHER_GRAPH, Origin.FOREIGN),
        ({}, GRAPH, Origin.UNEXPLAINED),
        (None, GRAPH, Origin.UNEXPLAINED),
        (None, None, Origin.UNEXPLAINED),
        ({}, {}, Origin.UNEXPLAINED),
        ("text", 7, Origin.UNEXPLAINED),
    ],
)
def test_whose_a_job_is(extra_data: Any, graph: Any, origin: Origin) -> None:
    found = origin_of(extra_data, graph, nonce="n", is_our_graph=lambda other: is_same_graph(other, GRAPH))
    assert found is origin


def test_a_nonce_is_a_text() -> None:
    assert nonce_in({NONCE_FIELD: "n"}) == "n"
    for extra_data in ({NONCE_FIELD: 7}, {NONCE_FIELD: ""}, {}, None, "text"):
        assert nonce_in(extra_data) is None


def test_the_evidence_is_plain_and_says_what_is_in_doubt() -> None:
    looks = [look(0.5, UNEXPLAINED), look(60, lists=(ListRead("jobs", "failed", "500: no"),))]
    evidence = evidence_of(looks, ComfyCloudError("lost"))
    assert evidence["unexplained_jobs"] == ["unexplained"]
    assert evidence["lists"] == {"jobs": "failed: 500: no"}
    assert (evidence["looks"], evidence["complete_looks"], evidence["seconds"]) == (2, 1, 60.0)
    assert evidence_of([], ComfyCloudError("lost"))["lists"] == {}


# The promise

LOSSES = [
    outcome for outcome in get_args(PostOutcome) if outcome not in {"accepted", "refused", "busy", "not_sent"}
]


class DirectClient(httpx.Client):
    """Hands requests to the model without anything in between: a thousand runs shall be quick."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._headers = httpx.Headers()

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        return self._model.handle(request)


def submitted(model: Model, time: FakeTime, **options: Any) -> tuple[str | None, Exception | None]:
    """Submit once; the id of the job, or the error."""
    with ComfyCloud(
        api_key="comfyui-model-key", base_url="http://localhost", http_client=DirectClient(model), runtime=time.runtime(),
        retry=Retry.none(), **options,
    ) as cloud:  # fmt: skip
        try:
            return cloud.submit(GRAPH).id, None
        except ComfyCloudError as error:
            return None, error


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_nothing_runs_twice_and_nothing_accepted_is_called_failed(data: st.DataObject) -> None:
    time = FakeTime(START)
    skew = data.draw(st.integers(-500, 500), "seconds of the server's clock ahead of ours")
    reads = data.draw(st.lists(st.booleans(), max_size=25), "reads that succeed")
    model = Model(
        now=lambda: time.now().timestamp() + skew,
        posts=iter(data.draw(st.lists(st.sampled_from(get_args(PostOutcome)), min_size=1, max_size=4), "posts")),
        reads=iter(reads),
        lag=data.draw(st.floats(0, SETTLE - 1), "lag"),
        drops_nonces=data.draw(st.booleans(), "drops nonces"),
        missing=frozenset(data.draw(st.sets(st.sampled_from(["queue", "jobs", "history_v2", "history"])), "missing")),
        says_date=data.draw(st.booleans(), "says date"),
        queue_tells_extra_data=data.draw(st.booleans(), "queue tells extra data"),
        ends_at_once=data.draw(st.booleans(), "ends at once"),
    )  # fmt: skip
    others = data.draw(
        st.lists(st.tuples(st.integers(-2000, 0), st.booleans(), st.sampled_from([None, "", "x"]), st.booleans()), max_size=4),
        "other jobs",
    )  # fmt: skip
    for place, (age, is_alike, nonce, is_over) in enumerate(others):
        extra_data = None if nonce is None else {NONCE_FIELD: nonce}
        graph = GRAPH if is_alike else OTHER_GRAPH
        model.jobs.append(Stored(f"other-{place}", model.now() + age, graph, extra_data, is_over=is_over))
    clean = (
        not model.drops_nonces
        and not model.missing
        and not any(alike and not nonce for _, alike, nonce, _ in others)
    )

    job_id, error = submitted(model, time)

    assert 1 <= model.post_count <= 2
    assert len(model.accepted) <= 1
    if job_id is not None:
        assert len(model.accepted) == 1
        assert job_id not in {f"other-{place}" for place in range(len(others))}
    elif not isinstance(error, SubmissionUncertain):
        assert not model.accepted
    else:
        assert not clean or not all(reads), error.evidence


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("ends_at_once", [False, True])
def test_each_kind_of_loss_with_lists_that_work(loss: PostOutcome, ends_at_once: bool) -> None:
    time = FakeTime(START)
    model = Model(
        now=lambda: time.now().timestamp(), posts=iter([loss]), lag=SETTLE - 1, ends_at_once=ends_at_once
    )
    job_id, error = submitted(model, time)
    assert error is None
    assert len(model.accepted) == 1
    assert job_id == model.jobs[0].id
    assert model.post_count == (1 if loss.startswith("lost") else 2)


def test_twice_lost_without_a_trace_is_the_original_error() -> None:
    time = FakeTime(START)
    model = Model(
        now=lambda: time.now().timestamp(), posts=iter(["failed_500", "failed_timeout", "accepted"])
    )
    job_id, error = submitted(model, time)
    assert job_id is None
    assert model.post_count == 2
    assert isinstance(error, TimeoutError)
    assert [getattr(attempt, "status", None) for attempt in error.attempts] == [500]  # type: ignore[attr-defined]


def test_the_key_is_in_no_evidence() -> None:
    time = FakeTime(START)
    model = Model(now=lambda: time.now().timestamp(), posts=iter(["lost_502"]), drops_nonces=True)
    _, error = submitted(model, time)
    assert isinstance(error, SubmissionUncertain)
    assert error.nonce == model.accepted[0]
    assert error.evidence["unexplained_jobs"] == [model.jobs[0].id]
    assert "comfyui-model-key" not in f"{error!r}{error.evidence}"
