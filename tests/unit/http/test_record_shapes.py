"""Deviations in pages that are not decoded: the same are found as in decoded ones."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._http import response_shapes
from comfy_cloud._http.deviations import Deviations, _shape_of
from comfy_cloud._http.response_shapes import Shape, compare, shape_of
from comfy_cloud._http.shape_decoders import fits_of
from comfy_cloud_api.api.job import list_jobs
from comfy_cloud_api.types import decode_json

ERROR = {"node_id": "3", "exception_message": "m", "traceback": ["a"], "timestamp": 1}
PAGINATION = {"offset": 0, "limit": 9, "total": 9, "has_more": False}
JOB = {"id": "a", "status": "completed", "create_time": 1, "outputs_count": 2, "preview_output": {}}

wrong = st.sampled_from([1, 1.5, "new", True, [], {}, [1], {"a": 1}, 2**70])
errors = st.dictionaries(st.sampled_from([*ERROR, "newer"]), wrong, max_size=3).map(
    lambda odd: {**ERROR, **odd}
)
odd_fields = st.dictionaries(
    st.sampled_from([*JOB, "execution_error", "newer"]),
    wrong | st.sampled_from(list(ERROR.values())),
    max_size=2,
)
jobs = st.builds(
    lambda odd, error, missing: {
        name: value for name, value in {**JOB, **error, **odd}.items() if name != missing
    },
    odd_fields,
    st.just({}) | errors.map(lambda error: {"execution_error": error}),
    st.sampled_from([None, *JOB]),
)


def found_in(content: bytes) -> tuple[dict[Any, int], list[Any]]:
    deviations = Deviations()

    def look(value: Any) -> None:
        deviations.look_at(list_jobs.OPERATION, response, value)

    response: Any = SimpleNamespace(
        status_code=200, headers={"content-type": "application/json"}, content=content, look=look
    )
    list_jobs.parse(response)
    return deviations.counts(), sorted(map(str, [*deviations, *deviations.unknown_fields]))


@given(st.lists(jobs, max_size=3))
def test_the_same_deviations_are_found_in_an_undecoded_page(listed: list[dict[str, Any]]) -> None:
    content = json.dumps({"jobs": listed, "pagination": PAGINATION}).encode()
    usual = Deviations()
    response: Any = SimpleNamespace(status_code=200, headers={"content-type": "application/json"})
    usual.look_at(list_jobs.OPERATION, response, decode_json(content))
    assert found_in(content) == (usual.counts(), sorted(map(str, [*usual, *usual.unknown_fields])))


def test_of_a_long_page_the_same_items_are_checked() -> None:
    listed = [{**JOB, "status": f"word{number}"} for number in range(100)]
    content = json.dumps({"jobs": listed, "pagination": PAGINATION}).encode()
    (deviation,) = found_in(content)[0].values()
    assert deviation == 5
    listed = [{**JOB, "execution_error": {"node_id": number}} for number in range(100)]
    content = json.dumps({"jobs": listed, "pagination": PAGINATION}).encode()
    assert set(found_in(content)[0].values()) == {5}


def test_a_word_that_the_published_contract_lacks_is_unknown() -> None:
    table = {"types": ("object",), "fields": {"status": {"types": ("string",), "words": ("pending",)}}}
    shape = shape_of({"types": ("array",), "items": table}, {}, "GET /things", "")
    listed = b'{"jobs":[{"status":"pending"},{"status":"completed"}]}'
    found: list[Any] = []
    noted: list[tuple[str, Any]] = []

    def look(value: Any) -> None:
        found.append(value["jobs"])

    response: Any = SimpleNamespace(status_code=200, headers={}, content=listed, look=look)
    list_jobs.parse(response)
    assert shape is not None
    compare(shape, found[0], 0, lambda _, kind, value: noted.append((kind, value)))
    assert noted == [("unknown word", "completed")]


def test_what_fits_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [{**JOB, "execution_error": ERROR}] * 30
    content = json.dumps({"jobs": listed, "pagination": PAGINATION}).encode()
    monkeypatch.setattr(response_shapes, "decode_late", None)
    assert found_in(content)[0] == {}


tables = st.recursive(
    st.sampled_from(
        [
            None,
            {"types": ("string",)},
            {"types": ("integer",)},
            {"types": ("number", "string"), "null": True},
            {"types": ("boolean",)},
            {"types": ("string",), "words": ("a", "b")},
            {"types": ("string",), "instant": True},
            {"types": ("object",)},
            {"types": ("object", "array")},
        ]
    ),
    lambda inner: st.one_of(
        inner.map(lambda items: {"types": ("array",), "items": items}),
        inner.map(lambda of: {"types": ("object",), "values": of}),
        st.builds(
            lambda one, other, is_open: {
                "types": ("object",), "fields": {"x": one, "y-z": other}, "required": ("x",),
                **({"open": True} if is_open else {}),
            },
            inner, inner, st.booleans(),
        ),
    ),
    max_leaves=4,
)  # fmt: skip
values = st.recursive(
    st.sampled_from([None, True, 1, 1.0, 1.5, 2**70, "a", "2026-11-23T12:00:00Z", {}, []]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["x", "y-z", "w"]), inner),
    max_leaves=5,
)


@given(tables, values)
def test_what_is_said_to_fit_has_no_deviations(table: Any, value: Any) -> None:
    shape = shape_of(table, {}, "GET /things", "")
    if shape is None:
        return
    content = json.dumps(value).encode()
    noted: list[Any] = []
    compare(shape, decode_json(content), 0, lambda *found: noted.append(found))
    assert not (fits_of(shape)(content) and noted)


def test_most_shapes_have_a_decoder() -> None:
    shape = _shape_of(list_jobs.OPERATION, 200)
    assert shape is not None
    ((_, _, listed),) = [field for field in shape.fields if field[0] == "jobs"]
    assert listed is not None
    assert isinstance(listed.items, Shape)
    (error,) = [inner for name, _, inner in listed.items.fields if name == "execution_error"]
    assert error is not None
    assert error.fits(json.dumps(ERROR).encode())
    assert not error.fits(b'{"node_id": 1}')
