"""Steps come out by their instants, also after one was taken out of the middle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud_emulator.engine.step_heap import StepHeap


class Step:
    """A step that is equal to itself only."""


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.data())
def test_the_others_stay_in_order_when_one_is_taken_out(dues: list[int], data: st.DataObject) -> None:
    heap: StepHeap[Step] = StepHeap()
    added = [(due, Step()) for due in dues]
    for due, step in added:
        heap.add(step, due)
    gone = data.draw(st.sampled_from(added))
    assert heap.take_out(gone[1]) == gone[0]
    assert heap.take_out(gone[1]) is None
    left = sorted((each for each in added if each is not gone), key=lambda each: each[0])
    assert heap.first_due == (left[0][0] if left else None)
    assert [(each.due, each.step) for each in (heap.pop() for _ in left)] == left


def test_the_middle_of_a_heap() -> None:
    heap: StepHeap[int] = StepHeap()
    steps = list(range(10_000, 10_007))
    for step, due in zip(steps, (1, 9, 2, 10, 11, 3, 4), strict=True):
        heap.add(step, due)
    assert heap.take_out(steps[3]) == 10
    assert [heap.pop().due for _ in range(6)] == [1, 2, 3, 4, 9, 11]
    with pytest.raises(IndexError):
        heap.pop()
