"""The promise of the page walks, tested with a list that changes between any two requests."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comfy_cloud.errors import ConfigurationError, UnexpectedResponse
from comfy_cloud.pages import OffsetWalk


@dataclass(frozen=True)
class Entry:
    """`key` is the true position in the list, greatest first. Servers need not show it."""

    id: str
    key: float
    instant: float | None


@dataclass(frozen=True)
class Change:
    """A change of the list between two requests. `position` is a fraction of its length."""

    kind: str
    position: float = 0.0
    count: int = 0
    dated: bool = True


@dataclass
class Server:
    """A list served by offset, at most `cap` entries at a time.

    Before each request it changes by the next of `changes`.
    """

    entries: list[Entry]
    cap: int
    tie: float = 1.0
    changes: list[list[Change]] = field(default_factory=list)
    lengths: Callable[[int], int] | None = None
    requests: int = 0
    requests_in_quiet: int = 0
    farthest: int = 0
    made: int = 0
    throughout: set[str] | None = None

    def fetch(self, offset: int, limit: int) -> list[Entry]:
        if self.throughout is None:
            self.throughout = {entry.id for entry in self.entries}
        elif self.changes:
            for change in self.changes.pop(0):
                self.apply(change)
            self.throughout &= {entry.id for entry in self.entries}
        self.requests += 1
        self.requests_in_quiet += not self.changes
        self.farthest = max(self.farthest, offset)
        page = self.entries[offset : offset + min(limit, self.cap)]
        return page if self.lengths is None else page[: self.lengths(offset)]

    def apply(self, change: Change) -> None:
        position = round(change.position * len(self.entries))
        match change.kind:
            case "insert":
                above = self.entries[position - 1].key if position else None
                below = self.entries[position].key if position < len(self.entries) else None
                top = above if above is not None else (below or 0.0) + 1000.0
                bottom = below if below is not None else top - 1000.0
                step = (top - bottom) / (change.count + 1)
                keys = [top - step * number for number in range(1, change.count + 1)]
                self.entries[position:position] = [self.entry(key, change.dated) for key in keys]
            case "delete":
                del self.entries[position : position + change.count]
            case "delete before":
                del self.entries[max(0, position - change.count) : position]
            case "keep one in":
                self.entries = self.entries[:: max(change.count, 1)]
            case _:
                self.entries = []

    def entry(self, key: float, dated: bool) -> Entry:
        self.made += 1
        instant = float(math.floor(key / self.tie)) if dated else None
        return Entry(f"{self.made}", key, instant)

    @classmethod
    def of(cls, dated: Iterable[bool], *, cap: int, tie: float = 1.0, **rest: Any) -> Server:
        server = cls([], cap, tie, **rest)
        flags = list(dated)
        server.entries = [server.entry(float(len(flags) - index), flag) for index, flag in enumerate(flags)]
        return server


def walk_all(server: Server, walk: OffsetWalk[Entry], most: int = 5000) -> list[Entry]:
    taken: list[Entry] = []
    while (request := walk.next_request()) is not None:
        assert server.requests < most, "the walk does not come to an end"
        taken += walk.feed(server.fetch(*request))
    return taken


def ids(entries: Sequence[Entry]) -> list[str]:
    return [entry.id for entry in entries]


def new_walk(page_size: int, overlap: int | None = None, memory: int | None = None) -> OffsetWalk[Entry]:
    return OffsetWalk(page_size, lambda entry: entry.id, lambda entry: entry.instant, overlap, memory)


positions = st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1))
changes = st.one_of(
    st.builds(Change, st.just("insert"), positions, st.integers(1, 40), st.booleans()),
    st.builds(Change, st.sampled_from(("delete", "delete before")), positions, st.integers(1, 40)),
    st.builds(Change, st.just("keep one in"), count=st.integers(2, 5)),
    st.just(Change("delete all")),
)


@st.composite
def drifting(draw: st.DrawFn) -> tuple[Server, OffsetWalk[Entry], int]:
    page_size = draw(st.integers(1, 9))
    overlap = draw(st.integers(1, max(page_size, 2) - 1))
    memory = draw(st.integers(1, 12))
    server = Server.of(
        draw(st.lists(st.sampled_from((True, True, True, False)), max_size=60)),
        cap=draw(st.integers(2, 10)),
        tie=draw(st.sampled_from((0.001, 1.0, 3.0, 20.0, 1e9))),
        changes=draw(st.lists(st.lists(changes, max_size=3), max_size=25)),
    )
    return server, new_walk(page_size, overlap, memory), memory


def check_the_promise(server: Server, walk: OffsetWalk[Entry], memory: int) -> None:
    _, page = walk.next_request() or (0, 0)
    taken = walk_all(server, walk)

    assert len(set(ids(taken))) == len(taken), "an entry was yielded twice"
    throughout = server.throughout or set()
    missing = throughout - set(ids(taken))
    assert not missing, "an entry that was there throughout was lost"
    survivors = [entry for entry in taken if entry.id in throughout]
    assert survivors == sorted(survivors, key=lambda entry: -entry.key), "the order of the list was not kept"

    # Once the list is quiet: back to the frontier in doubling steps, then forward by at least
    # half a page each time.
    forward = len(server.entries) / (min(page, server.cap) / 2)
    back = 2 * math.log2(server.farthest + 2)
    assert server.requests_in_quiet <= forward + 2 * back + 6

    undated = sum(entry.instant is None for entry in taken)
    instants = [entry.instant for entry in taken if entry.instant is not None]
    largest_tie = max((instants.count(instant) for instant in set(instants)), default=0)
    assert walk.remembered <= memory + undated + largest_tie


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drifting())
def test_nothing_is_lost_or_repeated_under_any_drift(case: tuple[Server, OffsetWalk[Entry], int]) -> None:
    check_the_promise(*case)


def seeded_change(random: Random, dated: float) -> Change:
    position = random.choice((0.0, 1.0, random.random(), random.random()))
    count = random.choice((1, 2, 3, 5, 10, random.randint(1, 60)))
    kind = random.choices(
        ("insert", "delete", "delete before", "keep one in", "delete all"), (40, 23, 22, 10, 5)
    )[0]
    return Change(
        kind, position, random.randint(2, 5) if kind == "keep one in" else count, random.random() < dated
    )


# Drifts in which only the finer rules keep an entry from being repeated: where a new entry is put
# into the memory, and when one may be an anchor.
HARD_SEEDS = (1011, 2010, 2262, 2478, 2987, 4559, 8430, 10213)


@pytest.mark.parametrize("seeds", [range(500), range(500, 1000), HARD_SEEDS], ids=["first", "second", "hard"])
def test_nothing_is_lost_or_repeated_in_seeded_drifts(seeds: Sequence[int]) -> None:
    """The same promise, with longer lists and drifts than those that Hypothesis prefers."""
    for seed in seeds:
        random = Random(seed)
        dated = random.choice((1.0, 1.0, 0.8, 0.3, 0.0))
        page_size = random.randint(1, 9)
        memory = random.randint(1, 12)
        server = Server.of(
            [random.random() < dated for _ in range(random.choice((5, 20, 60, 150)))],
            cap=random.randint(2, 10),
            tie=random.choice((0.001, 1.0, 3.0, 20.0, 1e9)),
            changes=[
                [seeded_change(random, dated) for _ in range(random.choice((0, 0, 1, 1, 2, 3)))]
                for _ in range(random.randint(0, 40))
            ],
        )
        walk = new_walk(page_size, random.randint(1, max(page_size, 2) - 1), memory)
        check_the_promise(server, walk, memory)


@settings(deadline=None)
@given(
    instants=st.lists(st.one_of(st.none(), st.integers(0, 5), st.just(math.nan)), max_size=80),
    page_size=st.integers(1, 12),
    cap=st.integers(1, 12),
    memory=st.integers(1, 5),
)
def test_a_quiet_list_is_read_whole_and_in_order(
    instants: list[float | None], page_size: int, cap: int, memory: int
) -> None:
    """Whatever the instants say: they need not be sorted as long as the list is quiet."""
    entries = [Entry(f"{index}", 0.0, instant) for index, instant in enumerate(instants)]
    server = Server(entries, cap)
    walk = new_walk(page_size, memory=memory if cap > 1 else None)
    assert walk_all(server, walk) == entries


@settings(deadline=None)
@given(
    instants=st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=1, max_size=60),
    page_size=st.integers(4, 12),
    bursts=st.lists(st.integers(0, 9), max_size=12),
)
def test_insertions_need_no_sorted_instants(
    instants: list[float | None], page_size: int, bursts: list[int]
) -> None:
    """A page that overlaps the one before is read by position alone."""
    entries = [Entry(f"{index}", 0.0, instant) for index, instant in enumerate(instants)]
    changes = [[Change("insert", 0.0, burst)] for burst in bursts]
    server = Server(list(entries), 100, changes=changes, tie=1.0, made=1000)
    taken = [entry for entry in walk_all(server, new_walk(page_size)) if entry in entries]
    assert taken == entries


@settings(deadline=None)
@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=12),
    count=st.integers(0, 50),
    page_size=st.integers(1, 9),
)
def test_a_server_with_short_pages_in_the_middle_is_read_whole(
    lengths: list[int], count: int, page_size: int
) -> None:
    server = Server.of([True] * count, cap=100, lengths=lambda offset: lengths[offset % len(lengths)])
    expected = list(server.entries)
    assert walk_all(server, new_walk(page_size)) == expected


def test_an_empty_list_takes_one_request() -> None:
    server = Server([], 10)
    assert walk_all(server, new_walk(10)) == []
    assert server.requests == 1


@pytest.mark.parametrize(("count", "requests"), [(1, 2), (50, 3), (200, 3), (390, 3), (1000, 7)])
def test_overlap_and_proof_cost_few_requests(count: int, requests: int) -> None:
    server = Server.of([True] * count, cap=1000)
    assert len(walk_all(server, new_walk(200))) == count
    assert server.requests == requests


def test_a_short_page_alone_is_not_the_end() -> None:
    walk = new_walk(4)
    first = [Entry("a", 4, 4), Entry("b", 3, 3)]
    assert walk.feed(first) == first
    assert walk.next_request() == (1, 4), "two entries of four: the server may cap its pages"
    assert walk.feed([first[1], Entry("c", 2, 2)]) == [Entry("c", 2, 2)]


def test_an_empty_page_alone_is_not_the_end() -> None:
    """Between the requests all entries before the frontier were deleted, and others moved up."""
    server = Server.of([True] * 8, cap=4, changes=[[Change("delete", 0.0, 4)]])
    taken = walk_all(server, new_walk(4))
    assert ids(taken) == [str(number) for number in range(1, 9)]


def test_after_a_page_that_skipped_entries_the_walk_steps_back() -> None:
    walk = new_walk(4)
    entries = [Entry(str(number), -number, -number) for number in range(20)]
    walk.feed(entries[:4])
    assert walk.next_request() == (3, 4)
    assert walk.feed(entries[7:11]) == [], "four were deleted: this page lies beyond the frontier"
    assert walk.next_request() == (2, 4)
    assert walk.feed(entries[6:10]) == []
    assert walk.next_request() == (0, 4)
    assert walk.feed(entries[4:8]) == entries[4:8]


def test_a_page_without_a_link_is_trusted_after_three_more_attempts() -> None:
    """Entries without instants, short pages: nothing shows whether some were deleted between."""
    walk = new_walk(4)
    first, second, third = ([Entry(name, 0, None) for name in names] for names in ("abcd", "de", "xy"))
    assert walk.feed(first) == first
    assert walk.next_request() == (3, 4)
    assert walk.feed(second) == second[1:]
    for _ in range(3):
        assert walk.next_request() == (5, 4)
        assert walk.feed(third) == []
        assert walk.next_request() == (4, 4)
        assert walk.feed(second[1:]) == []
    assert walk.next_request() == (5, 4)
    assert walk.feed(third) == third


def test_entries_deleted_behind_a_short_page_are_not_lost() -> None:
    lengths = iter([5, 3])
    server = Server.of(
        [False] * 20, cap=5, changes=[[], [Change("delete", 0.0, 2)]], lengths=lambda offset: next(lengths, 5)
    )
    taken = walk_all(server, new_walk(5))
    assert ids(taken) == [str(number) for number in range(1, 21)]


def test_many_new_entries_on_top_cause_no_repeats() -> None:
    server = Server.of([True] * 100, cap=10, changes=[[], [], [Change("insert", 0.0, 500)]])
    expected = list(server.entries)
    assert walk_all(server, new_walk(10)) == expected


def test_memory_does_not_grow_with_the_list() -> None:
    count, limit = 100_000, 200
    walk = new_walk(limit)
    yielded = most = 0
    while (request := walk.next_request()) is not None:
        offset, size = request
        numbers = range(offset, min(offset + size, count))
        yielded += len(walk.feed([Entry(f"{number}", -number, -number) for number in numbers]))
        most = max(most, walk.remembered)
    assert yielded == count
    assert most == 2000


def test_only_entries_without_an_instant_are_always_remembered() -> None:
    server = Server.of([number % 10 > 0 for number in range(3000)], cap=100)
    walk = new_walk(100, memory=150)
    assert len(walk_all(server, walk)) == 3000
    assert walk.remembered <= 150 + 300


def test_an_entry_twice_on_a_page_is_yielded_once() -> None:
    walk = new_walk(4)
    entry = Entry("a", 1, 1)
    assert walk.feed([entry, entry]) == [entry]


def test_a_finished_walk_takes_no_page() -> None:
    walk = new_walk(4)
    assert walk.feed([]) == []
    assert walk.next_request() is None
    with pytest.raises(RuntimeError, match="over"):
        walk.feed([])


@pytest.mark.parametrize(
    ("arguments", "fix"),
    [
        ({"page_size": 0}, "1 or more entries"),
        ({"page_size": 5, "overlap": 0}, "use 1 to 4"),
        ({"page_size": 5, "overlap": 5}, "use 1 to 4"),
        ({"page_size": 5, "memory": 0}, "1 or more ids"),
    ],
)
def test_invalid_sizes_are_refused(arguments: dict[str, int], fix: str) -> None:
    with pytest.raises(ConfigurationError, match=fix):
        new_walk(**arguments)


def test_a_page_by_offset_without_more_is_the_last_one() -> None:
    walk = new_walk(4)
    entries = [Entry("a", 4, 4), Entry("b", 3, 3)]
    assert walk.feed(entries, False) == entries
    assert walk.next_request() is None


def test_a_page_beyond_the_frontier_is_never_the_last_one() -> None:
    walk = new_walk(4)
    entries = [Entry(str(number), -number, -number) for number in range(11)]
    walk.feed(entries[:4], True)
    assert walk.feed(entries[7:], False) == [], "four were deleted: this page lies beyond the frontier"
    assert walk.next_request() == (2, 4)


def read_numbers(walk: OffsetWalk[int], serve: Callable[[int], Sequence[int]]) -> None:
    while (request := walk.next_request()) is not None:
        walk.feed(serve(request[0]))


def test_a_server_that_ignores_the_offset_is_detected() -> None:
    walk = OffsetWalk[int](5, identity=str, instant=lambda number: None)
    with pytest.raises(UnexpectedResponse, match="does not page by offset"):
        read_numbers(walk, lambda offset: [5, 4, 3, 2, 1])
    assert walk.next_request() is None


def test_a_server_with_only_one_page_is_detected() -> None:
    walk = OffsetWalk[int](5, identity=str, instant=float)
    with pytest.raises(UnexpectedResponse, match="does not page by offset"):
        read_numbers(walk, lambda offset: [] if offset else [5, 4, 3, 2, 1])
