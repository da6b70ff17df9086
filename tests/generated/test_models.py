"""Models of what servers really send: unknown enum values, nulls, extras, odd shapes."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comfy_cloud_api.models import (
    Asset,
    ExecutionError,
    HistoryEntry,
    HistoryResponse,
    JobDetailResponse,
    JobEntry,
    JobEntryStatus,
    JobsListResponse,
    JobStatusResponse,
    NodeInfo,
    QueueInfo,
    TagInfo,
    WebSocketMessage,
    WebSocketMessageType,
    WebSocketProgressStateMessageData,
)
from comfy_cloud_api.types import Model, decode_json, encode_json, read_datetime, to_json

# Enums


def test_a_known_value_is_a_member_and_still_text() -> None:
    job = JobEntry.from_dict({"status": "completed"})
    assert job.status == "completed"
    assert job.status is JobEntryStatus.COMPLETED


@pytest.mark.parametrize("word", ["success", "canceled", "", "COMPLETED", "__class__"])
def test_an_unknown_value_stays_text(word: str) -> None:
    assert JobEntry.from_dict({"status": word}).status == word
    assert not isinstance(JobEntry.from_dict({"status": word}).status, JobEntryStatus)


@pytest.mark.parametrize("value", [3, 2.5, True, ["completed"], {"status": "completed"}])
def test_a_value_that_is_not_text_stays_as_it_is(value: object) -> None:
    assert JobEntry.from_dict({"status": value}).to_dict() == {"status": value}


def test_the_scheduler_statuses_are_known() -> None:
    assert JobStatusResponse.from_dict({"status": "success"}).status == "success"
    assert JobStatusResponse.from_dict({"status": "a state of next year"}).status == "a state of next year"


def test_an_unknown_websocket_message_is_no_error() -> None:
    message = WebSocketMessage.from_dict({"type": "new_kind", "data": {"a": 1}})
    assert (message.type_, message.data) == ("new_kind", {"a": 1})
    assert WebSocketMessage.from_dict({"type": "progress"}).type_ is WebSocketMessageType.PROGRESS


# Gaps, nulls, extras


@pytest.mark.parametrize("kind", [JobEntry, JobDetailResponse, Asset, HistoryResponse, NodeInfo, QueueInfo])
def test_a_field_that_is_absent_or_null_is_none(kind: type[Model]) -> None:
    empty = kind.from_dict({})
    assert kind.from_dict(dict.fromkeys(kind._JSON_NAMES)) == empty
    assert empty.to_dict() == {}
    assert empty.keys() == []
    assert empty  # an object without fields is still an object


def test_extras_are_kept_and_written_again() -> None:
    data = {"id": "1", "status": "completed", "new_field": {"a": [None, 1]}, "other": None}
    job = JobEntry.from_dict(data)
    assert job.additional_properties == {"new_field": {"a": [None, 1]}, "other": None}
    assert job.to_dict() == data


def test_extras_of_nested_models_are_kept() -> None:
    data = {"jobs": [{"id": "1", "execution_error": {"exception_message": "x", "hint": 1}}], "page": 2}
    page = JobsListResponse.from_dict(data)
    assert page.jobs is not None
    assert page.jobs[0].execution_error is not None
    assert page.jobs[0].execution_error.additional_properties == {"hint": 1}
    assert page.to_dict() == data


def test_json_names_give_access() -> None:
    message = WebSocketMessage.from_dict({"type": "status", "sid": "x"})
    assert message["type"] == message.type_ == "status"
    assert message["sid"] == "x"
    assert message.keys() == ["type", "sid"]
    assert list(message) == ["type", "sid"]
    assert len(message) == 2
    assert dict(message) == {"type": "status", "sid": "x"}
    assert "type" in message
    assert "data" not in message
    assert "type_" not in message
    assert message.get("data") is None
    assert message.get("data", {}) == {}
    assert message.get("absent", 3) == 3
    for name in ("data", "absent", "type_"):
        with pytest.raises(KeyError, match=name):
            message[name]


# Other shapes


@pytest.mark.parametrize("value", [[], {}, "text", 3, True, [[]], [None], [3, "x"], {"jobs": []}])
def test_another_shape_in_a_field_is_kept(value: object) -> None:
    for kind, name in (
        (JobsListResponse, "jobs"),
        (JobsListResponse, "pagination"),
        (JobDetailResponse, "execution_error"),
        (HistoryEntry, "prompt"),
        (HistoryEntry, "status"),
        (QueueInfo, "queue_running"),
        (Asset, "tags"),
        (Asset, "created_at"),
        (NodeInfo, "input"),
        (WebSocketProgressStateMessageData, "nodes"),
    ):
        # The contract requires the `limit` of a pagination, and allows null there.
        whole = {"limit": None, **value} if name == "pagination" and isinstance(value, dict) else value
        assert kind.from_dict({name: value}).to_dict() == {name: whole}


def test_outputs_at_a_failure_may_be_a_list() -> None:
    assert ExecutionError.from_dict({"current_outputs": ["4", "9"]}).current_outputs == ["4", "9"]
    assert ExecutionError.from_dict({"current_outputs": {"4": [1]}}).current_outputs == {"4": [1]}


@pytest.mark.parametrize(
    "item",
    [
        [1, "id", {"1": {}}, ["9"], {"create_time": 1_795_000_000_000}],
        [1.5, "id", {"1": {}}, {"client_id": "x"}, ["9"]],
        [-3, "id"],
    ],
)
def test_a_queue_item_is_a_list_as_the_server_orders_it(item: list[object]) -> None:
    queue = QueueInfo.from_dict({"queue_running": [item], "queue_pending": []})
    assert queue.queue_running == [item]
    assert queue.to_dict() == {"queue_running": [item], "queue_pending": []}


def test_tooltips_and_names_of_nodes_may_be_null() -> None:
    node = NodeInfo.from_dict({"name": "X", "display_name": None, "output_tooltips": ["a", None]})
    assert node.display_name is None
    assert node.to_dict() == {"name": "X", "output_tooltips": ["a", None]}


# Numbers


def test_large_numbers_and_nan_are_read() -> None:
    assert decode_json(b'{"seed": 18446744073709551615}') == {"seed": 2**64 - 1}
    assert decode_json(b"[-9223372036854775808, 1e400]") == [-(2**63), math.inf]
    value = decode_json(b'{"a": NaN, "b": [Infinity, -Infinity]}')
    assert math.isnan(value["a"])
    assert value["b"] == [math.inf, -math.inf]


@given(st.lists(st.integers(-(2**66), 2**66) | st.floats(allow_nan=False, allow_infinity=False) | st.text()))
@example([2**64, -(2**63) - 1, 2**64 - 1, -(2**63)])
@example([10**400, -(10**300), "8" * 30, 0.1])
def test_integers_are_exact_however_long_they_are(values: list[Any]) -> None:
    for separators in ((",", ":"), (", ", " : ")):
        content = json.dumps({"a": values, "b": [[*values]]}, separators=separators, ensure_ascii=False)
        for text in (content, content.encode("utf-8", "surrogatepass")):
            assert repr(decode_json(text)) == repr({"a": values, "b": [[*values]]})


def test_what_json_cannot_express_is_not_written_beside_a_long_integer() -> None:
    assert encode_json([2**64, "ü"]) == b'[18446744073709551616,"\xc3\xbc"]'
    for value in (object(), "\ud800", math.nan):
        with pytest.raises(TypeError):
            encode_json([2**64, value])


def test_a_float_where_a_whole_number_was_promised_is_kept() -> None:
    assert TagInfo.from_dict({"count": 1.5}).to_dict() == {"count": 1.5}


# Instants


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T12:00:00Z", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("2026-11-23T12:00:00.123456789Z", datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-23T12:00:00", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        (
            "2026-11-23T12:00:00-05:30",
            datetime(2026, 11, 23, 12, tzinfo=timezone(-timedelta(hours=5, minutes=30))),
        ),
        ("2026-11-23T24:00:00Z", datetime(2026, 11, 24, tzinfo=UTC)),
    ],
)
def test_instants_are_aware(text: str, expected: datetime) -> None:
    found = Asset.from_dict({"created_at": text}).created_at
    assert found == expected
    assert isinstance(found, datetime)
    assert found.tzinfo is not None


@pytest.mark.parametrize(
    "value", ["", "yesterday", "2026-99-01", "23:61", "\ud800", "9999-12-31T24:00:00Z", 3, [], {}]
)
def test_what_is_no_instant_stays_what_it_is(value: object) -> None:
    assert read_datetime(value) == value


# Copies


def samples() -> list[Any]:
    return [
        JobEntry.from_dict({"id": "1", "status": "completed"}),
        JobEntry.from_dict({"id": "1", "status": "a new word", "extra": {"a": [1]}}),
        Asset.from_dict({"created_at": "2026-11-23T12:00:00Z", "tags": ["a"], "user_metadata": {"n": {}}}),
        JobsListResponse.from_dict({"jobs": [{"id": "1"}, {"id": "2", "x": 1}], "pagination": {"total": 2}}),
        HistoryResponse.from_dict({}),
    ]


@pytest.mark.parametrize(
    "copied",
    [
        pytest.param(copy.copy, id="copy"),
        pytest.param(copy.deepcopy, id="deepcopy"),
        *(
            pytest.param(lambda value, n=n: pickle.loads(pickle.dumps(value, n)), id=f"pickle-{n}")
            for n in range(2, pickle.HIGHEST_PROTOCOL + 1)
        ),
    ],
)
@pytest.mark.parametrize("index", range(len(samples())))
def test_models_can_be_copied_and_pickled(index: int, copied: Callable[[Any], Any]) -> None:
    model = samples()[index]
    twin = copied(model)
    assert twin == model
    assert twin is not model
    assert type(twin) is type(model)
    assert twin.to_dict() == model.to_dict()


def test_a_deep_copy_shares_nothing() -> None:
    model = JobEntry.from_dict({"id": "1", "extra": {"a": [1]}})
    twin = copy.deepcopy(model)
    twin.additional_properties["extra"]["a"].append(2)
    assert model.additional_properties == {"extra": {"a": [1]}}
    without = JobEntry.from_dict({"id": "1"})
    for fresh in (copy.deepcopy(without), pickle.loads(pickle.dumps(without))):
        fresh.additional_properties["own"] = 1
        assert fresh.to_dict() == {"id": "1", "own": 1}
    assert JobEntry.from_dict({"id": "2"}).additional_properties == {}


CHANGES: list[Callable[[dict[str, Any]], object]] = [
    lambda extras: extras.__setitem__("a", 1),
    lambda extras: extras.update(a=1),
    lambda extras: extras.setdefault("a", 1),
    lambda extras: extras.__ior__({"a": 1}),
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_shared_empty_extras_cannot_be_filled(change: Callable[[dict[str, Any]], object]) -> None:
    model = JobEntry.from_dict({"id": "1"})
    with pytest.raises(TypeError, match="set model"):
        change(model.additional_properties)
    assert JobEntry.from_dict({"id": "2"}).additional_properties == {}
    assert model.additional_properties.copy() is not model.additional_properties
    model.additional_properties = {"a": 1}
    assert model.to_dict() == {"id": "1", "a": 1}


def test_a_model_made_by_hand_has_extras_of_its_own() -> None:
    one, other = JobEntry(id="1"), JobEntry(id="2")
    one.additional_properties["a"] = 1
    assert one.to_dict() == {"id": "1", "a": 1}
    assert other.additional_properties == {}


def test_plain_json_of_everything_that_may_be_in_a_body() -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    value = {
        "a": (JobEntry(id="1"), JobEntryStatus.COMPLETED),
        "b": moment,
        "c": None,
        "d": JobEntry.from_dict({"x": 1}),
    }
    assert to_json(value) == {
        "a": [{"id": "1"}, "completed"],
        "b": moment.isoformat(),
        "c": None,
        "d": {"x": 1},
    }
    assert type(to_json(JobEntryStatus.COMPLETED)) is str
