"""The search for a lost submission: the decision, and the promise against a model service."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import Any, get_args

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud import ComfyCloud, ComfyCloudError, Retry, SubmissionUncertain
from comfy_cloud._submission.graph_identity import is_same_graph
from comfy_cloud._submission.reconciliation import (
    Candidate,
    ListCheck,
    ListRead,
    Origin,
    check_times,
    decide,
    evidence_of,
    job_origin,
    nonce_in,
)
from tests.clock import FakeTime
from tests.unit.submission.service_model import GRAPH, OTHER_GRAPH, Model, PostOutcome, Stored

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ALL_READ = tuple(ListRead(name, "complete") for name in ("queue", "jobs", "history"))
OURS, FOREIGN, UNEXPLAINED = (Candidate(origin.value, origin) for origin in Origin)


def check(
    at: float, *candidates: Candidate, lists: tuple[ListRead, ...] = ALL_READ, drops: bool = False
) -> ListCheck:
    return ListCheck(at, lists, candidates, drops)


# The decision. Absence is believed from 15 seconds on, and checking ends after 60.


def test_a_job_with_the_nonce_settles_the_question_whatever_else_was_seen() -> None:
    failed = (ListRead("jobs", "failed", "500"),)
    assert decide([check(0.5, UNEXPLAINED, OURS, lists=failed, drops=True)]).job_id == "ours"
    older = Candidate("older", Origin.OURS, 1.0)
    newer = Candidate("newer", Origin.OURS, 2.0)
    assert decide([check(1, newer), check(2, OURS, older)]).job_id == "older"


def test_absence_needs_time_and_two_clean_checks() -> None:
    assert decide([]).kind == "check_again"
    assert decide([check(0.5), check(2), check(14.9)]).kind == "check_again"
    assert decide([check(15)]).kind == "check_again"
    assert decide([check(10), check(15)]).kind == "absent"
    assert decide([check(10, FOREIGN), check(15, FOREIGN)]).kind == "absent"


@pytest.mark.parametrize(
    "doubtful",
    [
        check(10, UNEXPLAINED),
        check(10, FOREIGN, UNEXPLAINED),
        check(10, lists=(ListRead("jobs", "failed", "500"), *ALL_READ[::2])),
        check(10, lists=(ALL_READ[0], ListRead("jobs", "missing"), ListRead("history", "missing"))),
        check(10, lists=(ListRead("queue", "missing"), ListRead("jobs", "missing"), ALL_READ[2])),
        check(10, lists=()),
    ],
)
def test_a_check_with_a_doubt_proves_nothing(doubtful: ListCheck) -> None:
    assert decide([check(10), doubtful, check(15)]).kind == "check_again"
    assert decide([check(10), check(15), doubtful]).kind == "check_again"
    assert decide([doubtful, check(59.9)]).kind == "check_again"
    assert decide([doubtful, check(60)]).kind == "uncertain"
    assert decide([doubtful, check(15), check(20)]).kind == "absent"


def test_a_missing_list_is_not_a_doubt_if_others_cover_it() -> None:
    without_jobs = (*ALL_READ[:1], ListRead("jobs", "missing"), *ALL_READ[2:])
    only_jobs = (ListRead("queue", "missing"), ALL_READ[1], ListRead("history", "missing"))
    for lists in (without_jobs, only_jobs):
        assert decide([check(10, lists=lists), check(15, lists=lists)]).kind == "absent"


def test_a_service_that_drops_nonces_never_proves_absence() -> None:
    assert decide([check(0.5, drops=True), check(10), check(15)]).kind == "uncertain"
    assert decide([check(0.5, drops=True), check(10)]).kind == "check_again"


def test_when_the_lists_are_checked() -> None:
    assert list(islice(check_times(), 11)) == [0.5, 2, 5, 10, 15, 20, 30, 45, 60, 60, 60]
    assert list(islice(check_times(600), 12)) == [0.5, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 150]
    assert list(islice(check_times(600), 29))[-3:] == [600, 600, 600]
    assert list(islice(check_times(20), 10))[-1] == 60


def test_an_outage_may_be_waited_out() -> None:
    failed = (ListRead("jobs", "failed", "503"), *ALL_READ[::2])
    assert decide([check(60, lists=failed)], outage=600).kind == "check_again"
    assert decide([check(600, lists=failed)], outage=600).kind == "uncertain"
    assert decide([check(60, lists=failed)], outage=20).kind == "uncertain"
    # A check that could read every list, and is in doubt, is not an outage.
    assert decide([check(60, UNEXPLAINED)], outage=600).kind == "uncertain"


OUTCOMES = st.sampled_from(["complete", "missing", "failed"])
READS = st.builds(ListRead, st.sampled_from(["queue", "jobs", "history"]), OUTCOMES)
CHECKS = st.builds(
    ListCheck,
    at=st.floats(0, 100),
    lists=st.lists(READS).map(tuple),
    candidates=st.lists(st.builds(Candidate, st.text(max_size=3), st.sampled_from(Origin))).map(tuple),
    drops_nonces=st.booleans(),
)


@given(st.lists(CHECKS))
def test_absence_is_never_claimed_over_a_doubt(checks: list[ListCheck]) -> None:
    verdict = decide(checks)
    seen = [candidate for each in checks for candidate in each.candidates]
    assert (verdict.kind == "found") == any(candidate.origin is Origin.OURS for candidate in seen)
    if verdict.kind == "absent":
        assert checks[-1].at >= 15
        for each in checks[-2:]:
            complete = {read.name for read in each.lists if read.outcome == "complete"}
            assert {"jobs"} <= complete or {"queue", "history"} <= complete
            assert not [read for read in each.lists if read.outcome == "failed"]
            assert all(candidate.origin is Origin.FOREIGN for candidate in each.candidates)
        assert not any(each.drops_nonces for each in checks)


# Who submitted a job


@pytest.mark.parametrize(
    ("extra_data", "graph", "origin"),
    [
        ({"comfy_cloud_nonce": "n"}, None, Origin.OURS),
        ({"comfy_cloud_nonce": "n"}, OTHER_GRAPH, Origin.OURS),
        ({"comfy_cloud_nonce": "other"}, GRAPH, Origin.FOREIGN),
        ({}, OTHER_GRAPH, Origin.FOREIGN),
        (None, OTHER_GRAPH, Origin.FOREIGN),
        ({}, GRAPH, Origin.UNEXPLAINED),
        (None, GRAPH, Origin.UNEXPLAINED),
        (None, None, Origin.UNEXPLAINED),
        ({}, {}, Origin.UNEXPLAINED),
        ("text", 7, Origin.UNEXPLAINED),
    ],
)
def test_who_submitted_a_job(extra_data: Any, graph: Any, origin: Origin) -> None:
    found = job_origin(extra_data, graph, nonce="n", is_our_graph=lambda other: is_same_graph(other, GRAPH))
    assert found is origin


def test_a_nonce_is_a_text() -> None:
    assert nonce_in({"comfy_cloud_nonce": "n"}) == "n"
    for extra_data in ({"comfy_cloud_nonce": 7}, {"comfy_cloud_nonce": ""}, {}, None, "text"):
        assert nonce_in(extra_data) is None


def test_the_evidence_is_plain_and_names_what_is_in_doubt() -> None:
    checks = [
        check(0.5, UNEXPLAINED, Candidate("a", Origin.UNEXPLAINED), FOREIGN),
        check(60.04, lists=(ListRead("jobs", "failed", "500: no"), ALL_READ[0])),
    ]
    error = ComfyCloudError("lost")
    assert evidence_of(checks, error) == {
        "error": "ComfyCloudError: lost",
        "status": None,
        "looks": 2,
        "seconds": 60.0,
        "complete_looks": 1,
        "lists": {"jobs": "failed: 500: no", "queue": "complete"},
        "nonces_dropped": False,
        "unexplained_jobs": ["a", "unexplained"],
    }
    assert evidence_of([check(1, drops=True)], error)["nonces_dropped"]
    assert (evidence_of([], error)["lists"], evidence_of([], error)["seconds"]) == ({}, 0.0)


# The promise

LOSSES = [
    outcome for outcome in get_args(PostOutcome) if outcome not in {"accepted", "refused", "busy", "not_sent"}
]


class DirectClient(httpx.Client):
    """Passes requests to the model directly, so that a thousand runs are quick."""

    is_closed = False

    def __init__(self, model: Model) -> None:
        self._model = model
        self._headers = httpx.Headers()

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        return self._model.handle(request)


def cloud_of(model: Model, time: FakeTime) -> ComfyCloud:
    return ComfyCloud(
        api_key="comfyui-model-key",
        base_url="http://localhost",
        http_client=DirectClient(model),
        runtime=time.runtime(),
        retry=Retry.none(),
    )


def submitted(model: Model, time: FakeTime) -> tuple[str | None, Exception | None]:
    """Submit once; the id of the job, or the error."""
    with cloud_of(model, time) as cloud:
        try:
            return cloud.submit(GRAPH).id, None
        except ComfyCloudError as error:
            return None, error


# Four items, so that workers share them: 240 examples in all.
@pytest.mark.parametrize(
    "sends_date", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["date", "no date"]
)
@pytest.mark.parametrize(
    "drops_nonces", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["nonces", "no nonces"]
)
@settings(max_examples=60)
@given(data=st.data())
def test_nothing_runs_twice_and_nothing_accepted_is_called_failed(
    drops_nonces: bool, sends_date: bool, data: st.DataObject
) -> None:
    time = FakeTime(START)
    skew = data.draw(
        st.one_of(st.integers(-500, 500), st.sampled_from([-86_400, -3600, -660, 660, 3600, 86_400])),
        "seconds of the server's clock ahead of ours",
    )
    reads = data.draw(st.lists(st.booleans(), max_size=25), "reads that succeed")
    model = Model(
        now=lambda: time.now().timestamp() + skew,
        posts=iter(
            data.draw(st.lists(st.sampled_from(get_args(PostOutcome)), min_size=1, max_size=4), "posts")
        ),
        reads=iter(reads),
        lag=data.draw(st.floats(0, 14), "lag"),
        drops_nonces=drops_nonces,
        missing=frozenset(
            data.draw(st.sets(st.sampled_from(["queue", "jobs", "history_v2", "history"])), "missing")
        ),
        sends_date=sends_date,
        queue_has_extra_data=data.draw(st.booleans(), "queue has extra data"),
        ends_at_once=data.draw(st.booleans(), "ends at once"),
    )
    others = data.draw(
        st.lists(
            st.tuples(st.integers(-2000, 0), st.booleans(), st.sampled_from([None, "", "x"]), st.booleans()),
            max_size=4,
        ),
        "other jobs",
    )
    for index, (age, is_alike, nonce, is_over) in enumerate(others):
        extra_data = None if nonce is None else {"comfy_cloud_nonce": nonce}
        graph = GRAPH if is_alike else OTHER_GRAPH
        model.jobs.append(Stored(f"other-{index}", model.now() + age, graph, extra_data, is_over=is_over))
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
        assert job_id not in {f"other-{index}" for index in range(len(others))}
    elif not isinstance(error, SubmissionUncertain):
        assert not model.accepted
    else:
        assert not clean or not all(reads), error.evidence


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("ends_at_once", [False, True])
def test_each_kind_of_loss_with_lists_that_work(loss: PostOutcome, ends_at_once: bool) -> None:
    time = FakeTime(START)
    model = Model(now=lambda: time.now().timestamp(), posts=iter([loss]), lag=14, ends_at_once=ends_at_once)
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


# Clocks

SKEWS = [-86_400, -3600, -660, -600, 0, 600, 660, 3600, 86_400]


@pytest.mark.parametrize("skew", SKEWS)
@pytest.mark.parametrize("sends_date", [True, False])
@pytest.mark.parametrize("ends_at_once", [True, False])
@pytest.mark.parametrize("missing", [(), ("history_v2", "jobs"), ("history_v2", "history")])
def test_no_clock_makes_it_run_twice(
    skew: int, sends_date: bool, ends_at_once: bool, missing: tuple[str, ...]
) -> None:
    """`skew` is how many seconds the server's clock is ahead of ours."""
    time = FakeTime(START)
    model = Model(
        now=lambda: time.now().timestamp() + skew,
        posts=iter(["lost_502"]),
        sends_date=sends_date,
        ends_at_once=ends_at_once,
        missing=frozenset(missing),
        queue_has_extra_data="jobs" in missing,
        lag=3,
    )
    job_id, error = submitted(model, time)
    assert (job_id, error) == (model.jobs[0].id, None)
    assert model.post_count == 1


