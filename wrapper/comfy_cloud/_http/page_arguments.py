"""Which limits, offsets and page sizes are valid. Pure."""

from __future__ import annotations

from ..errors import ConfigurationError


def check_page(limit: int, offset: int, longest_page: int | None = None) -> None:
    """Check the arguments of one page: at least one item, at most `longest_page` of them."""
    if limit < 1 or offset < 0 or (longest_page is not None and limit > longest_page):
        allowed = "1 or more" if longest_page is None else f"1 to {longest_page}"
        raise ConfigurationError(f"limit must be {allowed} and offset 0 or more, not {limit} and {offset}")


def check_walk(limit: int | None, page_size: int, longest_page: int | None = None) -> None:
    """Check the arguments of an iteration over all pages; a `limit` of None means all items."""
    is_too_long = longest_page is not None and page_size > longest_page
    if page_size < 1 or is_too_long or (limit is not None and limit < 0):
        allowed = "1 or more" if longest_page is None else f"1 to {longest_page}"
        raise ConfigurationError(
            f"page_size must be {allowed} and limit 0 or more, not {page_size} and {limit}"
        )
