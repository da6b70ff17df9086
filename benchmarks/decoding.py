"""Decoding a response and checking it for deviations, against `json.loads` of the same bytes.

The limits are msgspec's on the same bytes: what a program reads is decoded to its types, and the
rest is skipped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import msgspec

from comfy_cloud._http.deviations import Deviations
from comfy_cloud._http.responses import value_of
from comfy_cloud._jobs.entries import HistoryEntry
from comfy_cloud._workflows.node_catalogue import NodeCatalogue
from comfy_cloud_api.api.job import get_history, list_jobs
from comfy_cloud_api.api.node import get_node_info
from comfy_cloud_api.types import Request

from .measurement import Row, ratio
from .samples import history_page, jobs_page, object_info

_ROUNDS = 25


class _Message(msgspec.Struct):
    timestamp: int | None = None


class _Run(msgspec.Struct):
    status_str: str
    messages: list[tuple[str, _Message]]


class _Entry(msgspec.Struct):
    prompt_id: str
    create_time: int
    status: _Run


class _WithOutputs(_Entry, kw_only=True):
    outputs: dict[str, dict[str, list[msgspec.Raw]]]


class _Job(msgspec.Struct):
    id: str
    status: str
    create_time: int
    execution_start_time: int
    execution_end_time: int
    outputs_count: int


def rows() -> Iterator[Row]:
    """The rows of this file."""
    yield from history()
    yield from jobs()
    yield from node_classes()


def history() -> Iterator[Row]:
    """The rows of a page of the history."""
    page, of_page = history_page(), partial(typed, history_page(), "history")
    entries = decoded(get_history.build(), page, get_history.parse)

    def views() -> list[HistoryEntry]:
        return [HistoryEntry(entry) for entry in entries().history or []]

    def read() -> object:
        return [(e.id, e.created_at, e.started_at, e.finished_at, e.status) for e in views()]

    def counted() -> object:
        return [(e.id, e.created_at, e.started_at, e.finished_at, e.status, e.outputs_count) for e in views()]

    def read_through() -> None:
        left = views()[::-1]
        while left:  # as an iteration over the history does: an entry is let go before the next
            fields_of(left.pop())

    def kept() -> object:
        return [fields_of(entry) for entry in views()]

    work = "a history page of 1,000"
    yield row(f"{work}: ids, times, status", read, page, 0.25, of_page(_Entry))
    yield row("  and the number of outputs", counted, page, 0.25, of_page(_WithOutputs))
    every_one = partial(msgspec.json.decode, page)
    yield row("  every field, entry by entry", read_through, page, 0.85, every_one)
    yield row("  every field, and all are kept", kept, page, 0.85, every_one)


def fields_of(entry: HistoryEntry) -> list[object]:
    """The value of each field of an entry."""
    return [getattr(entry.unredacted, name) for name in entry.unredacted._JSON_NAMES]


def jobs() -> Iterator[Row]:
    """The rows of a page of jobs."""
    page = jobs_page()
    listed = decoded(list_jobs.build(), page, list_jobs.parse)

    def read() -> object:
        return [
            (
                job.id,
                job.create_time,
                job.execution_start_time,
                job.execution_end_time,
                job.status,
                job.outputs_count,
            )
            for job in listed().jobs or []
        ]

    yield row("a jobs page of 1,000, likewise", read, page, 0.60, typed(page, "jobs", _Job))


def node_classes() -> Iterator[Row]:
    """The rows of the node classes."""
    body = object_info()
    catalogue = decoded(
        get_node_info.build(), body, lambda response: NodeCatalogue.from_bytes(response.content)
    )

    def one() -> object:
        return catalogue()["Node7"]

    def every_one() -> object:
        return dict(catalogue())

    undecoded = msgspec.json.Decoder(dict[str, msgspec.Raw])
    yield row("object_info: one class", one, body, 0.15, lambda: undecoded.decode(body))
    yield row("  all classes", every_one, body, 0.80, lambda: msgspec.json.decode(body))


def row(
    work: str,
    ours: Callable[[], object],
    body: bytes,
    target: float,
    limit: Callable[[], object] | None = None,
) -> Row:
    """One row against `json.loads`."""

    def bare() -> object:
        return json.loads(body)

    measure = partial(ratio, ours, bare, rounds=_ROUNDS)
    best = None if limit is None else partial(ratio, limit, bare, rounds=_ROUNDS)
    return Row.later(work, "json.loads", measure, target, f"{len(body) / 1e6:.1f} MB", limit=best)


def decoded(request: Request, body: bytes, parse: Callable[[Any], Any]) -> Callable[[], Any]:
    """What decodes a response as a client does, which counts it: by that it samples lists."""
    response = httpx.Response(200, headers={"content-type": "application/json"}, content=body)
    deviations = Deviations()

    def decode() -> Any:
        deviations.look_at_status(request.operation, response)
        return value_of(request, response, parse, deviations)

    return decode


def typed(body: bytes, name: str, item: Any) -> Callable[[], object]:
    """What decodes a page to its types with msgspec."""
    page: Any = msgspec.defstruct("Page", [(name, list[item])])
    return partial(msgspec.json.Decoder(page).decode, body)
