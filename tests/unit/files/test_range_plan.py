"""Which parts of a file are received: all that is missing, each once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._files.byte_ranges import ContentInfo
from comfy_cloud._files.range_plan import LEAST_LEFT, RangePlan, can_be_split, is_worth_it

MIB = 1024 * 1024


@given(
    st.integers(1, 200 * MIB),
    st.lists(st.tuples(st.integers(0, 200 * MIB), st.integers(0, 200 * MIB)), max_size=5),
    st.integers(0, 16),
)
def test_the_parts_are_what_is_missing(size: int, spans: list[tuple[int, int]], connections: int) -> None:
    whole = [(min(span), min(max(span), size)) for span in spans if min(span) < min(max(span), size)]
    plan = RangePlan(size, whole, connections)
    begun = plan.received
    parts = []
    while (part := plan.take()) is not None:
        parts.append(part)
    assert parts == sorted(parts)
    position, missing = 0, 0
    for start, end in sorted([*whole, *parts]):
        assert start <= position  # nothing is left out
        position = max(position, end)
    assert position == size
    is_there = begun == size - 1 and parts == [(size - 1, size)]  # the last byte, which asks the server
    for start, end in parts:
        missing += end - start
        assert is_there or not any(start < other_end and other < end for other, other_end in whole)
    assert begun + missing == size


def test_a_part_that_was_given_back_is_taken_again() -> None:
    plan = RangePlan(100, [], 4)
    assert plan.take() == (0, 100)
    plan.give_back(40, 100)
    plan.give_back(100, 100)
    assert plan.count == 1
    assert plan.take() == (40, 100)
    assert plan.take() is None


def test_a_size_that_cannot_be_is_not_split_at_once() -> None:
    plan = RangePlan(999_999_999_999_999_999, [(0, 5 * MIB)], 8)
    assert plan.count > 10**9
    assert plan.take() == (5 * MIB, 21 * MIB)


def test_where_nothing_is_missing_the_server_is_asked_nevertheless() -> None:
    plan = RangePlan(100, [(0, 60), (60, 100)], 4)
    assert (plan.received, plan.count) == (99, 1)
    assert plan.take() == (99, 100)


@pytest.mark.parametrize(
    ("left", "received", "seconds", "worth"),
    [
        (1000 * MIB, 4 * MIB, 0.1, True),  # 40 MiB/s
        (LEAST_LEFT - 1, 4 * MIB, 10.0, False),  # a small file
        (1000 * MIB, 1 * MIB, 10.0, False),  # not measured long enough
        (40 * MIB, 4 * MIB, 0.1, False),  # a second is not worth it
        (10_000 * MIB, 400 * MIB, 1.0, False),  # as fast as can be read
        (1000 * MIB, 4 * MIB, 0.0, False),
    ],
)
def test_when_parts_are_worth_it(left: int, received: int, seconds: float, worth: bool) -> None:
    assert is_worth_it(left, received, seconds) is worth


@pytest.mark.parametrize(
    ("content", "without_hash", "with_hash"),
    [
        (ContentInfo(0, 9, '"a"', None, has_ranges=True), True, True),
        (ContentInfo(0, 9, None, None, has_ranges=True), False, True),
        (ContentInfo(0, 9, '"a"', None), False, False),
        (ContentInfo(0, None, '"a"', None, has_ranges=True), False, False),
        (ContentInfo(0, 9, '"a"', None, is_encoded=True, has_ranges=True), False, False),
    ],
)
def test_what_can_be_split(content: ContentInfo, without_hash: bool, with_hash: bool) -> None:
    assert can_be_split(content, is_proved=False) is without_hash
    assert can_be_split(content, is_proved=True) is with_hash
