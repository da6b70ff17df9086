"""What `random` draws, with and without an idempotency key."""

from __future__ import annotations

from comfy_cloud.cli._runs.seeds import CellSeeds, seed_source


def test_a_key_gives_the_same_seeds_in_the_same_order() -> None:
    one, again, other = seed_source("a"), seed_source("a"), seed_source("b")
    drawn = [one(0, 2**64 - 1) for _ in range(5)]
    assert drawn == [again(0, 2**64 - 1) for _ in range(5)]
    assert len({*drawn, other(0, 2**64 - 1)}) == 6
    assert {one(3, 5) for _ in range(50)} == {3, 4, 5}
    assert one(7, 7) == 7


def test_without_a_key_seeds_are_new() -> None:
    assert seed_source(None)(0, 2**64 - 1) != seed_source(None)(0, 2**64 - 1)


def test_a_cell_keeps_its_seeds_among_others() -> None:
    few, many = CellSeeds("a"), CellSeeds("a")
    five = few.source({"3.cfg": "5"})(0, 2**64 - 1)
    six = many.source({"3.cfg": "6"})(0, 2**64 - 1)
    assert many.source({"3.cfg": "5"})(0, 2**64 - 1) == five != six
    assert many.source({"3.cfg": "5"})(0, 2**64 - 1) != five
