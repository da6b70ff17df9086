"""Which assets a list holds, and by what it is ordered: from what a caller passes to what the API takes. Pure rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypedDict, Unpack

import orjson

from .errors import ConfigurationError
from .hashing import hash_hex
from .times import parse_instant

LONGEST_PAGE = 500


class AssetFilter(TypedDict, total=False):
    """Which assets are wanted. All that is given must hold at once.

    `tags` all of these, `tags_any` one of these, `exclude_tags` none of these; `name_contains` in whatever case; `metadata`
    values that `user_metadata` has; `hash` a BLAKE3 in any form in use; `job_ids` the jobs that made them; `include_public`
    the models and files for everybody, too (they are left out unless told).
    """

    tags: Iterable[str] | None
    tags_any: Iterable[str] | None
    exclude_tags: Iterable[str] | None
    name_contains: str | None
    metadata: Mapping[str, Any] | None
    hash: str | None
    job_ids: Iterable[str] | None
    include_public: bool


class TagOptions(TypedDict, total=False):
    """Which tags are wanted: those that begin with `prefix`, in which `order`, unused ones and those of everybody too."""

    prefix: str | None
    order: Literal["count_desc", "name_asc"] | None
    include_zero: bool | None
    include_public: bool


def filter_query(**filters: Unpack[AssetFilter]) -> dict[str, Any]:
    """The arguments of the generated builder for a filter. Raises ConfigurationError for what cannot be sent."""
    unknown = sorted(filters.keys() - AssetFilter.__annotations__.keys())
    if unknown:
        known = ", ".join(AssetFilter.__annotations__)
        raise ConfigurationError(f"There is no filter {unknown[0]!r} for assets; there are {known}")
    wanted, unwanted = (
        tag_list("tags", filters.get("tags")),
        tag_list("exclude_tags", filters.get("exclude_tags")),
    )
    both = sorted(set(wanted or ()) & set(unwanted or ()))
    if both:
        raise ConfigurationError(
            f"The tag {both[0]!r} is both in tags and in exclude_tags: take it out of one"
        )
    metadata, written = filters.get("metadata"), filters.get("hash")
    try:
        metadata_filter = None if metadata is None else orjson.dumps(dict(metadata)).decode()
    except TypeError as error:
        raise ConfigurationError(f"metadata cannot be written as JSON: {error}") from None
    found = {
        "include_tags": wanted,
        "tags_any": tag_list("tags_any", filters.get("tags_any")),
        "exclude_tags": unwanted,
        "name_contains": filters.get("name_contains"),
        "metadata_filter": metadata_filter,
        "hash_": None if written is None else hash_text(written),
        "job_ids": tag_list("job_ids", filters.get("job_ids")),
        "include_public": filters.get("include_public", False),
    }
    return {name: value for name, value in found.items() if value is not None}


def hash_text(written: str) -> str:
    """A hash in the form that the API takes."""
    if written.lower().startswith("sha256:"):
        return written.lower()
    found = hash_hex(written)
    if found is None:
        raise ConfigurationError(
            f"{written[:80]!r} is no hash: use blake3: and 64 hex digits, these alone, or a stored file name"
        )
    return f"blake3:{found}"


def tag_list(name: str, values: Iterable[str] | None) -> list[str] | None:
    """A list of words that are joined by commas on the way. Raises ConfigurationError for what is none."""
    if values is None:
        return None
    if isinstance(values, str):
        raise ConfigurationError(f"{name} takes a list, such as [{values!r}], not a single text")
    found = list(values)
    for value in found:
        if not isinstance(value, str) or not value.strip() or "," in value:
            raise ConfigurationError(
                f"{name} takes words that are not empty and have no comma, not {value!r}"
            )
    return found


def page_limit(limit: int) -> int:
    """A checked page size. Raises ConfigurationError outside 1 to 500."""
    if not 1 <= limit <= LONGEST_PAGE:
        raise ConfigurationError(f"A page of assets holds 1 to {LONGEST_PAGE}, not {limit}")
    return limit


def asset_instant(sort: str | None, order: str | None) -> Callable[[Any], float | None]:
    """The number that never grows along a list in this order; none where an asset can change its place.

    Creation times stay, so by them the place in a list is told even when all known entries are gone.
    """
    if sort not in (None, "created_at"):
        return lambda asset: None
    sign = -1 if order == "asc" else 1

    def instant(asset: Any) -> float | None:
        created = parse_instant(asset.get("created_at"))
        return None if created is None else sign * created.timestamp()

    return instant
