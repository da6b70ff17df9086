"""What all lists have in common: their options, and what is said when rows are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import wraps
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import click

from .completions import columns as complete_columns
from .completions import conditions as complete_conditions
from .exits import CommandError
from .formats import output_format
from .jq import jq_lines
from .options import GlobalOptions, output_option
from .records import FORMATS, Columns, Written, choose_columns, json_record, write_records
from .streams import on_terminal, use_color, write_data, write_message
from .times import time_option

Item = TypeVar("Item")
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

ROWS_ON_TERMINAL = 20
"""How many rows a terminal gets without --limit or --all. Files and pipes get all."""
LARGEST_PAGE = 200


class Listing(NamedTuple):
    """The options of one list command, read; it writes the list.

    Attributes:
        form: One of `FORMATS`.
        limit: At most so many rows; None for all.
        since, until: The instants given to --since and --until.
    """

    form: str
    columns: Columns[Any]
    limit: int | None
    conditions: tuple[str, ...]
    where: Callable[[Any], bool]
    jq: str | None
    utc: bool
    color: bool
    since: datetime | None = None
    until: datetime | None = None

    def page_size(self, *, filtered: bool = False, largest: int = LARGEST_PAGE) -> int:
        """How many items to ask the server for at once.

        A filter may skip most of a page. Without one, no more is fetched than is shown, and one
        more, which tells whether rows are left out.
        """
        if self.limit is None or filtered or self.conditions:
            return largest
        return max(1, min(self.limit + 1, largest))

    def write(
        self,
        items: Iterable[Item],
        noun: str,
        *,
        filtered: bool = False,
        link: Callable[[Item], str | None] | None = None,
        if_none: str = "",
    ) -> int:
        """Write the rows, and on stderr what was left out; returns how many there were.

        `noun` is the plural of what the rows are, and `if_none` what to do when there are none.
        Each format says when rows are left out.
        """
        rows = _Limited(filter(self.where, items), self.limit)
        if self.jq is not None:
            found = [json_record(item, self.columns) for item in rows]
            write_data("".join(f"{line}\n" for line in jq_lines(self.jq, found)))
            written = Written(len(found))
        else:
            written = write_records(rows, self.columns, self.form, utc=self.utc, color=self.color, link=link)
        is_filtered = filtered or bool(self.conditions)
        nothing = f"no {noun}{' that match' if is_filtered else ''}{f'; {if_none}' if if_none else ''}"
        self._report(written, nothing, more=rows.has_more())
        return written.count

    def _report(self, written: Written, nothing: str, *, more: bool) -> None:
        if written.count == 0 and not more:
            if self.form == "table":
                write_message(nothing)
            return
        parts = []
        if more:
            rows = "1 row" if written.count == 1 else f"{written.count} rows"
            parts.append(f"{rows} shown; --all for the rest")
        if written.left_out:
            parts.append(f"no room for {', '.join(written.left_out)}")
        if parts:
            write_message("; ".join(parts))


class _Limited(Iterable[Item]):
    """The first `limit` items, and afterwards whether there are more."""

    def __init__(self, items: Iterable[Item], limit: int | None) -> None:
        self._items = iter(items)
        self._limit = limit

    def __iter__(self) -> Iterator[Item]:
        return islice(self._items, self._limit)

    def has_more(self) -> bool:
        """Whether an item is left, which is looked for only if there is a limit."""
        return self._limit is not None and next(self._items, self) is not self


def listing_options(
    columns: Columns[Any], *, table: Sequence[str], data: Sequence[str] | None = None, times: bool = False
) -> Decorator:
    """Decorator: add the options of a list, and pass the command a `Listing` as `listing`.

    Args:
        columns: All columns that --columns may name.
        table: Those that a table has by default.
        data: Those that the other formats have by default; None for all.
        times: Whether there are --since and --until.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def with_listing(
            *arguments: Any,
            chosen: str | None,
            chosen_columns: str | None,
            limit: int | None,
            everything: bool,
            where: tuple[str, ...],
            jq: str | None,
            utc: bool,
            since: str | None = None,
            until: str | None = None,
            **more: Any,
        ) -> Any:
            from .filters import row_filter

            if limit is not None and everything:
                raise CommandError("--limit and --all cannot be combined")
            if jq is not None and chosen not in (None, "json"):
                raise CommandError(f"--jq works on JSON; leave out --output {chosen}")
            form = "json" if jq is not None else output_format(chosen)
            defaults = table if form == "table" else (data or tuple(columns))
            listing = Listing(
                form=form,
                columns=choose_columns(columns, chosen_columns, defaults),
                limit=_limit(limit, everything=everything or (jq is not None and limit is None)),
                conditions=where,
                where=row_filter(where, columns, utc=utc),
                jq=jq,
                utc=utc,
                color=use_color(click.get_current_context().ensure_object(GlobalOptions).color),
                since=time_option("--since", since, utc=utc),
                until=time_option("--until", until, utc=utc),
            )
            return function(*arguments, listing=listing, **more)

        decorators = [
            *(_time_options() if times else ()),
            click.option(
                "--limit",
                type=click.IntRange(0),
                metavar="N",
                help=f"At most this many rows; 0: all. Default: {ROWS_ON_TERMINAL} on a terminal, "
                "otherwise all.",
            ),
            click.option("--all", "everything", is_flag=True, help="All rows."),
            output_option(*FORMATS),
            click.option(
                "--columns",
                "chosen_columns",
                metavar="A,B,...",
                help=f"Which columns: {', '.join(columns)}.",
                shell_complete=complete_columns(columns),
            ),
            click.option(
                "--where",
                multiple=True,
                metavar="CONDITION",
                shell_complete=complete_conditions(columns),
                help="Only rows for which this holds: COLUMN=VALUE, or != > >= < <=, or ~ for text "
                "that contains the value; may be given several times.",
            ),
            click.option("--jq", metavar="EXPRESSION", help="Filter the JSON with a jq expression."),
            click.option(
                "--utc",
                is_flag=True,
                help="Read and show times in UTC; default: local time, and how long ago on a terminal.",
            ),
        ]
        for decorator in reversed(decorators):
            with_listing = decorator(with_listing)
        return with_listing

    return decorate


def _time_options() -> list[Decorator]:
    return [
        click.option(
            "--since",
            metavar="TIME",
            help="Only what was created at this time or later: 2h, yesterday, 2026-11-23 14:30, ...",
        ),
        click.option("--until", metavar="TIME", help="Only what was created before this time."),
    ]


def _limit(given: int | None, *, everything: bool) -> int | None:
    if everything or given == 0:
        return None
    if given is None:
        return ROWS_ON_TERMINAL if on_terminal() else None
    return given
