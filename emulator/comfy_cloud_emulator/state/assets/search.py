"""Searching assets: filters, orders, pages, and counts of tags.

The cursor is opaque to clients and belongs to one order. It marks the asset before the next page,
so assets that are added in between shift nothing. This module only checks cursors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from comfy_cloud_emulator.state.cursors import UNREADABLE, BadCursor, decode_cursor, encode_cursor
from comfy_cloud_emulator.state.database import Database
from comfy_cloud_emulator.state.json_values import Json, is_array

from .asset_store import Asset, AssetStore

SortKey = Literal["name", "created_at", "updated_at", "size", "last_access_time"]

_COLUMN: Final[dict[str, str]] = {"name": "folded"}
# The plus sign keeps SQLite on the index of the order, so that results need no sorting.
_HAS_TAG: Final = "+number IN (SELECT number FROM asset_tags WHERE tag = ?)"
_HAS_PAIR: Final = "+number IN (SELECT number FROM asset_pairs WHERE key = ? AND is_flag = ? AND value IS ?)"
_IS_OWN: Final = "+number NOT IN (SELECT number FROM assets WHERE is_public)"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetQuery:
    """The query; empty fields and None do not filter. `digest` is 64 hexadecimal digits."""

    include_tags: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()
    any_tags: tuple[str, ...] = ()
    name_contains: str | None = None
    metadata: Json = field(default_factory=dict[str, Any])
    include_public: bool = True
    digest: str | None = None
    job_ids: tuple[str, ...] = ()
    sort: SortKey = "created_at"
    descending: bool = True
    limit: int = 20
    offset: int = 0
    after: str | None = None


@dataclass(frozen=True, slots=True)
class AssetPage:
    """A page, the number of assets on all pages, and the cursor of the next page, if any."""

    assets: list[Asset]
    total: int
    next_cursor: str | None
    has_more: bool


class AssetSearch:
    """Searches the assets of a store."""

    def __init__(self, database: Database, assets: AssetStore) -> None:
        self._database = database
        self._assets = assets

    def page(self, query: AssetQuery) -> AssetPage:
        """One page in the requested order. Raises BadCursor."""
        conditions, parameters = _filters(query)
        total: int = self._database.read(
            f"SELECT count(*) FROM assets WHERE {' AND '.join(conditions)}",  # noqa: S608
            parameters,
        )[0][0]
        column = _COLUMN.get(query.sort, query.sort)
        offset = query.offset
        if query.after is not None:
            conditions = [*conditions, f"({column}, number) {'<' if query.descending else '>'} (?, ?)"]
            parameters = [*parameters, *_decode_cursor(query.after, query)]
            offset = 0
        direction = "DESC" if query.descending else "ASC"
        order = f"ORDER BY {column} {direction}, number {direction}"
        # The numbers are found in indices alone, the rows are read afterwards.
        chosen = f"SELECT number FROM assets WHERE {' AND '.join(conditions)} {order} LIMIT ? OFFSET ?"  # noqa: S608
        # One more than requested shows whether another page follows.
        found = self._assets.select(f"number IN ({chosen}) {order}", [*parameters, query.limit + 1, offset])
        has_more, found = len(found) > query.limit, found[: query.limit]
        # The last access time changes while a client pages, so this order has no cursor.
        is_steady = query.sort != "last_access_time"
        cursor = _encode_cursor(found[-1], query) if has_more and is_steady else None
        return AssetPage(found, total, cursor, has_more)

    def tag_counts(self, query: AssetQuery) -> dict[str, int]:
        """How many of the matching assets have each tag, most frequent first.

        Ignores order and page.
        """
        conditions, parameters = _filters_by_number(query)
        others, more = _filters_by_column(query)
        if others:
            conditions.append(f"+number IN (SELECT number FROM assets WHERE {' AND '.join(others)})")  # noqa: S608
        rows = self._database.read(
            f"SELECT tag, count(*) FROM asset_tags WHERE {' AND '.join(conditions)}"  # noqa: S608
            " GROUP BY tag ORDER BY count(*) DESC, tag",
            [*parameters, *more],
        )
        return dict(rows)


def _filters(query: AssetQuery) -> tuple[list[str], list[Any]]:
    by_number, parameters = _filters_by_number(query)
    by_column, more = _filters_by_column(query)
    return [*by_number, *by_column], [*parameters, *more]


def _filters_by_number(query: AssetQuery) -> tuple[list[str], list[Any]]:
    """The conditions on a column `number`; at least one."""
    conditions = ["1" if query.include_public else _IS_OWN]
    parameters: list[Any] = []
    for tag in query.include_tags:
        conditions.append(_HAS_TAG)
        parameters.append(tag)
    for tag in query.exclude_tags:
        conditions.append(f"NOT {_HAS_TAG}")
        parameters.append(tag)
    if query.any_tags:
        conditions.append(f"({' OR '.join([_HAS_TAG] * len(query.any_tags))})")
        parameters += query.any_tags
    for key, value in query.metadata.items():
        conditions.append(_HAS_PAIR)
        parameters += [key, isinstance(value, bool), value]
    return conditions, parameters


def _filters_by_column(query: AssetQuery) -> tuple[list[str], list[Any]]:
    """The conditions on columns of `assets`."""
    conditions, parameters = list[str](), list[Any]()
    if query.name_contains:
        conditions.append("instr(folded, ?) > 0")
        parameters.append(query.name_contains.casefold())
    if query.digest is not None:
        conditions.append("digest = ?")
        parameters.append(query.digest)
    if query.job_ids:
        conditions.append(f"job_id IN ({', '.join('?' * len(query.job_ids))})")
        parameters += query.job_ids
    return conditions, parameters


def _order_of(query: AssetQuery) -> str:
    return f"{query.sort} {'desc' if query.descending else 'asc'}"


def _encode_cursor(asset: Asset, query: AssetQuery) -> str:
    value = asset.name.casefold() if query.sort == "name" else getattr(asset, query.sort)
    return encode_cursor([_order_of(query), value, asset.number])


def _decode_cursor(cursor: str, query: AssetQuery) -> tuple[str | int, int]:
    position = decode_cursor(cursor)
    if not is_array(position) or len(position) != 3 or not isinstance(position[0], str):
        raise BadCursor(UNREADABLE)
    order, value, number = position
    if order != _order_of(query):
        raise BadCursor(
            f"after: this cursor belongs to the order {order[:40]!r}; ask with the same sort and order"
        )
    expected = str if query.sort == "name" else int
    # SQLite has no larger integers.
    is_too_large = any(isinstance(each, int) and abs(each) >= 2**63 for each in (value, number))
    if type(value) is not expected or type(number) is not int or is_too_large:
        raise BadCursor(UNREADABLE)
    return value, number
