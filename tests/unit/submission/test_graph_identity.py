"""When two graphs are the same: a server's JSON may change some values, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud import ConfigurationError
from comfy_cloud._submission.graph_identity import (
    exact_digest,
    graph_digest,
    has_digest,
    is_same_graph,
    nodes_of,
)

GRAPH: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png", "scale": 2.0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}, "_meta": {"title": "Save"}},
}


def with_value(value: object) -> dict[str, Any]:
    return {"1": {"class_type": "A", "inputs": {"value": value}}}


def are_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether both rules call them the same; they must agree."""
    found = is_same_graph(one, other)
    assert found == (graph_digest(one) == graph_digest(other))
    assert found == is_same_graph(other, one)
    assert found == has_digest(one, graph_digest(other))
    return found


def test_order_and_notes_do_not_count() -> None:
    reordered = {
        "2": {"inputs": {"images": ["1", 0]}, "class_type": "SaveImage", "_meta": {}, "is_changed": ["x"]},
        "1": {"class_type": "LoadImage", "inputs": {"scale": 2.0, "image": "a.png"}},
    }
    assert are_same(GRAPH, reordered)


def test_missing_inputs_are_no_inputs() -> None:
    bare: dict[str, Any] = {"1": {"class_type": "A"}}
    assert are_same(bare, {"1": {"class_type": "A", "inputs": {}}})
    assert are_same(bare, {"1": {"class_type": "A", "inputs": None}})


@pytest.mark.parametrize(
    ("sent", "returned"),
    [
        (2.0, 2),
        (-0.0, 0),
        (1e22, 10**22),
        ([1.0, {"deep": 3.0}], [1, {"deep": 3}]),
        # A 64-bit float holds 53 bits: as Go and JavaScript write the integer, and as Python does.
        (2**64 - 1, 18446744073709552000),
        (2**64 - 1, 2.0**64),
        (2**53 + 1, 2**53),
        (-(2**60) - 1, -(2**60)),
        ("Grüße 🐈", json.loads('"Gr\\u00fc\\u00dfe \\ud83d\\udc08"')),
    ],
)
def test_what_a_servers_json_changes_is_the_same(sent: object, returned: object) -> None:
    assert are_same(with_value(sent), with_value(returned))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (True, 1),
        (True, 1.0),
        (False, 0),
        (False, None),
        (None, 0),
        (None, ""),
        (2, "2"),
        (2, 2.5),
        (2, 3),
        (2**53 - 1, 2**53),
        ([1, 2], [2, 1]),
        ([True], [1]),
        ({"deep": True}, {"deep": 1}),
        ("a", "A"),
        ("", " "),
        (["1", 0], ["1", 1]),
    ],
)
def test_what_makes_another_image_is_not_the_same(one: object, other: object) -> None:
    assert not are_same(with_value(one), with_value(other))


@pytest.mark.parametrize(
    "changed",
    [
        {"1": {"class_type": "Load", "inputs": {"image": "a.png", "scale": 2}}},
        {"1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}},
        {"1": {"class_type": "LoadImage", "inputs": {"image": "a.png", "scale": 2, "more": None}}},
        {"3": {"class_type": "A", "inputs": {}}},
        {"2": None},
        {"2": {}},
    ],
)
def test_other_nodes_are_another_graph(changed: dict[str, Any]) -> None:
    assert not are_same({**GRAPH, **changed}, GRAPH)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def as_float64(value: Any) -> Any:
    """A value as it comes back from a server that stores every number as a 64-bit float."""
    if isinstance(value, bool) or not isinstance(value, (int, float, list, dict)):
        return value
    if isinstance(value, list):
        return [as_float64(part) for part in value]
    if isinstance(value, dict):
        return {key: as_float64(part) for key, part in value.items()}
    number = float(value)
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


@given(JSON)
def test_a_graph_that_came_back_is_recognised(value: object) -> None:
    sent = with_value(value)
    assert are_same(sent, json.loads(json.dumps(sent)))
    assert are_same(sent, json.loads(json.dumps(as_float64(sent))))


def test_digests_in_journals_are_recognised_for_ever() -> None:
    assert graph_digest(GRAPH) == "71cabee94378621f46f786068fb8d8f571391d0a"
    large = {**GRAPH, "1": {"class_type": "LoadImage", "inputs": {"image": "a.png", "scale": 2**64 - 1}}}
    # What versions wrote that did not round: the same job must be recognised when a map is resumed.
    assert has_digest(large, "a85a1e61417bd127d1ddd3e16b87703a9b142e64")
    assert graph_digest(large) != "a85a1e61417bd127d1ddd3e16b87703a9b142e64"
    assert not has_digest(GRAPH, "a85a1e61417bd127d1ddd3e16b87703a9b142e64")


def test_an_exact_digest_keeps_every_digit() -> None:
    assert exact_digest(nodes_of(with_value(2**60))) != exact_digest(nodes_of(with_value(2**60 + 1)))
    assert exact_digest(nodes_of(with_value(2.0))) == exact_digest(nodes_of(with_value(2)))
    assert exact_digest([True]) != exact_digest([1])


def nested(depth: int) -> object:
    value: object = "x"
    for _ in range(depth):
        value = [value]
    return value


def test_a_graph_of_any_depth_can_be_compared() -> None:
    assert are_same(with_value(nested(100)), with_value(nested(100)))
    assert not are_same(with_value(nested(100)), with_value(nested(99)))
    assert not are_same(with_value(nested(100)), with_value(nested(50_000)))


def test_numbers_of_any_size_can_be_compared() -> None:
    assert not are_same(with_value(10**400), with_value(1))
    assert are_same(with_value(10**400), with_value(10**400))


def test_a_local_file_has_no_graph_digest() -> None:
    with pytest.raises(ConfigurationError, match=r"contains a \w*Path, which cannot be written as JSON"):
        graph_digest(with_value(Path("a.png")))
