"""A walk by offset keeps up with a list that grows with every request, and comes to an end."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud.errors import UnexpectedResponse
from tests.unit.http.test_pages import Entry, Server, new_walk, walk_all


class GrowingServer(Server):
    """Before each request but the first, `arrivals()` entries are put on top of the list."""

    arrivals: Callable[[], int]

    def fetch(self, offset: int, limit: int) -> list[Entry]:
        if self.throughout is not None:
            for _ in range(self.arrivals()):
                top = self.entries[0].key if self.entries else 0.0
                self.entries.insert(0, self.entry(top + 1, self.entries[0].instant is not None))
        return super().fetch(offset, limit)


def growing(count: int, arrivals: Callable[[], int], *, is_dated: bool = True, cap: int = 10_000) -> Server:
    server = GrowingServer.of([is_dated] * count, cap=cap)
    assert isinstance(server, GrowingServer)
    server.arrivals = arrivals
    return server


def requests_for(count: int, page_size: int) -> int:
    server = Server.of([True] * count, cap=10_000)
    walk_all(server, new_walk(page_size), most=20_000)
    return server.requests


def check(server: Server, page_size: int) -> None:
    first = list(server.entries)
    taken = walk_all(server, new_walk(page_size), most=20_000)
    known = set(first)
    assert [entry for entry in taken if entry in known] == first
    assert len({entry.id for entry in taken}) == len(taken)
    assert server.requests <= 3 * requests_for(len(first), page_size) + 12


@settings(max_examples=100, deadline=None)
@given(
    count=st.one_of(st.integers(0, 15), st.integers(0, 400)),
    page_size=st.one_of(st.integers(2, 12), st.sampled_from((50, 199, 200, 1000))),
    arrivals=st.integers(1, 5),
    is_dated=st.booleans(),
)
def test_entries_that_arrive_with_every_request(
    count: int, page_size: int, arrivals: int, is_dated: bool
) -> None:
    check(growing(count, lambda: arrivals, is_dated=is_dated), page_size)


@settings(max_examples=100, deadline=None)
@given(
    count=st.one_of(st.integers(0, 15), st.integers(0, 400)),
    page_size=st.integers(2, 12),
    most=st.integers(1, 5),
    seed=st.integers(0, 1000),
)
def test_entries_that_arrive_now_and_then(count: int, page_size: int, most: int, seed: int) -> None:
    random = Random(seed)
    check(growing(count, lambda: random.randint(0, most)), page_size)


@pytest.mark.parametrize("page_size", [2, 7, 200, 1000])
@pytest.mark.parametrize("arrivals", [1, 5])
def test_a_long_list(page_size: int, arrivals: int) -> None:
    check(growing(5000, lambda: arrivals), page_size)


@pytest.mark.parametrize(("count", "requests"), [(1, 8), (2, 8), (50, 6), (200, 6), (1000, 11)])
def test_the_end_costs_a_few_requests_more(count: int, requests: int) -> None:
    server = growing(count, lambda: 1)
    assert len(walk_all(server, new_walk(200))) == count
    assert server.requests == requests


def test_pages_stay_as_large_as_asked_for_while_they_make_progress() -> None:
    server = growing(500, lambda: 5)
    walk = new_walk(20)
    while (request := walk.next_request()) is not None:
        assert request[1] == 20
        walk.feed(server.fetch(*request))


def test_a_server_with_smaller_pages_than_arrivals_is_not_read_for_ever() -> None:
    """It never shows the next entry; that is an error, and no end of the list."""
    server = growing(40, lambda: 3, cap=3)
    with pytest.raises(UnexpectedResponse):
        walk_all(server, new_walk(10))
