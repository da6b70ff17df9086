"""Which assets to list, and in which order: from what a caller passes to what the API takes.

Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypedDict, Unpack

import orjson

from .errors import ConfigurationError
from .hashing import hash_hex
from .times import parse_instant


class AssetFilter(TypedDict, total=False):
    """Which assets to list. An asset has to match everything that is given."""

    tags: Iterable[str] | None
    """It has all of these tags."""

    tags_any: Iterable[str] | None
    """It has at least one of these tags."""

    exclude_tags: Iterable[str] | None
    """It has none of these tags."""

    name_contains: str | None
    """Part of its name, in upper or lower case."""

    metadata: Mapping[str, Any] | None
    """Values that its `user_metadata` contains."""

    hash: str | None
    """Its BLAKE3 hash, in any form that `comfy_cloud.hashing.hash_hex` reads, or `sha256:<hex>`."""

    job_ids: Iterable[str] | None
    """One of these jobs made it, by its `job_id` (formerly `prompt_id`).

    Servers ignore this filter since May 2026. The whole list is then read and filtered here, with
    one warning; `strict=True` forbids that.
    """

    include_public: bool
    """Include the models and files that everyone has; by default they are left out."""


class TagOptions(TypedDict, total=False):
    """Which tags to list, and in which order."""

    prefix: str | None
    """How the tags begin."""

    order: Literal["count_desc", "name_asc"] | None
    """The most used first, or by name."""

    include_zero: bool | None
    """Include tags that no asset has."""

    include_public: bool
    """Include the tags of public assets."""


def filter_query(**filters: Unpack[AssetFilter]) -> dict[str, Any]:
    """A filter as arguments of the generated request builder (GET /api/assets).

    Raises ConfigurationError for an unknown filter, and for a value that cannot be sent.
    """
    unknown = sorted(filters.keys() - AssetFilter.__annotations__.keys())
    if unknown:
        known = ", ".join(AssetFilter.__annotations__)
        raise ConfigurationError(f"There is no filter {unknown[0]!r} for assets; the filters are {known}")
    wanted = tag_list("tags", filters.get("tags"))
    unwanted = tag_list("exclude_tags", filters.get("exclude_tags"))
    both = sorted(set(wanted or ()) & set(unwanted or ()))
    if both:
        raise ConfigurationError(
            f"The tag {both[0]!r} is both in tags and in exclude_tags: remove it from one of them"
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


def tag_count_query(**filters: Unpack[AssetFilter]) -> dict[str, Any]:
    """A filter as arguments of the request that counts tags (GET /api/assets/tags/refine).

    Raises ConfigurationError as `filter_query` does, and for a filter that this request has not.
    """
    query = filter_query(**filters)
    missing = [name for name in filters if name in ("tags_any", "hash", "job_ids")]
    if missing:
        raise ConfigurationError(
            f"Tags cannot be counted with the filter {missing[0]!r}: the service has none for it. "
            "Iterate over the assets and count their tags"
        )
    return query


def made_by(job_ids: Iterable[str]) -> Callable[[Any], bool]:
    """A function that says whether one of these jobs made an asset."""
    wanted = {job_id.lower() for job_id in job_ids}

    def is_made(asset: Any) -> bool:
        found = [asset.get(name) for name in ("job_id", "prompt_id")]
        return any(isinstance(job_id, str) and job_id.lower() in wanted for job_id in found)

    return is_made


def hash_text(written: str) -> str:
    """A hash in the form that the API takes. Raises ConfigurationError if it is not a hash."""
    if written.lower().startswith("sha256:"):
        return written.lower()
    found = hash_hex(written)
    if found is None:
        raise ConfigurationError(
            f"{written[:80]!r} is not a hash: pass 'blake3:' and 64 hex digits, the digits alone, or the "
            "name of "
            "a stored file"
        )
    return f"blake3:{found}"


def needed_tags(tags: Iterable[str]) -> list[str]:
    """A checked list of at least one tag. Raises ConfigurationError if it is not one."""
    found = tag_list("tags", tags)
    if not found:
        raise ConfigurationError("tags: give at least one, such as 'input'")
    return found


def tag_list(name: str, values: Iterable[str] | None) -> list[str] | None:
    """A checked list of tags or ids (sent comma-separated).

    Raises ConfigurationError if it is not one.
    """
    if values is None:
        return None
    if isinstance(values, str):
        raise ConfigurationError(f"{name} takes a list, such as [{values!r}], not a single string")
    found = list(values)
    for value in found:
        if not isinstance(value, str) or not value.strip() or "," in value:
            raise ConfigurationError(
                f"{name} takes strings that are not empty and contain no comma, not {value!r}"
            )
    return found


def asset_instant(sort: str | None, order: str | None) -> Callable[[Any], float | None]:
    """A function that gives an asset a number which never grows along a list in this order.

    It is the creation time, which never changes; for every other order the function returns None.
    With it, the position in a list is known even if all assets seen so far have been deleted.
    """
    if sort not in (None, "created_at"):
        return lambda asset: None
    sign = -1 if order == "asc" else 1

    def instant(asset: Any) -> float | None:
        created = parse_instant(asset.get("created_at"))
        return None if created is None else sign * created.timestamp()

    return instant
