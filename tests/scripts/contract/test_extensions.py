"""Extensions (`x-...`): their data is interface, the sentences in them stay ours."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from comfy_cloud.contract._diff.changes import report
from comfy_cloud.contract._diff.contracts import compare
from comfy_cloud.contract._documents.keywords import interface
from scripts.contract.wording import with_wording_of

from .base_contract import BASE, Document, fields, get

EVENTS = {
    "status": {"description": "Our words on states.", "schema": "#/components/schemas/Message"},
    "log": {"description": "Our words on lines.", "schema": "#/components/schemas/Message"},
}


def contract() -> Document:
    document = copy.deepcopy(BASE)
    get(document)["x-sse-events"] = copy.deepcopy(EVENTS)
    get(document)["x-note"] = "What we say about it."
    document["x-tagGroups"] = [{"name": "All of ours", "tags": ["thing"]}]
    fields(document, "Thing")["state"]["x-enum-varnames"] = ["NEW", "OLD"]
    return document


def theirs() -> Document:
    """The same in the words of somebody else, and with a few facts more."""
    document = contract()
    for event in get(document)["x-sse-events"].values():
        event["description"] = "Sentences of theirs."
    get(document)["x-sse-events"]["log"]["x-not-yet"] = True
    get(document)["x-note"] = "Sentences of theirs."
    get(document)["x-retryable"] = True
    get(document)["x-hints"] = ["Sentences of theirs.", "Theirs"]
    get(document)["x-samples"] = [
        {"lang": "sh", "source": "curl of theirs", "notes": {"text": "So they say."}}
    ]
    document["x-tagGroups"][0]["name"] = "Sentences of theirs"
    return document


def test_no_sentence_of_theirs_is_taken_over_and_every_fact_is() -> None:
    worded = with_wording_of(theirs(), contract())
    assert "theirs" not in str(worded.document).lower()
    assert "they say" not in str(worded.document)
    assert interface(worded.document) == interface(theirs())
    operation = get(worded.document)
    assert operation["x-sse-events"] == {**EVENTS, "log": {**EVENTS["log"], "x-not-yet": True}}
    assert operation["x-note"] == "What we say about it."
    assert operation["x-retryable"] is True
    assert operation["x-samples"] == [{"lang": "sh", "notes": {}}]
    assert worded.document["x-tagGroups"] == [{"name": "All of ours", "tags": ["thing"]}]
    assert worded.unwritten == worded.doubtful == []


def test_other_sentences_alone_are_no_change() -> None:
    other = contract()
    get(other)["x-sse-events"]["log"]["description"] = "Sentences of theirs."
    get(other)["x-note"] = "Sentences of theirs."
    assert compare(contract(), other) == []
    assert with_wording_of(other, contract()).document == contract()


def test_words_and_data_may_change_places() -> None:
    other = contract()
    get(other)["x-note"] = {"level": 3}
    other["x-tagGroups"] = "Sentences of theirs."
    document = with_wording_of(other, contract()).document
    assert get(document)["x-note"] == {"level": 3}
    assert "x-tagGroups" not in document
    assert interface(document) == interface(other)


@pytest.mark.parametrize(
    ("change", "line", "breaking"),
    [
        (
            lambda d: get(d).update({"x-retryable": True}),
            "GET /things/{id}: extension `x-retryable` (true) is new",
            False,
        ),
        (
            lambda d: get(d)["x-sse-events"]["log"].update({"x-not-yet": True}),
            "GET /things/{id}: extension `x-sse-events` has changed at log.x-not-yet",
            False,
        ),
        (
            lambda d: get(d)["x-sse-events"].pop("log"),
            "GET /things/{id}: extension `x-sse-events` has changed at log",
            True,
        ),
        (
            lambda d: fields(d, "Thing")["state"].update({"x-enum-varnames": ["FRESH", "OLD"]}),
            "schema Thing.state: extension `x-enum-varnames` has changed at [0]",
            True,
        ),
        (
            lambda d: d.pop("x-tagGroups"),
            'contract: extension `x-tagGroups` ([{"tags": ["thing"]}]) is gone',
            False,
        ),
    ],
)
def test_each_change_is_reported(change: Callable[[Document], Any], line: str, breaking: bool) -> None:
    new = contract()
    change(new)
    (found,) = compare(contract(), new)
    assert f"{found.where}: {found.text}" == line
    assert found.breaking is breaking
    assert found.operations == (() if line.startswith("contract") else ("getThing",))


def test_what_is_new_or_gone_as_a_whole_is_reported_once() -> None:
    new = contract()
    new["paths"]["/other"] = {"get": {"operationId": "other", "x-retryable": True, "responses": {}}}
    del fields(new, "Thing")["state"]
    assert {change.kind for change in compare(contract(), new)} == {"operation-added", "field-removed"}


def test_a_difference_that_nothing_else_reports_is_named() -> None:
    new = contract()
    new["tags"] = [{"name": "thing"}]
    new["info"]["license"] = {"name": "None"}
    found = compare(contract(), new)
    assert report(found) == "Not breaking (1):\n  contract: has changed at info.license, tags"
