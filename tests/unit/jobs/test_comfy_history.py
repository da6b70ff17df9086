"""Reading a self-hosted ComfyUI's history from its newest end, in windows."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from comfy_cloud._jobs.comfy_history import ComfyHistoryQuery, ComfyHistoryWalk
from comfy_cloud._jobs.entries import HistoryEntry

from .test_job_filter import entry, ids


class Server:
    """A history as this server keeps it: in the order in which jobs ended."""

    def __init__(self, entries: list[HistoryEntry]) -> None:
        self.entries = entries
        self.queries: list[ComfyHistoryQuery] = []
        self.sent = 0
        self.takes_offset = True

    def __call__(self, query: ComfyHistoryQuery) -> list[HistoryEntry]:
        self.queries.append(query)
        count = len(self.entries)
        start = query.offset if self.takes_offset else None
        if query.max_items is None:
            found = self.entries[start or 0 :]
        else:
            start = max(0, count - query.max_items) if start is None else start
            found = self.entries[start : start + query.max_items]
        self.sent += len(found)
        return found


def walked(server: Server, size: int, between: Callable[[], object] = lambda: None) -> list[str]:
    walk, found = ComfyHistoryWalk(size), []
    while (query := walk.next_request()) is not None:
        found += walk.feed(server(query))
        between()
        assert len(server.queries) < 200
    return ids(found)


def in_turn(count: int, *, are_dated: bool = True) -> list[HistoryEntry]:
    return [
        entry(f"{n}", 10 * n + 1, 10 * n + 5, created=10 * n if are_dated else None) for n in range(count)
    ]


@pytest.mark.parametrize("are_dated", [True, False])
@pytest.mark.parametrize("count", [0, 1, 2, 7, 8, 9, 40, 333])
def test_every_entry_once_newest_first(count: int, are_dated: bool) -> None:
    for size in (1, 2, 8, 1000):
        server = Server(in_turn(count, are_dated=are_dated))
        if size == 1 and count > 40:
            continue
        assert walked(server, size) == [f"{n}" for n in reversed(range(count))]
        # Each entry is sent once, besides the few that show where the newest ones begin.
        assert server.sent <= count + 20
        assert all(query.max_items is not None for query in server.queries)


def test_a_history_of_one_page_takes_one_request() -> None:
    server = Server(in_turn(7))
    walked(server, 8)
    assert server.queries == [(8, None)]


def test_jobs_put_in_front_are_sorted_by_their_creation_across_pages() -> None:
    """The last three of thirty jobs that waited overtook the others."""
    created = [*range(30)]
    order = [0, 29, 28, 27, *range(1, 27)]
    entries = [entry(f"{n}", 100 + at, 101 + at, created=created[n]) for at, n in enumerate(order)]
    for size in (2, 5, 29, 30, 31):
        assert walked(Server(entries), size) == [f"{n}" for n in reversed(created)]


def test_many_jobs_that_waited_together_take_few_requests() -> None:
    waited = [entry(f"{n}", 1000 + n, 1001 + n, created=n) for n in range(1000)]
    server = Server([*in_turn(2), *waited])
    walk = ComfyHistoryWalk(11)
    found: list[HistoryEntry] = []
    while not found and (query := walk.next_request()) is not None:
        found += walk.feed(server(query))
    assert found[0].id == "999"
    assert len(server.queries) < 30
    assert max(query.max_items or 9999 for query in server.queries) <= 200


def test_undated_entries_stay_in_the_order_of_their_end() -> None:
    entries = [entry("a", created=9), entry("b"), entry("c", created=1), entry("d", created=2)]
    for size in (2, 3, 4, 5):
        assert set(walked(Server(entries), size)) == {"a", "b", "c", "d"}
    assert walked(Server(entries), 5) == ["d", "c", "b", "a"]


def test_what_is_there_throughout_is_neither_lost_nor_repeated() -> None:
    for seed in range(50):
        chance = random.Random(seed)
        server = Server(in_turn(60))
        throughout = {each.id for each in server.entries}

        def change(
            server: Server = server,
            chance: random.Random = chance,
            throughout: set[str] = throughout,
        ) -> None:
            for _ in range(chance.randrange(3)):
                new = len(server.queries) * 10 + 1000 + chance.randrange(10**6)
                server.entries.append(entry(f"new {new}", new, new + 1, created=new))
            for _ in range(chance.randrange(4)):
                if server.entries:
                    throughout.discard(server.entries.pop(chance.randrange(len(server.entries))).id)

        found = walked(server, chance.choice([3, 8, 20]), change)
        assert len(found) == len(set(found))
        assert throughout <= set(found)


def test_a_server_that_ignores_offsets_is_read_as_a_whole() -> None:
    for size in (2, 8, 39):
        server = Server(in_turn(40))
        server.takes_offset = False
        assert walked(server, size) == [f"{n}" for n in reversed(range(40))]


def test_entries_that_cannot_be_read_do_not_end_the_walk() -> None:
    server = Server(in_turn(8))
    walk = ComfyHistoryWalk(4)
    query = walk.next_request()
    assert query is not None
    walk.feed(server(query)[1:], 4)
    assert walk.next_request() is not None


def test_feeding_a_walk_that_is_over() -> None:
    walk = ComfyHistoryWalk(4)
    assert walk.feed([]) == []
    assert walk.next_request() is None
    with pytest.raises(RuntimeError, match="over"):
        walk.feed([])


def test_a_window_without_an_entry_that_can_be_read_is_not_requested_again_and_again() -> None:
    walk, queries = ComfyHistoryWalk(8), []
    while (query := walk.next_request()) is not None:
        queries.append(query)
        walk.feed([], 8)  # of a server that ignores the parameters
        assert len(queries) < 10
    assert queries == [ComfyHistoryQuery(8, None), ComfyHistoryQuery(None, None)]
