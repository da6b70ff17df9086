"""Limits, offsets and page sizes: the message names the argument that is wrong, and no other."""

from __future__ import annotations

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._http.page_arguments import check_page, check_walk


@pytest.mark.parametrize(
    ("limit", "offset", "longest", "message"),
    [
        (0, 0, None, "limit must be 1 or more, not 0"),
        (-1, 5, 100, "limit must be 1 to 100, not -1"),
        (101, 0, 100, "limit must be 1 to 100, not 101"),
        (10, -1, 100, "offset must be 0 or more, not -1"),
    ],
)
def test_one_page(limit: int, offset: int, longest: int | None, message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        check_page(limit, offset, longest)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("limit", "size", "longest", "message"),
    [
        (None, 0, None, "page_size must be 1 or more, not 0"),
        (3, 1001, 1000, "page_size must be 1 to 1000, not 1001"),
        (-1, 10, 1000, "limit must be 0 or more, not -1"),
    ],
)
def test_all_pages(limit: int | None, size: int, longest: int | None, message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        check_walk(limit, size, longest)
    assert str(raised.value) == message


def test_what_is_valid() -> None:
    check_page(1, 0)
    check_page(100, 10**9, 100)
    check_walk(None, 1000, 1000)
    check_walk(0, 1)
