"""Reading the filters of asset lists from a query.

Refuses contradictions; `state.assets.search` does the search.
"""

from __future__ import annotations

import re
from typing import Any, Final, cast, get_args

from starlette.requests import Request

from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.request_reading import boolean, bounded, choice
from comfy_cloud_emulator.http.responses import ApiProblem
from comfy_cloud_emulator.state.assets.search import AssetQuery, SortKey
from comfy_cloud_emulator.state.json_values import is_array, is_object

MAX_TAGS: Final = 100
"""Most tags in one filter."""
DEFAULT_LIMIT: Final = 20
MAX_LIMIT: Final = 500

_HASH: Final = re.compile(r"(?:blake3:)?([0-9a-f]{64})(?:\.[A-Za-z0-9]+)?")
_SHA256: Final = re.compile(r"sha256:[0-9a-f]{64}")


def asset_query(request: Request, *, by_job: bool = False) -> AssetQuery:
    """All parameters of `GET /api/assets`; `job_ids` is ignored unless `by_job`."""
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
        job_ids=_values(request, "job_ids") if by_job else (),
        sort=cast("SortKey", sort),
        descending=choice(request, "order", ("asc", "desc")) != "asc",
        limit=bounded(request, "limit", DEFAULT_LIMIT, least=1, most=MAX_LIMIT),
        offset=bounded(request, "offset", 0, least=0),
        after=after,
    )


def tag_query(request: Request) -> AssetQuery:
    """The filters, without order and page."""
    included = _values(request, "include_tags", "tags_all")
    excluded = _values(request, "exclude_tags", "tags_none")
    any_of = _values(request, "tags_any")
    contradiction = set(included) & set(excluded)
    if contradiction or (any_of and set(any_of) <= set(excluded)):
        tag = next(iter(contradiction), any_of[0] if any_of else "")
        raise ApiProblem(
            400, f"the tag {tag[:40]!r} is both included and excluded", code="INVALID_TAG_FILTER"
        )
    return AssetQuery(
        include_tags=included,
        exclude_tags=excluded,
        any_tags=any_of,
        name_contains=request.query_params.get("name_contains"),
        metadata=_metadata(request),
        include_public=boolean(request, "include_public", default=True),
    )


def digest_of(text: str) -> str | None:
    """The 64 digits of a blake3 hash (prefix optional) or of a stored name; otherwise None."""
    found = _HASH.fullmatch(text)
    return found[1] if found else None


def _digest(request: Request) -> str | None:
    text = request.query_params.get("hash")
    if text is None:
        return None
    if _SHA256.fullmatch(text):
        return text  # the digest of nothing: content is stored by blake3 only
    digest = digest_of(text)
    if digest is None:
        raise ApiProblem(400, "hash: expected blake3: and 64 lower-case hexadecimal digits")
    return digest


def _values(request: Request, *names: str) -> tuple[str, ...]:
    """A comma-separated list from the first of these parameters that is present.

    Repetition adds to it.
    """
    for name in names:
        texts = request.query_params.getlist(name)
        if texts:
            values = [value.strip() for text in texts for value in text.split(",")]
            found = tuple(dict.fromkeys(value for value in values if value))
            if len(found) > MAX_TAGS:
                raise ApiProblem(400, f"{name}: expected at most {MAX_TAGS} values, got {len(found)}")
            return found
    return ()


def _metadata(request: Request) -> dict[str, Any]:
    text = request.query_params.get("metadata_filter")
    if not text:
        return {}
    try:
        data = read_json(text)
    except JsonRefused as error:
        raise ApiProblem(400, "metadata_filter: expected a JSON object as text") from error
    if not is_object(data):
        raise ApiProblem(400, "metadata_filter: expected a JSON object as text")
    if any(is_array(value) or is_object(value) for value in data.values()):
        raise ApiProblem(400, "metadata_filter: compare with texts, numbers, true, false or null only")
    return data
