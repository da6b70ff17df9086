"""Rows, and the same for other libraries."""

from __future__ import annotations

import sys

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud.mirror.results import Rows


def test_rows_are_dicts_in_order() -> None:
    rows = Rows(["id", "n"], [("a", 1), ("b", None)])
    assert rows.to_dicts() == list(rows) == [{"id": "a", "n": 1}, {"id": "b", "n": None}]
    assert (rows[-1], rows[:1].to_dicts(), rows.column("n")) == (
        {"id": "b", "n": None},
        [{"id": "a", "n": 1}],
        [1, None],
    )
    assert repr(rows) == "<2 rows of id, n>"
    assert repr(Rows(["id"], [("a",)], is_cut=True)) == "<1 row of id, more were left out>"


def test_columns_of_one_name_get_numbers() -> None:
    assert Rows(["id", "id", "id_2"], [(1, 2, 3)]).to_dicts() == [{"id": 1, "id_2": 2, "id_2_2": 3}]


def test_stored_text_comes_back() -> None:
    assert Rows(["t"], [("a\x1a0000b\x1ad800",)]).column("t") == ["a\x00b\ud800"]


def test_arrow_takes_every_value() -> None:
    columns = ["whole", "mixed", "large", "odd", "none", "float"]
    rows = Rows(columns, [(1, 1, 2**64, "\x1ad800", None, 1), (None, "x", 1, "b", None, 0.5)])
    assert rows.to_arrow().to_pydict() == {
        "whole": [1, None],
        "mixed": ["1", "x"],
        "large": [str(2**64), "1"],
        "odd": ["?", "b"],
        "none": [None, None],
        "float": [1.0, 0.5],
    }


@pytest.mark.parametrize(
    ("method", "package", "install"),
    [
        ("to_pandas", "pandas", "pip install pandas"),
        ("to_polars", "polars", "pip install polars"),
        ("to_arrow", "pyarrow", r"pip install 'comfy-cloud\[parquet\]'"),
    ],
)
def test_a_missing_package_is_named(
    method: str, package: str, install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigurationError, match=f"needs the package {package}: {install}"):
        getattr(Rows(["a"], [(1,)]), method)()
