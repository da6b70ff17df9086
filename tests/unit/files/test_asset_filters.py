"""Filters and orders of asset lists: what goes to the server, and what is refused before."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud.asset_filters import asset_instant, filter_query, hash_text, made_by, tag_count_query

HEX = "ab" * 32


def test_what_is_sent() -> None:
    found = filter_query(
        tags=("a", "b"),
        exclude_tags=["c"],
        name_contains="x",
        metadata={"k": 1},
        hash=HEX,
        job_ids=iter(["j"]),
    )
    assert found == {
        "include_tags": ["a", "b"],
        "exclude_tags": ["c"],
        "name_contains": "x",
        "metadata_filter": '{"k":1}',
        "hash_": f"blake3:{HEX}",
        "job_ids": ["j"],
        "include_public": False,
    }
    assert filter_query() == {"include_public": False}
    assert filter_query(include_public=True) == {"include_public": True}


@pytest.mark.parametrize(
    "filters",
    [
        {"tags": "a"},
        {"tags": [""]},
        {"tags": ["a,b"]},
        {"tags": [1]},
        {"tags": ["a"], "exclude_tags": ["a"]},
        {"metadata": {"a": object()}},
        {"hash": "x"},
        {"color": "red"},
    ],
)
def test_what_is_refused(filters: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        filter_query(**filters)


def test_hashes() -> None:
    assert hash_text(f"SHA256:{HEX}") == f"sha256:{HEX}"
    assert hash_text(f"{HEX}.png") == f"blake3:{HEX}"


def test_an_unknown_filter_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError) as caught:
        filter_query(color="red")  # type: ignore[arg-type]
    assert str(caught.value) == (
        "There is no filter 'color' for assets; the filters are tags, tags_any, exclude_tags, name_contains, "
        "metadata, hash, job_ids, include_public"
    )


@pytest.mark.parametrize("written", ["x", HEX[:-1], f"md5:{HEX}", ""])
def test_what_is_not_a_hash(written: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a hash: pass 'blake3:' and 64 hex digits"):
        hash_text(written)


def test_instants_never_grow_along_a_list() -> None:
    older, newer = {"created_at": "2026-01-01T00:00:00Z"}, {"created_at": "2026-01-02T00:00:00Z"}
    down, up = asset_instant(None, None), asset_instant("created_at", "asc")
    assert (down(newer) or 0) > (down(older) or 0)
    assert (up(older) or 0) > (up(newer) or 0)
    assert asset_instant("name", None)(newer) is None
    assert down({}) is None


@pytest.mark.parametrize(
    ("asset", "expected"),
    [
        ({"job_id": "0a"}, True),
        ({"job_id": "0A"}, True),
        ({"job_id": None, "prompt_id": "0a"}, True),
        ({"job_id": "0b"}, False),
        ({"job_id": None}, False),
        ({"job_id": 5}, False),
        ({}, False),
    ],
)
def test_which_job_made_an_asset(asset: dict[str, object], expected: bool) -> None:
    assert made_by(["0A", "1"])(asset) is expected


@pytest.mark.parametrize("name", ["tags_any", "hash", "job_ids"])
def test_a_filter_that_tags_cannot_be_counted_with(name: str) -> None:
    value: Any = "blake3:" + "0" * 64 if name == "hash" else ["one"]
    with pytest.raises(ConfigurationError, match=f"Tags cannot be counted with the filter '{name}'"):
        tag_count_query(**{name: value})
    assert tag_count_query(tags=["one"])["include_tags"] == ["one"]
