"""Pages of which no item is decoded: what they have, and what differs from the contract in them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._http.deviations import Deviations
from comfy_cloud._jobs.entries import HistoryEntry
from comfy_cloud._jobs.outputs import Output
from comfy_cloud._sync._jobs.history_sources import HistoryV2
from comfy_cloud_api import types
from comfy_cloud_api.api.job import get_history, list_jobs
from comfy_cloud_api.models.history_response import HistoryResponse
from comfy_cloud_api.models.jobs_list_response import JobsListResponse
from comfy_cloud_api.types import UnexpectedStatus, UnreadableBody, decode_json, undecoded_items

ENTRY: dict[str, Any] = {
    "prompt_id": "a",
    "create_time": 1_795_000_000_000,
    "workflow_id": "w",
    "prompt": {"priority": 1.0, "extra_data": {}},
    "outputs": {},
    "status": {},
    "meta": {},
}
VALUES = st.sampled_from([None, 1, 2**70, 1.5, "a", [], {}, {"priority": "high"}, ["a"], True])
ENTRIES = st.fixed_dictionaries(
    {}, optional={**{name: st.just(value) | VALUES for name, value in ENTRY.items()}, "newer": VALUES}
)


class Checked:
    """A response whose differences from the contract are counted."""

    status_code = 200

    def __init__(self, body: object, operation: Any = get_history.OPERATION) -> None:
        self.headers = {"content-type": "application/json"}
        self.content = json.dumps(body).encode()
        self.operation = operation
        self.deviations = Deviations()

    def look(self, value: Any) -> None:
        response: Any = self
        self.deviations.look_at(self.operation, response, value)

    @property
    def found(self) -> list[object]:
        return sorted(map(str, [*self.deviations, *self.deviations.unknown_fields]))


@given(st.lists(ENTRIES | VALUES, max_size=3), st.sampled_from([{}, {"newer": 1}]), st.sampled_from([1, 30]))
def test_deviations_are_those_of_decoded_pages(items: list[Any], top: dict[str, Any], times: int) -> None:
    body = {"history": items * times, **top}
    decoded, undecoded = Checked(body), Checked(body)
    lists = undecoded_items(HistoryResponse, undecoded)
    if lists is None:
        assert not undecoded.found
        return
    assert [decode_json(bytes(raw)) for raw in lists["history"]] == body["history"]
    get_history.parse(decoded)
    assert undecoded.found == decoded.found


def test_fields_beside_the_items_are_looked_at() -> None:
    body = {"jobs": [{"id": "a", "status": "odd"}], "pagination": {"offset": "x", "limit": 1, "total": 1}}
    decoded, undecoded = (Checked(body, list_jobs.OPERATION) for _ in range(2))
    list_jobs.parse(decoded)
    lists = undecoded_items(JobsListResponse, undecoded)
    assert lists is not None
    assert bytes(lists["jobs"][0]) == json.dumps(body["jobs"][0]).encode()
    assert undecoded.found == decoded.found
    assert any("pagination.offset" in str(found) for found in undecoded.found)


def response_with(content: bytes, status: int = 200) -> Any:
    return SimpleNamespace(status_code=status, headers={}, content=content)


def converted(response: Any) -> list[str]:
    """What a source of the history converts: usual items are marked, entries by their ids."""
    session: Any = SimpleNamespace(call=lambda request, parse: parse(response))
    source = HistoryV2(session, Output)

    def quick(items: Any) -> list[str | None]:
        return ["quick" if b"usual" in bytes(item) else None for item in items]

    def convert(entry: HistoryEntry) -> str:
        return f"{entry.id} {entry.created_ms}"

    return source.converted_page(10, 0, convert, quick)


def test_entries_that_are_not_usual_are_converted_one_by_one() -> None:
    items = b'{"usual": 1}, {"prompt_id": "a", "create_time": 1795000000000}, 3, null, {"newer": 1}'
    assert converted(response_with(b'{"history": [%b]}' % items)) == ["quick", "a 1795000000000", " None"]
    assert converted(response_with(b"{}")) == []


@pytest.mark.parametrize(
    "content",
    [
        b'{"history": [{"prompt_id": "usual", "create_time": NaN}]}',
        b'{"history": [{"prompt_id": "usual"}], "newer": 1}',
    ],
)
def test_other_pages_are_decoded_first(content: bytes) -> None:
    assert converted(response_with(content)) == ["usual None"]


def test_without_msgspec_pages_are_decoded_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(types, "_DECODERS", {HistoryResponse: None})
    assert converted(response_with(b'{"history": [{"prompt_id": "usual"}]}')) == ["usual None"]


def test_what_is_no_page_is_refused_as_always() -> None:
    with pytest.raises(UnexpectedStatus):
        converted(response_with(b'{"history": []}', 202))
    for content in (b"[]", b"{", b'{"history": [{"prompt_id": "\xff"}]}'):
        with pytest.raises(UnreadableBody):
            converted(response_with(content))
