"""One key, many callers that crash or stand still, and a service that loses responses: one job."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud import ComfyCloud, ComfyCloudError, IdempotencyConflict, Retry, SubmissionUncertain
from comfy_cloud._submission.key_records import decoded
from tests.clock import FakeTime

from .service_model import GRAPH, OTHER_GRAPH, Model, PostOutcome
from .test_reconciliation import DirectClient

START = datetime(2026, 11, 30, 12, tzinfo=UTC)
KEY = "order-17"


class Killed(BaseException):
    """A process ends here, and does nothing more."""


class MemoryStore:
    """A store that several callers share, in fake time."""

    is_shared = True

    def __init__(self, time: FakeTime) -> None:
        self.time = time
        self.records: dict[str, bytes] = {}

    def update(self, name: str, change: Callable[[bytes | None, float], bytes | None]) -> None:
        after = change(self.records.get(name), self.time.monotonic())
        if after is None:
            self.records.pop(name, None)
        else:
            self.records[name] = after


class Caller:
    """One process. It is killed at a request, or before a use of the store, or after so long."""

    def __init__(
        self,
        model: Model,
        time: FakeTime,
        store: Any,
        *,
        at_request: int | None = None,
        at_store: int | None = None,
        seconds: float | None = None,
    ) -> None:
        self.time = time
        self.is_shared = store.is_shared
        self.store = store
        self.requests_left = at_request
        self.uses_left = at_store
        self.ends = None if seconds is None else time.monotonic() + seconds
        self.is_dead = False
        runtime = time.runtime()
        runtime.sleep = self.sleep
        self.cloud = ComfyCloud(
            api_key="comfyui-model-key",
            base_url="http://localhost",
            http_client=DirectClient(model),
            runtime=runtime,
            retry=Retry.none(),
            idempotency_store=self,
            on_request=lambda info: self.count_request(),
        )

    def count_request(self) -> None:
        if self.requests_left is not None:
            self.requests_left -= 1
            self.is_dead = self.is_dead or self.requests_left < 0
        if self.is_dead:
            raise Killed

    def update(self, name: str, change: Any) -> None:
        if self.uses_left is not None:
            self.uses_left -= 1
            self.is_dead = self.is_dead or self.uses_left < 0
        if self.is_dead:
            raise Killed
        self.store.update(name, change)

    def sleep(self, seconds: float) -> None:
        self.time.sleep(seconds)
        if self.ends is not None and self.time.monotonic() > self.ends:
            self.is_dead = True
            raise Killed

    def submit(self, graph: dict[str, Any] = GRAPH) -> str | None:
        """The id of the job; None if it was killed, or if there is an error."""
        with suppress(Killed, ComfyCloudError), self.cloud as cloud:
            return cloud.submit(graph, idempotency_key=KEY).id
        return None


@pytest.fixture(autouse=True)
def killed_programs_settle_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "comfy_cloud._sync._submission.workflow_runner.must_be_settled", lambda error, submission: False
    )


ENDS = st.sampled_from(["whole", "request", "store", "late"])


@pytest.mark.parametrize("is_nested", [False, True])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_one_key_is_at_most_one_job(is_nested: bool, data: st.DataObject) -> None:
    """Callers come one after the other, or the second one while the first is about to send."""
    time = FakeTime(START)
    model = Model(
        now=lambda: time.now().timestamp(),
        posts=iter(data.draw(st.lists(st.sampled_from(get_args(PostOutcome)), max_size=8), "posts")),
        reads=iter(data.draw(st.lists(st.booleans(), max_size=20), "reads that succeed")),
        lag=data.draw(st.floats(0, 14), "lag"),
        ends_at_once=data.draw(st.booleans(), "ends at once"),
    )
    store = MemoryStore(time)
    found: set[str] = set()

    def call(**ends: Any) -> None:
        job_id = Caller(model, time, store, **ends).submit()
        if job_id is not None:
            found.add(job_id)

    for _ in range(data.draw(st.integers(1, 4), "callers")):
        how = data.draw(ENDS, "ends")
        number = data.draw(st.integers(0, 9), "at")
        ends = {"request": {"at_request": number}, "store": {"at_store": number},
                "late": {"seconds": float(number * 3)}}.get(how, {})  # fmt: skip
        if is_nested:
            handle = model.handle
            second = Caller(model, time, store, seconds=20)

            def interleaved(request: Any, handle: Any = handle, second: Any = second) -> Any:
                # Another caller comes while this request is under way; it is killed as it waits.
                model.handle = handle  # type: ignore[method-assign]
                job_id = second.submit()
                if job_id is not None:
                    found.add(job_id)
                return handle(request)

            model.handle = interleaved  # type: ignore[method-assign]
            call(**ends)
            model.handle = handle  # type: ignore[method-assign]
        else:
            call(**ends)
        assert len(model.accepted) <= 1
        time.advance(data.draw(st.sampled_from([0.0, 5.0, 50.0]), "pause"))
    model.posts, model.reads = iter(()), iter(())
    time.advance(60)
    job_id = Caller(model, time, store).submit()
    assert job_id is not None
    assert found | {job_id} == {job_id}
    assert len(model.accepted) == 1
    assert model.jobs[0].id == job_id


def test_a_caller_that_was_killed_after_sending_is_followed_by_one_that_finds_the_job() -> None:
    time = FakeTime(START)
    model = Model(now=lambda: time.now().timestamp(), lag=10)
    store = MemoryStore(time)
    # Claimed and about to be sent; what the response says is never recorded.
    assert Caller(model, time, store, at_store=2).submit() is None
    assert len(model.accepted) == 1
    (record,) = map(decoded, store.records.values())
    assert record.was_sent
    assert record.job_id is None
    before = time.monotonic()
    assert Caller(model, time, store).submit() == model.jobs[0].id
    assert time.monotonic() - before >= 30  # until the lease of the first one ended
    assert model.post_count == 1


def test_an_outcome_that_stays_unknown_is_never_sent_again() -> None:
    time = FakeTime(START)
    model = Model(now=lambda: time.now().timestamp(), posts=iter(["lost_502"]), lag=1e6)
    model.reads = iter([False] * 10_000)
    store = MemoryStore(time)
    for _ in range(3):
        caller = Caller(model, time, store)
        with caller.cloud as cloud, pytest.raises(SubmissionUncertain):
            cloud.submit(GRAPH, idempotency_key=KEY)
        assert model.post_count == 1


def test_a_refused_submission_frees_the_key() -> None:
    time = FakeTime(START)
    model = Model(now=lambda: time.now().timestamp(), posts=iter(["refused"]))
    store = MemoryStore(time)
    assert Caller(model, time, store).submit() is None
    assert store.records == {}
    assert Caller(model, time, store).submit(OTHER_GRAPH) == model.jobs[0].id


def test_another_graph_is_a_conflict_also_while_the_first_is_being_sent() -> None:
    time = FakeTime(START)
    model = Model(now=lambda: time.now().timestamp())
    store = MemoryStore(time)
    assert Caller(model, time, store, at_request=0).submit() is None
    with Caller(model, time, store).cloud as cloud, pytest.raises(IdempotencyConflict) as caught:
        cloud.submit(OTHER_GRAPH, idempotency_key=KEY)
    assert caught.value.job_id is None
    assert model.post_count == 0


def test_without_a_store_the_lists_know_a_key() -> None:
    time = FakeTime(START)
    model = Model(now=lambda: time.now().timestamp(), ends_at_once=True)

    def cloud(**options: Any) -> ComfyCloud:
        return ComfyCloud(
            api_key="comfyui-model-key", base_url="http://localhost", http_client=DirectClient(model),
            runtime=time.runtime(), retry=Retry.none(), idempotency_store="none", **options,
        )  # fmt: skip

    with cloud() as first, cloud() as second:
        job = first.submit(GRAPH, idempotency_key=KEY)
        time.advance(23 * 3600)
        assert second.submit(GRAPH, idempotency_key=KEY).id == job.id
        with pytest.raises(IdempotencyConflict) as caught:
            second.submit(OTHER_GRAPH, idempotency_key=KEY)
        assert caught.value.job_id == job.id
        model.reads = iter([False] * 100)
        with pytest.raises(SubmissionUncertain, match="cannot be read"):
            second.submit(GRAPH, idempotency_key="order-18")
    assert model.post_count == 1
