"""Records of idempotency keys: at most one holder at a time, and one job for ever."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from comfy_cloud._submission.journal_records import Attempt
from comfy_cloud._submission.key_records import (
    KeyRecord,
    RecordDamaged,
    claimed,
    decoded,
    encoded,
    extended,
    finished,
    released,
)

LEASE = 30.0
AT = datetime(2026, 11, 30, tzinfo=UTC)
CALLERS = st.sampled_from(["a", "b", "c"])


class Keys(RuleBasedStateMachine):
    """Three callers use one key. Each may stand still for as long as it likes, or vanish."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.content: bytes | None = None
        self.held: dict[str, tuple[KeyRecord, float]] = {}  # as each caller believes, and until when
        self.may_have_sent = False
        self.job: str | None = None
        self.numbers: list[int] = []

    @rule(seconds=st.sampled_from([0.0, 1.0, LEASE / 2, LEASE, LEASE + 1]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(caller=CALLERS, request=st.sampled_from(["same", "same", "same", "other"]))
    def claim(self, caller: str, request: str) -> None:
        before = self.content
        content, claim = claimed(before, self.now, owner=caller, request=request, seconds=LEASE)
        if claim.kind == "conflict":
            assert content == before
            assert before is not None
            assert decoded(before).request != request
            return
        self.content = content
        if claim.kind == "done":
            assert claim.record.job_id == self.job is not None
        elif claim.kind == "busy":
            assert any(until > self.now for name, (_, until) in self.held.items() if name != caller)
        else:
            assert self.job is None
            others = [until for name, (_, until) in self.held.items() if name != caller]
            assert all(until <= self.now for until in others)
            # Whoever may send learns that there may be a job.
            assert (claim.record.attempt("n") is not None) == self.may_have_sent
            if before is not None:
                assert claim.record.holder > decoded(before).holder
            self.held[caller] = (claim.record, self.now + LEASE)

    @rule(caller=CALLERS)
    def send(self, caller: str) -> None:
        if caller not in self.held:
            return
        record, until = self.held[caller]
        attempt = Attempt("n", AT, "graph", {"4.seed": 7}, server_at=AT)
        self.content, is_held = extended(self.content, self.now, claim=record, seconds=LEASE, attempt=attempt)
        if until > self.now:
            assert is_held
        if is_held:
            self.may_have_sent = True
            self.held[caller] = (record, self.now + LEASE)
        else:
            del self.held[caller]

    @rule(caller=CALLERS, number=st.integers(0, 2))
    def finish(self, caller: str, number: int) -> None:
        if caller not in self.held or not self.may_have_sent:
            return
        record, _ = self.held.pop(caller)
        self.content, job = finished(self.content, claim=record, job_id=f"job {caller} {number}")
        assert self.job is None or job == self.job
        self.job = job
        self.held.clear()

    @rule(caller=CALLERS)
    def give_up_with_open_outcome(self, caller: str) -> None:
        if caller in self.held:
            record, _ = self.held.pop(caller)
            self.content = released(self.content, claim=record, is_open=True)

    @rule(caller=CALLERS)
    def vanish(self, caller: str) -> None:
        """Killed. Its lease goes on."""

    @invariant()
    def a_job_stays(self) -> None:
        if self.job is not None:
            assert self.content is not None
            assert decoded(self.content).job_id == self.job


TestKeys = Keys.TestCase
TestKeys.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


def test_a_refused_submission_leaves_no_trace() -> None:
    content, claim = claimed(None, 0, owner="a", request="r", seconds=LEASE)
    content2, _ = extended(content, 1, claim=claim.record, seconds=LEASE, attempt=Attempt("n", AT, "g"))
    assert released(content2, claim=claim.record, is_open=False) is None


def test_whoever_holds_it_no_more_changes_nothing() -> None:
    content, first = claimed(None, 0, owner="a", request="r", seconds=LEASE)
    content, second = claimed(content, LEASE, owner="b", request="r", seconds=LEASE)
    assert second.kind == "held"
    assert extended(content, 31, claim=first.record, seconds=LEASE, attempt=None) == (content, False)
    assert released(content, claim=first.record, is_open=False) == content


def test_a_clock_that_was_set_back_by_years_frees_a_key() -> None:
    content, _ = claimed(None, 1e9, owner="a", request="r", seconds=LEASE)
    assert claimed(content, 1e8, owner="b", request="r", seconds=LEASE)[1].kind == "held"
    assert claimed(content, 1e9 - 60, owner="b", request="r", seconds=LEASE)[1].kind == "busy"


@pytest.mark.parametrize(("seconds", "kind"), [(3599, "busy"), (3601, "held")])
def test_a_clock_that_was_set_back_by_more_than_an_hour_frees_a_key(seconds: float, kind: str) -> None:
    content, _ = claimed(None, 1e9, owner="a", request="r", seconds=LEASE)
    assert claimed(content, 1e9 - seconds, owner="b", request="r", seconds=LEASE)[1].kind == kind


def test_a_lease_is_as_long_as_its_holder_needs_it_for_every_other_caller() -> None:
    """Their timeouts, and so their leases, may be thousands of times shorter, or longer."""
    content, long = claimed(None, 0, owner="a", request="r", seconds=5000 * LEASE)
    for now in (0.0, LEASE, 4999 * LEASE):
        assert claimed(content, now, owner="b", request="r", seconds=LEASE)[1].kind == "busy"
    content, is_held = extended(content, LEASE, claim=long.record, seconds=5000 * LEASE, attempt=None)
    assert is_held
    assert claimed(content, 5000 * LEASE, owner="b", request="r", seconds=LEASE)[1].kind == "busy"
    assert claimed(content, 5001 * LEASE, owner="b", request="r", seconds=LEASE)[1].kind == "held"


def test_a_lease_that_an_earlier_release_has_recorded() -> None:
    content, claim = claimed(None, 100, owner="a", request="r", seconds=LEASE)
    content = content.replace(b'"given_at":100,', b"").replace(b'"given_at":100.0,', b"")
    assert b"given_at" not in content
    assert claimed(content, 101, owner="b", request="r", seconds=LEASE)[1].kind == "busy"
    assert extended(content, 101, claim=claim.record, seconds=LEASE, attempt=None)[1]
    assert claimed(content, 131, owner="b", request="r", seconds=LEASE)[1].kind == "held"


def test_a_record_survives_being_written() -> None:
    record = KeyRecord(
        request="r", owner="a", holder=3, until=7.5, was_sent=True, begun_at=AT, server_at=AT, graph="g",
        given_at=3.5, seeds={"4.seed": 2**60}, api="v2", job_id="j",
    )  # fmt: skip
    assert decoded(encoded(record)) == record


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "damaged"),
        (b"\xff", "damaged"),
        (b"[]", "damaged"),
        (b"{}", "damaged"),
        (b'{"comfy_cloud_key":1}', "damaged"),
        (b'{"comfy_cloud_key":2}', "version 2"),
        (encoded(KeyRecord(request="r")).replace(b'"until":0.0', b'"until":"x"'), "damaged"),
        (encoded(KeyRecord(request="r")).replace(b'"begun_at":null', b'"begun_at":"x"'), "damaged"),
    ],
)
def test_records_that_cannot_be_read(content: bytes, problem: str) -> None:
    with pytest.raises(RecordDamaged, match=problem):
        decoded(content)
