"""Decoding a response and checking it for deviations, against `json.loads` of the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from comfy_cloud._http.deviations import Deviations
from comfy_cloud._http.responses import value_of
from comfy_cloud._jobs.entries import HistoryEntry
from comfy_cloud_api.api.job import get_history, list_jobs
from comfy_cloud_api.api.node import get_node_info
from comfy_cloud_api.types import Request

from .measurement import Row, ratio
from .samples import history_page, jobs_page, object_info


def rows() -> Iterator[Row]:
    """The rows of this file."""
    page, jobs, nodes = history_page(), jobs_page(), object_info()

    def entries(response: Any) -> list[HistoryEntry]:
        return [HistoryEntry(entry) for entry in get_history.parse(response).history or []]

    yield decode("a history page of 1,000", get_history.build(), page, entries, 1.0)
    yield decode("a jobs page of 1,000", list_jobs.build(), jobs, list_jobs.parse, 1.3)
    yield decode("object_info", get_node_info.build(), nodes, get_node_info.parse, 1.2)


def decode(work: str, request: Request, body: bytes, parse: Callable[[Any], object], target: float) -> Row:
    response = httpx.Response(200, headers={"content-type": "application/json"}, content=body)
    deviations = Deviations()
    found = ratio(lambda: value_of(request, response, parse, deviations), lambda: json.loads(body), rounds=25)
    return Row(work, "json.loads", found, target, f"{len(body) / 1e6:.1f} MB")
