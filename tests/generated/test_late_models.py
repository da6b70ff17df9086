"""Models whose free-form fields stay bytes: what they keep in memory, threads, forks, odd values."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import warnings
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud_api import types
from comfy_cloud_api.api.job import get_history
from comfy_cloud_api.models.history_entry import HistoryEntry
from comfy_cloud_api.models.node_info import NodeInfo
from comfy_cloud_api.types import UnreadableBody, decode_item, decode_json, decode_late, peek

OUTPUTS = {"9": {"images": [{"filename": "a.png"}]}}


def page(*, of: int = 3) -> bytes:
    return json.dumps({"history": [{"prompt_id": str(n), "outputs": OUTPUTS} for n in range(of)]}).encode()


def entries(content: bytes) -> list[HistoryEntry]:
    response: Any = SimpleNamespace(status_code=200, headers={}, content=content)
    return get_history.parse(response).history or []


@pytest.mark.skipif(not hasattr(sys, "getrefcount"), reason="what keeps the page is counted")
@pytest.mark.parametrize("kept", [slice(1), slice(0, None)], ids=["one entry", "every entry"])
def test_an_entry_keeps_its_page_only_until_others_are_decoded(kept: slice) -> None:
    content = page()
    alone = sys.getrefcount(content)
    found = entries(content)[kept]
    assert sys.getrefcount(content) > alone  # else this would test nothing
    entries(page())
    entries(page())
    assert sys.getrefcount(content) == alone
    assert [entry.outputs for entry in found] == [OUTPUTS] * len(found)


@pytest.mark.skipif(not hasattr(sys, "getrefcount"), reason="what keeps the page is counted")
def test_a_large_page_is_never_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(types, "_LARGEST_SHARED", 10)
    content = page()
    alone = sys.getrefcount(content)
    found = entries(content)
    assert sys.getrefcount(content) == alone
    assert found[2].outputs == OUTPUTS


def test_pages_are_read_where_python_does_not_count_references(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sys, "getrefcount", raising=False)
    found = [entries(page()) for _ in range(4)]
    assert all(entry.outputs == OUTPUTS for page in found for entry in page)


def test_pages_of_entries_that_are_gone_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    parted: list[int] = []
    usual = types._held
    monkeypatch.setattr(types, "_held", lambda records: parted.append(len(usual(records))) or usual(records))
    found = entries(page(of=50))[:2]
    for _ in range(4):
        entries(page())
    assert parted == [2]
    assert found[1].outputs == OUTPUTS


def test_threads_that_read_a_field_at_the_same_time_get_the_same_object(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (entry, *_) = entries(page())
    usual, decoded, others = types.decode_late, [], []

    def decode(raw: Any) -> Any:
        decoded.append(raw)
        other = threading.Thread(target=lambda: others.append(entry.outputs))
        if len(decoded) == 1:
            threads.append(other)
            other.start()
            assert held_elsewhere()
        return usual(raw)

    def held_elsewhere() -> bool:
        found: list[bool] = []
        trying = threading.Thread(target=lambda: found.append(types._decoding.acquire(blocking=False)))
        trying.start()
        trying.join()
        return found == [False]

    threads: list[threading.Thread] = []
    monkeypatch.setattr(types, "decode_late", decode)
    first = entry.outputs
    threads[0].join()
    assert others[0] is first
    assert len(decoded) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_reads_entries_although_a_thread_was_reading_one() -> None:
    (entry, *_) = entries(page())
    taken, free = threading.Event(), threading.Event()

    def hold() -> None:
        with types._decoding:
            taken.set()
            free.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    taken.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # forking with threads is what this is about
        child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(20)  # ends a child that waits for the lock
        os._exit(0 if entry.outputs == OUTPUTS else 1)
    free.set()
    holder.join()
    assert os.waitpid(child, 0)[1] == 0


def test_a_field_that_was_set_is_not_read_over() -> None:
    (entry, *_) = entries(page())
    entry.outputs = {"mine": 1}
    assert (entry.prompt, entry.status, entry.outputs) == (None, None, {"mine": 1})


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(values, st.booleans())
def test_what_is_decoded_late_is_decoded_as_always(value: Any, is_ascii: bool) -> None:
    content = json.dumps(value, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    try:
        content.decode()
    except UnicodeDecodeError:  # such a page is left to the usual reader
        return
    assert repr(decode_late(content)) == repr(decode_json(content))


@pytest.mark.parametrize(
    "content", [b"-0", b"1.0", b"1e5", b"1e400", b"NaN", b"[-Infinity]", b'{"a":1,"a":2}', b'"\\ud800"', b"9" * 40]
)  # fmt: skip
def test_odd_values_are_decoded_late_as_always(content: bytes) -> None:
    try:
        expected = repr(decode_json(content))
    except UnreadableBody:
        with pytest.raises(UnreadableBody):
            decode_late(content)
    else:
        assert repr(decode_late(content)) == expected


def test_one_object_is_read_as_by_the_usual_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = {"name": "A", "input": {"required": {}}, "output": ["IMAGE"], "output_node": True}
    late = decode_item(NodeInfo, json.dumps(raw).encode())
    assert late is not None
    assert bytes(peek(late, "input_")) == b'{"required": {}}'
    assert late == NodeInfo.from_dict(raw)
    assert decode_item(NodeInfo, b'{"newer": 1}') is None
    assert decode_item(NodeInfo, b'{"name": 1}') is None
    assert decode_item(NodeInfo, b"null") is None
    monkeypatch.setattr(types, "_DECODERS", {NodeInfo: None})
    assert decode_item(NodeInfo, b"{}") is None


FIELDS = ["prompt", "outputs", "status", "meta"]
odd = st.sampled_from([b"9" * 40, b"1e400", b'{"b":[1e400]}', b'{"a":1,"a":2}', b"null", b'"text"', b"NaN"])
texts = odd | values.map(lambda value: json.dumps(value).encode())
items = st.dictionaries(st.sampled_from(FIELDS), texts, max_size=4)


@given(st.lists(items, min_size=1, max_size=5), st.lists(st.permutations(FIELDS), min_size=5, max_size=5))
def test_fields_are_the_same_in_whatever_order_they_are_read(
    history: list[dict[str, bytes]], orders: list[list[str]]
) -> None:
    listed = [
        b"{%s}" % b",".join(b'"%s":%s' % (name.encode(), raw) for name, raw in item.items())
        for item in history
    ]
    usual = [HistoryEntry.from_dict(decode_json(item)) for item in listed]
    # The first entries are read field by field, so that those after them are decoded at once.
    found = entries(b'{"history":[%s]}' % b",".join([b"{}", b"{}", *listed]))
    for entry in found[:2]:
        assert [getattr(entry, name) for name in FIELDS] == [None] * 4
    for entry, expected, order in zip(found[2:], usual, orders, strict=False):
        first = [getattr(entry, name) for name in order]
        assert repr(first) == repr([getattr(expected, name) for name in order])
        assert all(getattr(entry, name) is value for name, value in zip(order, first, strict=True))
        assert [peek(entry, name) for name in FIELDS] == [None] * 4


def whole(number: int) -> dict[str, Any]:
    return {
        "prompt_id": str(number),
        "prompt": {"priority": number},
        "outputs": OUTPUTS,
        "status": {},
        "meta": {},
    }


def test_who_reads_all_fields_of_some_entries_gets_those_of_the_others_at_once() -> None:
    found = entries(json.dumps({"history": [whole(number) for number in range(5)]}).encode())
    for entry in found[:2]:
        assert peek(entry, "meta") is not None
        assert entry.to_dict()["meta"] == {}
    changed, read, unread = found[2:]
    changed.status = {"mine": 1}
    assert [*(changed.prompt or [])] == [*(read.prompt or [])] == ["priority"]
    assert [peek(read, name) for name in FIELDS] == [None] * 4
    assert [changed.to_dict(), read.to_dict()] == [{**whole(2), "status": {"mine": 1}}, whole(3)]
    assert peek(unread, "meta") is not None


def test_who_reads_one_field_of_each_entry_gets_no_other() -> None:
    for entry in entries(json.dumps({"history": [whole(number) for number in range(5)]}).encode()):
        assert entry.outputs == OUTPUTS
        assert peek(entry, "status") is not None


def test_a_field_that_only_the_usual_decoder_reads_does_not_keep_others_from_being_read() -> None:
    (*_, entry) = entries(b'{"history":[{},{},{"status":{"a":1},"outputs":1e400}]}')
    entry._page.read_whole = 2
    assert entry.status == {"a": 1}
    assert peek(entry, "outputs") is not None
    assert entry.outputs == float("inf")  # type: ignore[comparison-overlap]


def test_fields_that_stay_bytes_are_properties_and_the_class_is_one_of_attrs() -> None:
    assert [field.name for field in attrs.fields(HistoryEntry)] == [
        "prompt_id", "create_time", "workflow_id", *FIELDS, "additional_properties",
    ]  # fmt: skip
    assert not hasattr(HistoryEntry(prompt_id="a"), "nothing")
    assert HistoryEntry(outputs={}).outputs == {}


@pytest.mark.parametrize("read_whole", [0, 2])
def test_a_field_that_was_deleted_stays_so_and_the_others_are_read(read_whole: int) -> None:
    (entry, *_) = entries(json.dumps({"history": [whole(0)]}).encode())
    entry._page.read_whole = read_whole
    del entry.outputs
    assert (entry.status, entry.meta) == ({}, {})
    with pytest.raises(AttributeError):
        _ = entry.outputs
    entry.outputs = {}
    assert entry.to_dict() == {**whole(0), "outputs": {}}
