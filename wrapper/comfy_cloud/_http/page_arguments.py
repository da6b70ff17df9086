"""Which limits, offsets and page sizes are valid. Pure."""

from __future__ import annotations

from ..errors import ConfigurationError

# The longest page of each list, by the contract.
LONGEST_JOBS_PAGE = 1000
LONGEST_ASSETS_PAGE = 500
LONGEST_TAGS_PAGE = 1000
LONGEST_TASKS_PAGE = 100


def check_page(limit: int, offset: int, longest_page: int | None = None) -> None:
    """Check the arguments of one page: at least one item, at most `longest_page` of them."""
    _check_size("limit", limit, longest_page)
    if offset < 0:
        raise ConfigurationError(f"offset must be 0 or more, not {offset}")


def check_walk(limit: int | None, page_size: int, longest_page: int | None = None) -> None:
    """Check the arguments of an iteration over all pages; a `limit` of None means all items."""
    _check_size("page_size", page_size, longest_page)
    if limit is not None and limit < 0:
        raise ConfigurationError(f"limit must be 0 or more, not {limit}")


def _check_size(name: str, size: int, longest_page: int | None) -> None:
    if size < 1 or (longest_page is not None and size > longest_page):
        allowed = "1 or more" if longest_page is None else f"1 to {longest_page}"
        raise ConfigurationError(f"{name} must be {allowed}, not {size}")
