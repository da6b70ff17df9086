"""All vocabularies of job states become one, and nothing malformed raises."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._jobs.states import JobStatus, Timeline, status_from_history, status_from_word, timeline

json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
EVENTS = (
    "execution_start",
    "execution_cached",
    "execution_success",
    "execution_error",
    "execution_interrupted",
    "other",
)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (JobStatus.PENDING, "pending created queued submitted queued_limited queued_waiting"),
        (JobStatus.PENDING, "waiting_to_dispatch allocated preparing pending_execution Pending-Execution"),
        (JobStatus.IN_PROGRESS, "in_progress executing executed IN-PROGRESS running"),
        (JobStatus.COMPLETED, "completed complete success succeeded Success"),
        (JobStatus.FAILED, "failed failure error erroring non_retryable_error retryable_error lost"),
        (JobStatus.CANCELLED, "cancelled canceled CANCELED cancel_requested cancel_pending cancelling"),
        (JobStatus.CANCELLED, "canceling cancelling_preparing canceling_preparing interrupted"),
        (JobStatus.UNKNOWN, "unknown teleported"),
    ],
)
def test_every_word_has_its_status(status: JobStatus, words: str) -> None:
    for word in words.split():
        assert status_from_word(word) is status, word


def test_spaces_count_as_separators() -> None:
    assert status_from_word(" in progress ") is JobStatus.IN_PROGRESS


@pytest.mark.parametrize("word", [None, "", 3, True, [], {"status": "success"}])
def test_what_is_not_a_word_is_unknown(word: object) -> None:
    assert status_from_word(word) is JobStatus.UNKNOWN


def test_a_member_is_its_word() -> None:
    assert str.__eq__(JobStatus.IN_PROGRESS, "in_progress")
    assert f"{JobStatus.CANCELLED}" == "cancelled"
    assert [status for status in JobStatus if status.is_terminal] == ["completed", "failed", "cancelled"]
    assert all(status_from_word(status) is status for status in JobStatus)


def history(status_str: object = None, completed: object = None, *messages: object) -> dict[str, Any]:
    return {"status_str": status_str, "completed": completed, "messages": list(messages)}


ERROR = ["execution_error", {"node_id": "6", "timestamp": 1_722_222_204_000}]
INTERRUPTED = ["execution_interrupted", {"node_id": "6", "timestamp": 1_722_222_203_000}]
SUCCESS = ["execution_success", {"timestamp": 1_722_222_205_000}]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (history("success", True, SUCCESS), JobStatus.COMPLETED),
        (history("error", False), JobStatus.FAILED),
        (history("error", False, ERROR), JobStatus.FAILED),
        (history("error", False, INTERRUPTED), JobStatus.CANCELLED),
        (history("error", True), JobStatus.FAILED),
        (history("error", True, INTERRUPTED), JobStatus.CANCELLED),
        (history("success", True, INTERRUPTED), JobStatus.COMPLETED),
        (history("canceled", False), JobStatus.CANCELLED),
        (history(None, True), JobStatus.COMPLETED),
        (history("odd", True), JobStatus.COMPLETED),
        (history(None, False), JobStatus.UNKNOWN),
        (history(None, None, SUCCESS), JobStatus.COMPLETED),
        (history(None, False, ERROR), JobStatus.FAILED),
        (history(None, False, INTERRUPTED), JobStatus.CANCELLED),
        ({"status_str": "error", "messages": None}, JobStatus.FAILED),
        ({"status_str": "error", "messages": [["execution_interrupted"]]}, JobStatus.CANCELLED),
        ({"status_str": "error", "messages": [None, [], [3, {}], "execution_interrupted"]}, JobStatus.FAILED),
        ({}, JobStatus.UNKNOWN),
        (None, JobStatus.UNKNOWN),
        ([], JobStatus.UNKNOWN),
        ("success", JobStatus.COMPLETED),
    ],
)
def test_a_history_status_is_read(status: object, expected: JobStatus) -> None:
    assert status_from_history(status) is expected


def at(second: int) -> datetime:
    return datetime(2024, 7, 29, 3, 3, second, tzinfo=UTC)


def test_a_timeline_of_a_success() -> None:
    status = history(
        "success",
        True,
        ["execution_start", {"prompt_id": "p", "timestamp": 1_722_222_200_000}],
        ["execution_cached", {"nodes": ["4", 5, "4", None], "timestamp": 1_722_222_201_000}],
        SUCCESS,
    )
    assert timeline(status) == Timeline(at(20), at(25), ("4", "5"))


def test_a_timeline_has_the_data_of_an_error_and_of_an_interruption() -> None:
    assert timeline(history("error", False, ERROR)) == Timeline(None, at(24), (), ERROR[1])  # type: ignore[arg-type]
    found = timeline(history("error", False, INTERRUPTED))
    assert (found.error, found.interrupted, found.finished_at) == (None, INTERRUPTED[1], at(23))


@pytest.mark.parametrize("stamp", [1_722_222_200_000, 1_722_222_200, "1722222200000", "2024-07-29T03:03:20Z"])
def test_timestamps_come_in_every_form(stamp: object) -> None:
    assert timeline(history(None, None, ["execution_start", {"timestamp": stamp}])).started_at == at(20)


def test_an_unreadable_timestamp_does_not_hide_a_readable_one() -> None:
    status = history(None, None, SUCCESS, ["execution_success", {"timestamp": "soon"}])
    assert timeline(status).finished_at == at(25)


@given(
    st.one_of(
        json_values,
        st.fixed_dictionaries(
            {},
            optional={
                "status_str": json_values,
                "completed": json_values,
                "messages": st.one_of(
                    json_values, st.lists(st.tuples(st.sampled_from(EVENTS), json_values).map(list))
                ),
            },
        ),
    )
)
def test_malformed_shapes_never_raise(status: object) -> None:
    assert isinstance(status_from_history(status), JobStatus)
    assert isinstance(timeline(status), Timeline)
