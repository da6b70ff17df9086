"""Walks by cursor: their ends, and servers whose cursors never end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from comfy_cloud.errors import UnexpectedResponse
from comfy_cloud.pages import CursorWalk


def test_cursors_are_followed_to_the_end() -> None:
    walk = CursorWalk[int]("GET /api/things", identity=str)
    assert walk.next_request() == {}
    assert walk.feed([1, 2], "c1", True) == [1, 2]
    assert walk.next_request() == {"after": "c1"}
    assert walk.feed([], "c2", None) == [], "an empty page with a cursor is not the end"
    assert walk.next_request() == {"after": "c2"}
    assert walk.feed([3], None, False) == [3]
    assert walk.next_request() is None
    assert not walk.is_stranded
    with pytest.raises(RuntimeError, match="over"):
        walk.feed([], None)


def test_has_more_false_ends_the_walk_even_with_a_cursor() -> None:
    walk = CursorWalk[int]("GET /api/things", identity=str)
    walk.feed([1], "c1", False)
    assert walk.next_request() is None
    assert not walk.is_stranded


def test_more_without_a_cursor_leaves_the_walk_stranded() -> None:
    walk = CursorWalk[int]("GET /api/things", identity=str)
    assert walk.feed([1], None, True) == [1]
    assert walk.next_request() is None
    assert walk.is_stranded


def test_a_repeated_cursor_is_an_error() -> None:
    walk = CursorWalk[int]("GET /api/things", identity=str)
    walk.feed([1], "c1", True)
    walk.feed([2], "c2", True)
    with pytest.raises(UnexpectedResponse, match="same page cursor"):
        walk.feed([3], "c1", True)
    assert walk.next_request() is None


def feed_for_ever(walk: CursorWalk[int], items: Callable[[int], list[int]]) -> None:
    for number in range(1000):
        walk.feed(items(number), f"c{number}", True)


def test_empty_pages_with_ever_new_cursors_end_in_an_error() -> None:
    walk = CursorWalk[int]("GET /api/things", identity=str)
    with pytest.raises(UnexpectedResponse, match=r"GET /api/things.*empty pages") as failure:
        feed_for_ever(walk, lambda number: [])
    assert (failure.value.method, failure.value.path) == ("GET", "/api/things")
    assert walk.next_request() is None


def test_empty_pages_between_full_ones_are_no_error() -> None:
    walk = CursorWalk[int]("GET /api/things", identity=str)
    for number in range(300):
        items = [] if number % 50 else [number]
        assert walk.feed(items, f"c{number}") == items


@pytest.mark.parametrize("cycle", [1, 2, 3])
def test_the_same_pages_with_ever_new_cursors_end_in_an_error(cycle: int) -> None:
    walk = CursorWalk[int]("GET /api/things", identity=str)
    with pytest.raises(UnexpectedResponse, match=r"GET /api/things.*same page"):
        feed_for_ever(walk, lambda number: [number % cycle])
