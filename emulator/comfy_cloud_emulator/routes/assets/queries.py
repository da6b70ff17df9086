"""Reading the filters of the assets' lists out of a query.

Refuses what contradicts itself; the search itself is in `state.asset_search`.
"""

from __future__ import annotations

import re
from typing import Any, Final, cast, get_args

import orjson
from starlette.requests import Request

from comfy_cloud_emulator.http.request_reading import boolean, bounded, choice
from comfy_cloud_emulator.http.responses import ApiProblem
from comfy_cloud_emulator.state.assets.search import AssetQuery, SortKey
from comfy_cloud_emulator.state.json_values import is_array, is_object

MAX_TAGS: Final = 100
"""Tags that one filter may name."""
DEFAULT_LIMIT: Final = 20
MAX_LIMIT: Final = 500

_HASH: Final = re.compile(r"(?:blake3:)?([0-9a-f]{64})(?:\.[A-Za-z0-9]+)?")


def asset_query(request: Request) -> AssetQuery:
    """Everything that `GET /api/assets` understands."""
    filters = tag_query(request)
    sort = choice(request, "sort", get_args(SortKey)) or "created_at"
    after = request.query_params.get("after")
    if after is not None and sort == "last_access_time":
        raise ApiProblem(400, "after: this order has no cursor; use offset", code="INVALID_CURSOR")
    return AssetQuery(
        include_tags=filters.include_tags,
        exclude_tags=filters.exclude_tags,
        any_tags=filters.any_tags,
        name_contains=filters.name_contains,
        metadata=filters.metadata,
        include_public=filters.include_public,
        digest=_digest(request),
        job_ids=_words(request, "job_ids"),
        sort=cast("SortKey", sort),
        descending=choice(request, "order", ("asc", "desc")) != "asc",
        limit=bounded(request, "limit", DEFAULT_LIMIT, least=1, most=MAX_LIMIT),
        offset=bounded(request, "offset", 0, least=0),
        after=after,
    )


def tag_query(request: Request) -> AssetQuery:
    """The filters alone, without order and page."""
    included = _words(request, "include_tags", "tags_all")
    excluded = _words(request, "exclude_tags", "tags_none")
    any_of = _words(request, "tags_any")
    contradiction = set(included) & set(excluded)
    if contradiction or (any_of and set(any_of) <= set(excluded)):
        tag = next(iter(contradiction), any_of[0] if any_of else "")
        raise ApiProblem(400, f"the tag {tag[:40]!r} is both wanted and excluded", code="INVALID_TAG_FILTER")
    return AssetQuery(
        include_tags=included,
        exclude_tags=excluded,
        any_tags=any_of,
        name_contains=request.query_params.get("name_contains"),
        metadata=_metadata(request),
        include_public=boolean(request, "include_public", default=True),
    )


def digest_of(text: str) -> str | None:
    """The 64 digits of a blake3 hash, with its prefix or without, or as a stored name; None for anything else."""
    found = _HASH.fullmatch(text)
    return found[1] if found else None


def _digest(request: Request) -> str | None:
    text = request.query_params.get("hash")
    if text is None:
        return None
    digest = digest_of(text)
    if digest is None:
        raise ApiProblem(400, "hash: expected blake3: and 64 hexadecimal digits in small letters")
    return digest


def _words(request: Request, *names: str) -> tuple[str, ...]:
    """A list joined by commas, from the first of the names that is there. A repeated parameter adds to it."""
    for name in names:
        texts = request.query_params.getlist(name)
        if texts:
            words = [word.strip() for text in texts for word in text.split(",")]
            found = tuple(dict.fromkeys(word for word in words if word))
            if len(found) > MAX_TAGS:
                raise ApiProblem(400, f"{name}: expected {MAX_TAGS} values at most, got {len(found)}")
            return found
    return ()


def _metadata(request: Request) -> dict[str, Any]:
    text = request.query_params.get("metadata_filter")
    if not text:
        return {}
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ApiProblem(400, "metadata_filter: expected a JSON object as text") from error
    if not is_object(told):
        raise ApiProblem(400, "metadata_filter: expected a JSON object as text")
    if any(is_array(value) or is_object(value) for value in told.values()):
        raise ApiProblem(400, "metadata_filter: compare with texts, numbers, true, false or null only")
    return told
