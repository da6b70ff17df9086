"""Which page of the history is read next, and servers that never come to an end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from comfy_cloud import UnexpectedResponse
from comfy_cloud.mirror.history_walk import HistoryWalk

SIZE = 20
MOST_REQUESTS = 60


def requests(fetch: Callable[[int, int], list[str]]) -> int:
    """Walk to the end; returns how many requests that took."""
    walk = HistoryWalk(SIZE)
    sent = 0
    while (request := walk.next_request()) is not None:
        assert sent < MOST_REQUESTS, "it would go on for ever"
        walk.feed(fetch(*request))
        sent += 1
    return sent


def test_a_list_that_does_not_change() -> None:
    entries = [str(number) for number in range(100)]
    assert requests(lambda size, offset: entries[offset : offset + size]) == 7


def endless(sent: list[int]) -> list[Callable[[int, int], list[str]]]:
    def same(size: int, offset: int) -> list[str]:
        return [str(number) for number in range(size)]

    def one_more_each_time(size: int, offset: int) -> list[str]:
        sent.append(1)
        return [str(number) for number in range(len(sent) + size, len(sent), -1)]

    def in_turn(size: int, offset: int) -> list[str]:
        sent.append(1)
        return [f"{len(sent) % 2}-{number}" for number in range(size)]

    def only_the_first(size: int, offset: int) -> list[str]:
        return [] if offset else [str(number) for number in range(size)]

    return [same, one_more_each_time, in_turn, only_the_first]


@pytest.mark.parametrize("place", range(4))
def test_a_server_that_does_not_page_is_noticed(place: int) -> None:
    with pytest.raises(UnexpectedResponse, match="it does not page by offset"):
        requests(endless([])[place])
