"""Single values from JSON that may be anything."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._lenient import count_in, field_in, id_in, ids_in, media_type_in, number_in, text_in


@pytest.mark.parametrize(
    ("value", "text", "id_", "number", "count"),
    [
        ("a", "a", "a", 0, None),
        ("", None, None, 0, None),
        (None, None, None, 0, None),
        (7, None, "7", 7, 7),
        (0, None, "0", 0, 0),
        (-1, None, "-1", -1, None),
        (2.5, None, None, 2.5, 2),
        (True, None, None, 0, None),
        (math.inf, None, None, math.inf, None),
        ([1], None, None, 0, None),
        ({"a": 1}, None, None, 0, None),
    ],
)
def test_each_reader(
    value: object, text: str | None, id_: str | None, number: float, count: int | None
) -> None:
    assert (text_in(value), id_in(value), number_in(value), count_in(value)) == (text, id_, number, count)


def test_nan_is_a_number_but_not_a_count() -> None:
    assert math.isnan(number_in(math.nan))
    assert count_in(math.nan) is None


def test_ids_are_text_without_repeats() -> None:
    assert ids_in(["4", 5, "4", None, "", True, [6], 2.0]) == ("4", "5")
    assert ids_in(("a", "b")) == ("a", "b")
    assert ids_in("ab") == ids_in(None) == ids_in({"a": 1}) == ()


def test_a_field_of_whatever_has_get() -> None:
    assert field_in({"a": 1}, "a") == 1
    assert field_in({"a": 1}, "b") is None
    assert field_in(["a"], "a") is None
    assert field_in(None, "a") is None


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
def test_nothing_raises(value: object) -> None:
    for reader in (text_in, id_in, ids_in, number_in, count_in):
        reader(value)
    field_in(value, "a")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("application/json", "application/json"),
        ("Text/HTML; charset=utf-8", "text/html"),
        (" text/plain ;x", "text/plain"),
        ("", ""),
        (None, ""),
    ],
)
def test_the_media_type_of_a_content_type(header: str | None, expected: str) -> None:
    assert media_type_in(header) == expected