def add_old_jobs(model: Model, count: int) -> None:
    """Finished jobs of another program, one an hour."""
    for index in range(count):
        nonce = {"comfy_cloud_nonce": f"old-{index}"}
        created = model.now() - 3600 * (index + 1)
        model.jobs.append(Stored(f"old-{index}", created, OTHER_GRAPH, nonce, is_over=True))


@pytest.mark.parametrize("skew", [-86_400, 0, 660, 86_400])
@pytest.mark.parametrize("sends_date", [True, False])
@pytest.mark.parametrize("has_known_job", [True, False])
def test_a_list_that_is_too_long_to_be_read_proves_nothing_without_a_time_of_the_server(
    skew: int, sends_date: bool, has_known_job: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comfy_cloud._sync._submission.search._MAX_PAGES", 2)
    time = FakeTime(START)
    model = Model(
        now=lambda: time.now().timestamp() + skew,
        posts=iter(["accepted", "failed_500"] if has_known_job else ["failed_500"]),
        sends_date=sends_date,
        ends_at_once=True,
    )
    add_old_jobs(model, 500)
    with cloud_of(model, time) as cloud:
        if has_known_job:
            cloud.submit(GRAPH)
            time.advance(1000)
        if sends_date or has_known_job:
            assert cloud.submit(GRAPH).id == model.jobs[-1].id
            assert model.post_count == 2 + has_known_job
        else:
            with pytest.raises(SubmissionUncertain) as uncertain:
                cloud.submit(GRAPH)
            assert model.post_count == 1
            assert "more than 400 entries" in uncertain.value.evidence["lists"]["jobs"]


@pytest.mark.parametrize("skew", [-86_400, 86_400])
def test_a_lost_job_is_found_among_many_without_a_time_of_the_server(skew: int) -> None:
    time = FakeTime(START)
    model = Model(now=lambda: time.now().timestamp() + skew, posts=iter(["lost_502"]), sends_date=False)
    add_old_jobs(model, 1000)
    assert submitted(model, time)[0] == model.jobs[-1].id
    assert model.post_count == 1


def test_the_key_is_in_no_evidence() -> None:
    time = FakeTime(START)
    model = Model(now=lambda: time.now().timestamp(), posts=iter(["lost_502"]), drops_nonces=True)
    _, error = submitted(model, time)
    assert isinstance(error, SubmissionUncertain)
    assert error.nonce == model.accepted[0]
    assert error.evidence["unexplained_jobs"] == [model.jobs[0].id]
    assert "comfyui-model-key" not in f"{error!r}{error.evidence}"
