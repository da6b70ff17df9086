"""Pages whose items are decoded as they are read: both readers give the same, whatever is sent."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud_api import types
from comfy_cloud_api.api.job import get_history, list_jobs
from comfy_cloud_api.models.history_entry import HistoryEntry
from comfy_cloud_api.models.history_response import HistoryResponse
from comfy_cloud_api.models.job_entry import JobEntry
from comfy_cloud_api.models.job_entry_status import JobEntryStatus
from comfy_cloud_api.types import UnreadableBody, decode_model, peek

ENTRY = {
    "prompt_id": "a",
    "create_time": 1_795_000_000_000,
    "prompt": {"priority": 1.0, "prompt_id": "a", "extra_data": {"client_id": "b"}},
    "outputs": {"9": {"images": [{"filename": "a.png"}]}},
    "status": {"status_str": "success"},
}
ODD_VALUES = [
    b"123456789012345678901234567890", b"-9223372036854775809", b"9223372036854775808", b"1.0", b"1e400",
    b"-0.0", b"NaN", b"-Infinity", b'"\\ud800"', b'"\xed\xa0\x80"', b'"\xff"', b'"a\nb"', b'"\\q"', b"01", b"[1,]",
    b"null", b"true", b"{}", b"[]", b'"text"', b"1", b'{"a":1,"a":2}', b'["\xc0\x80"]', b"", b"nul", b'"\\u0041"',
    b"[" * 400 + b"]" * 400, b"[" * 10_000 + b"]" * 10_000,
]  # fmt: skip
NAMES = ["prompt_id", "create_time", "prompt", "outputs", "status", "meta", "newer", "prompt_i\\u0064"]


def parsed(parse: Any, content: bytes) -> Any:
    """The models as dicts, or the kind of error."""
    seen: list[Any] = []

    def look(value: Any) -> None:
        listed = {name: [*item] if isinstance(item, list) else item for name, item in dict(value).items()}
        seen.append(listed)

    try:
        found = parse(SimpleNamespace(status_code=200, headers={}, content=content, look=look))
    except (UnreadableBody, RecursionError, TypeError, ValueError) as error:
        return type(error)
    return repr(attrs.asdict(found)), repr(seen)


def by_the_usual_reader(response: Any) -> Any:
    return decode_model(HistoryResponse.from_dict, response)


def assert_same(content: bytes) -> None:
    late, usual = parsed(get_history.parse, content), parsed(by_the_usual_reader, content)
    if isinstance(late, tuple) and isinstance(usual, tuple):
        assert late[0] == usual[0]
        assert sorted(late[1]) == sorted(usual[1])  # the order of fields may differ
    else:
        assert late == usual


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value[:20]))
@pytest.mark.parametrize("name", NAMES)
def test_odd_values_are_read_and_refused_as_by_the_usual_reader(name: str, value: bytes) -> None:
    content = b'{"history":[{"workflow_id":"w","%s":%s},{"prompt_id":"b"}]}' % (name.encode(), value)
    assert_same(content)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"null", b"{}", b'{"history":null}', b'{"history":{}}', b'{"history":[]}', b'{"history":[1]}',
        b'{"history":[null,{}]}', b'{"history":[{}]} x', b'\xef\xbb\xbf{"history":[{}]}', b'{"history":[{}],"a":1}',
        b'{"history":[{}],"history":[{},{}]}', b'{"history":[{"prompt_id":"a","prompt_id":"b","newer":1}]}',
        b'{"history":[{"prompt_id":"a","prompt_id":"b"}]}', '{"history":[{"prompt_id":"ä","meta":"ö"}]}'.encode(),
        '{"history":[{"prompt_id":"a"}]}'.encode("utf-16"),
    ],
)  # fmt: skip
def test_odd_pages_are_read_and_refused_as_by_the_usual_reader(content: bytes) -> None:
    assert_same(content)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
items = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), values, max_size=6)


@given(
    st.lists(
        items | st.fixed_dictionaries({"prompt_id": st.text(max_size=4), "outputs": values}), max_size=4
    ),
    st.booleans(),
)
def test_random_pages_are_read_as_by_the_usual_reader(history: list[Any], is_ascii: bool) -> None:
    text = json.dumps({"history": history}, ensure_ascii=is_ascii)
    assert_same(text.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=12), st.integers(0, 200))
def test_a_damaged_page_is_read_or_refused_as_by_the_usual_reader(damage: bytes, place: int) -> None:
    content = json.dumps({"history": [ENTRY]}).encode()
    assert_same(content[:place] + damage + content[place + len(damage) :])


def test_a_page_without_msgspec_is_read_by_the_usual_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    content = json.dumps({"history": [ENTRY]}).encode()
    expected = parsed(get_history.parse, content)
    monkeypatch.setitem(sys.modules, "msgspec", None)
    monkeypatch.setattr(types, "_DECODERS", {})
    assert parsed(get_history.parse, content) == expected
    assert types._DECODERS == {HistoryResponse: None}


def response(content: bytes) -> Any:
    return SimpleNamespace(status_code=200, headers={}, content=content)


def entry(**fields: Any) -> HistoryEntry:
    content = json.dumps({"history": [{**ENTRY, **fields}]}).encode()
    found = get_history.parse(response(content)).history
    assert found is not None
    return found[0]


@pytest.mark.parametrize("fields", [{}, {"newer": 1}], ids=["as declared", "with a field that is not"])
def test_free_form_fields_stay_bytes_until_they_are_read(fields: dict[str, Any]) -> None:
    found = entry(**fields)
    assert bytes(peek(found, "outputs")) == json.dumps(ENTRY["outputs"]).encode()
    assert found.outputs == ENTRY["outputs"]
    assert found.outputs is found.outputs
    assert peek(found, "outputs") is None
    assert found.meta is None
    assert found.additional_properties == fields
    assert found == HistoryEntry.from_dict({**ENTRY, **fields})
    assert found.to_dict() == {**ENTRY, **fields}


def test_an_entry_that_is_partly_bytes_is_copied_pickled_and_changed_like_any_other() -> None:
    expected = HistoryEntry.from_dict(ENTRY)
    assert copy.copy(entry()) == copy.deepcopy(entry()) == pickle.loads(pickle.dumps(entry())) == expected
    assert attrs.evolve(entry(), meta={}).outputs == ENTRY["outputs"]
    changed = entry()
    changed.outputs = {}
    assert changed.outputs == {}
    assert repr(entry()) == repr(expected)
    with pytest.raises(AttributeError, match="'HistoryEntry' object has no attribute 'nothing'"):
        _ = changed.nothing  # type: ignore[attr-defined]


def test_jobs_keep_open_enums_and_nested_models() -> None:
    jobs = [
        {"id": "a", "status": "completed", "execution_error": {"node_id": "3"}},
        {"id": "b", "status": "new"},
    ]
    content = json.dumps({"jobs": jobs, "pagination": {"has_more": False}}).encode()
    found = list_jobs.parse(response(content))
    assert found.jobs is not None
    assert found.jobs[0].execution_error is not None
    assert (found.jobs[0].execution_error.node_id, found.jobs[1].status) == ("3", "new")
    assert type(found.jobs[0].status).__name__ == "JobEntryStatus"
    assert found.pagination is not None
    assert found.pagination.has_more is False


@pytest.mark.parametrize("last", ["cancelled", "new", "Completed", ""])
def test_words_of_an_enum_are_its_members_also_beside_new_ones(last: str) -> None:
    listed = rb'{"jobs":[{"status":"comp\u006ceted","preview_output":{"a":1}},{},{"status":%s}]}'
    jobs = list_jobs.parse(response(listed % json.dumps(last).encode())).jobs
    assert jobs is not None
    known = JobEntryStatus.CANCELLED if last == "cancelled" else last
    assert [job.status for job in jobs] == [JobEntryStatus.COMPLETED, None, known]
    assert [type(job.status) for job in jobs] == [JobEntryStatus, type(None), type(known)]
    assert bytes(peek(jobs[0], "preview_output")) == b'{"a":1}'
    assert peek(jobs[0], "status") is None


def test_words_are_found_where_an_enum_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    class Empty(types.OpenEnum):
        pass

    monkeypatch.setattr(JobEntry, "_WORDS", {"status": Empty})
    monkeypatch.setattr(types, "_DECODERS", {})
    monkeypatch.setattr(types, "_RECORDS", {})
    found = types.decode_item(JobEntry, b'{"status":"completed","preview_output":{}}')
    assert found is not None
    assert found.status == "completed"


def test_words_of_one_object_are_members_also_beside_new_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JobEntry, "_WORDS", {"status": JobEntryStatus, "id": JobEntryStatus})
    monkeypatch.setattr(types, "_DECODERS", {})
    monkeypatch.setattr(types, "_RECORDS", {})
    found = types.decode_item(JobEntry, b'{"id":"new","status":"completed","preview_output":{}}')
    assert found is not None
    assert [type(value) for value in (found.id, found.status)] == [str, JobEntryStatus]
