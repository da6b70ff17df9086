"""Comparing a response with its shape: what is found, which parts are checked, what is shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._http.response_shapes import Shape, compare, seen_form, seen_in, shape_of, shown_name

THING: dict[str, Any] = {
    "types": ("object",),
    "fields": {
        "id": {"types": ("string",)},
        "state": {"types": ("string",), "words": ("new", "old")},
        "size": {"types": ("integer",), "null": True},
        "weight": {"types": ("number",)},
        "made": {"types": ("string",), "instant": True},
        "on": {"types": ("boolean",)},
        "any": None,
        "parts": {"types": ("array",), "items": {"ref": "Part"}},
        "by_name": {"types": ("object",), "values": {"types": ("integer",)}},
    },
    "required": ("id", "any"),
}
SCHEMAS: dict[str, Any] = {
    "Part": {
        "types": ("object",),
        "fields": {"name": {"types": ("string",)}, "part": {"ref": "Part"}},
        "required": ("name",),
        "open": True,
    }
}
GOOD: dict[str, Any] = {
    "id": "1",
    "state": "new",
    "size": None,
    "weight": 1,
    "made": "2026-11-23T12:00:00Z",
    "on": True,
    "any": None,
    "parts": [{"name": "a", "part": {"name": "b"}, "more": 1}],
    "by_name": {"x": 1},
}


def shape(table: Any = THING) -> Shape:
    found = shape_of(table, SCHEMAS, "GET /things", "")
    assert found is not None
    return found


def found_in(value: Any, table: Any = THING, turn: int = 0) -> list[tuple[str, str, Any]]:
    notes: list[tuple[str, str, Any]] = []
    compare(shape(table), value, turn, lambda place, kind, seen: notes.append((place.path, kind, seen)))
    return notes


def test_a_response_as_the_contract_says() -> None:
    assert found_in(GOOD) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"state": "odd"}, ("state", "unknown word", "odd")),
        ({"state": 3}, ("state", "type", 3)),
        ({"state": None}, ("state", "null", None)),
        ({"id": None}, ("id", "null", None)),
        ({"id": 1}, ("id", "type", 1)),
        ({"size": "1"}, ("size", "type", "1")),
        ({"size": 1.0}, ("size", "type", 1.0)),
        ({"size": True}, ("size", "type", True)),
        ({"weight": True}, ("weight", "type", True)),
        ({"on": 1}, ("on", "type", 1)),
        ({"made": "yesterday"}, ("made", "instant", "yesterday")),
        ({"made": "2026-11-23T12:00:00"}, ("made", "instant", "2026-11-23T12:00:00")),
        ({"parts": {}}, ("parts", "type", {})),
        ({"parts": [{"name": 1}]}, ("parts[].name", "type", 1)),
        ({"parts": [{}]}, ("parts[]", "missing field", "name")),
        ({"parts": [{"name": "a", "part": {}}]}, ("parts[].part", "missing field", "name")),
        ({"by_name": {"x": "1"}}, ("by_name.*", "type", "1")),
        ({"color": "red"}, ("", "unknown field", "color")),
    ],
)
def test_each_kind_is_found_at_its_path(change: dict[str, Any], expected: tuple[str, str, Any]) -> None:
    assert found_in({**GOOD, **change}) == [expected]


def test_a_field_of_any_type_is_only_checked_for_its_presence() -> None:
    assert found_in({name: value for name, value in GOOD.items() if name != "any"}) == [
        ("", "missing field", "any")
    ]
    assert found_in({**GOOD, "any": [1, {"x": None}]}) == []


def test_whole_numbers_beyond_64_bits_are_whole() -> None:
    assert found_in({**GOOD, "size": 1.8e19}) == []
    assert found_in({**GOOD, "size": 1e3}) == [("size", "type", 1e3)]


def test_a_response_of_another_type() -> None:
    assert found_in([]) == [("", "type", [])]
    assert found_in(None) == [("", "null", None)]


def test_a_schema_that_contains_itself_is_followed_to_some_depth() -> None:
    value: dict[str, Any] = {}
    for _ in range(100):
        value = {"name": "a", "part": value}
    assert found_in(value, {"ref": "Part"}) == []
    assert shape_of({"ref": "Loop"}, {"Loop": {"ref": "Loop"}}, "GET /", "") is None


@pytest.mark.parametrize(("depth", "is_found"), [(1, True), (13, True), (14, False), (100, False)])
def test_a_fault_is_found_down_to_this_depth(depth: int, is_found: bool) -> None:
    value: dict[str, Any] = {"name": 1}
    for _ in range(depth):
        value = {"name": "a", "part": value}
    expected = [(".".join([*["part"] * depth, "name"]), "type", 1)]
    assert found_in(value, {"ref": "Part"}) == (expected if is_found else [])


LIST = {"types": ("array",), "items": {"types": ("integer",)}}
MAP = {"types": ("object",), "values": {"types": ("integer",)}}


def checked_positions(length: int, turn: int, table: Any) -> list[int]:
    """Which elements of a list or map are checked: each is a text with its position."""
    values = [str(position) for position in range(length)]
    value = values if table is LIST else dict(zip(values, values, strict=True))
    return [int(seen) for _, _, seen in found_in(value, table, turn)]


@pytest.mark.parametrize("table", [LIST, MAP])
def test_short_lists_are_checked_completely_and_long_ones_in_part(table: Any) -> None:
    assert checked_positions(20, 7, table) == list(range(20))
    assert checked_positions(65, 0, table) == [0, 20, 40, 60]
    assert checked_positions(65, 3, table) == [0, 3, 23, 43, 63]
    assert checked_positions(21, 20, table) == [0, 20]


@given(st.integers(21, 200), st.sampled_from([LIST, MAP]))
def test_in_twenty_responses_every_position_is_checked(length: int, table: Any) -> None:
    seen = {position for turn in range(20) for position in checked_positions(length, turn, table)}
    assert seen == set(range(length))


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from([*THING["fields"], "name", "part", "x"]), inner, max_size=6),
    ),
)


@given(JSON, st.integers(0, 50))
def test_no_value_raises(value: Any, turn: int) -> None:
    for table in (THING, LIST, MAP, {"ref": "Part"}):
        for _, kind, seen in found_in(value, table, turn):
            assert kind
            assert seen_in(seen)


def test_the_expected_value_in_words() -> None:
    assert shape(THING["fields"]["state"]).expected == "one of new, old"
    assert shape(THING["fields"]["size"]).expected == "a whole number, or null"
    assert shape({"types": ("string", "object")}).expected == "text or an object"
    assert shape(THING["fields"]["made"]).expected == "an instant as in RFC 3339"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "true"),
        (3, "the number 3"),
        (1.5, "the number 1.5"),
        ("success", "'success'"),
        ("", "empty text"),
        ("a lighthouse at night", "text of 21 characters"),
        ("a" * 33, "text of 33 characters"),
        ("\x1b[31m", "text of 5 characters"),
        ([], "an empty list"),
        ([1, 2], "a list of 2"),
        ({}, "an empty object"),
        ({"a": 1}, "an object with 1 fields"),
    ],
)
def test_a_value_in_words_reveals_nothing_that_users_wrote(value: Any, words: str) -> None:
    assert seen_in(value) == words


def test_forms_and_names() -> None:
    assert seen_form("2026-11-23 12:00") == "text like '9999-99-99 99:99'"
    assert seen_form("Café 3") == "text like 'aaaa 9'"
    assert seen_form("a" * 41) == "text of 41 characters"
    assert seen_form("\x1b") == "text of 1 characters"
    assert (shown_name("queue_reason"), shown_name("my secret plan"), shown_name("")) == (
        "queue_reason",
        "?",
        "?",
    )
