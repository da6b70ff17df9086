"""Paging the jobs list: filters, order, offset and cursor, over the store.

The cursor is opaque to clients. It marks the job before the next page, so jobs that are added in
between shift nothing; an offset does shift. This module checks nothing but the cursor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from comfy_cloud_emulator.state.cursors import UNREADABLE, BadCursor, decode_cursor, encode_cursor
from comfy_cloud_emulator.state.json_values import Json
from comfy_cloud_emulator.state.store import Store

from . import rows
from .statuses import JobStatus

SortKey = Literal["create_time", "execution_time"]
DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQuery:
    """The query of the jobs list. No statuses means every status."""

    statuses: tuple[JobStatus, ...] = ()
    workflow_id: str | None = None
    output_type: str | None = None
    sort_by: SortKey = "create_time"
    descending: bool = True
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    after: str | None = None


@dataclass(frozen=True, slots=True)
class JobPage:
    """A page: the entries as JSON bytes, and the pagination block."""

    entries: list[bytes]
    pagination: Json


def page(store: Store, query: JobQuery) -> JobPage:
    """One page of the list. Raises BadCursor.

    A cursor works for the order by create time only; the other order ignores it. Pages reached by a
    cursor have offset and total 0, like the service's, so the total does not tell where the list
    ends.
    """
    conditions, parameters = _filters(store, query)
    by_cursor = query.after is not None and query.sort_by == "create_time"
    total = 0 if by_cursor else _total(store, conditions, parameters)
    if by_cursor:
        create_time, number = _decode_cursor(query.after or "")
        conditions = [*conditions, f"(create_time, number) {'<' if query.descending else '>'} (?, ?)"]
        parameters = [*parameters, create_time, number]
    offset = 0 if by_cursor else query.offset
    # The numbers are found in an index alone; the rows, which are large, are read afterwards.
    order = f"ORDER BY {_order(query)}"
    chosen = f"SELECT number FROM jobs {_where(conditions)} {order} LIMIT ? OFFSET ?"  # noqa: S608
    found = store.read(
        f"SELECT listing, create_time, number, id FROM jobs WHERE number IN ({chosen}) {order}",  # noqa: S608
        # One more than requested shows whether another page follows.
        [*parameters, query.limit + 1, offset],
    )
    has_more = len(found) > query.limit
    found = found[: query.limit]
    pagination: Json = {"offset": offset, "limit": query.limit, "total": total, "has_more": has_more}
    if has_more and query.sort_by == "create_time":
        pagination["next_cursor"] = _encode_cursor(*found[-1][1:])
    return JobPage([row[0] for row in found], pagination)


def _filters(store: Store, query: JobQuery) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    parameters: list[Any] = []
    if query.statuses:
        # The plus sign keeps SQLite from the index by status, which has no order.
        conditions.append(f"+status IN ({', '.join('?' * len(query.statuses))})")
        parameters.extend(query.statuses)
    if query.workflow_id is not None:
        conditions.append("workflow_id = ?")
        parameters.append(query.workflow_id)
    hidden = store.hidden.ids(store.now())
    if hidden:
        conditions.append(f"id NOT IN ({', '.join('?' * len(hidden))})")
        parameters.extend(hidden)
    if query.output_type is not None:
        conditions.append("instr(kinds, ?) > 0")
        parameters.append(f",{query.output_type},")
    return conditions, parameters


def _order(query: JobQuery) -> str:
    direction = "DESC" if query.descending else "ASC"
    if query.sort_by == "create_time":
        return f"create_time {direction}, number {direction}"
    # Jobs that never ran have no execution time: last in both directions.
    return f"{rows.RUN} IS NULL, {rows.RUN} {direction}, number {direction}"


def _total(store: Store, conditions: list[str], parameters: list[Any]) -> int:
    total: int = store.read(f"SELECT count(*) FROM jobs {_where(conditions)}", parameters)[0][0]  # noqa: S608
    return total


def _where(conditions: list[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _encode_cursor(create_time: int, number: int, id: str) -> str:
    return encode_cursor({"s": "create_time", "v": str(create_time * 1000), "id": id, "n": number})


def _decode_cursor(cursor: str) -> tuple[int, int]:
    position = decode_cursor(cursor)
    try:
        if position["s"] != "create_time":
            raise BadCursor(UNREADABLE)
        create_time, number = int(position["v"]) // 1000, int(position["n"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadCursor(UNREADABLE) from error
    # SQLite has no larger integers.
    if max(abs(create_time), abs(number)) >= 2**63:
        raise BadCursor(UNREADABLE)
    return create_time, number
