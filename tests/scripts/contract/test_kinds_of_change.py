"""Ten kinds of change, each said as what it is, with the wrapper methods concerned."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from comfy_cloud.contract._diff.changes import report
from comfy_cloud.contract._diff.contracts import compare

from .base_contract import BASE, REF, Document, fields, get, put, schema

METHODS = {"getThing": ["cloud.things.get"], "putThing": ["cloud.things.put"]}
GET, PUT = "GET /things/{id}", "PUT /things/{id}"


def with_scheme(document: Document) -> None:
    document["components"]["securitySchemes"]["Token"] = {"type": "http", "scheme": "bearer"}


def split(document: Document) -> None:
    thing = schema(document, "Thing")
    named = {"id": thing["properties"].pop("id"), "state": thing["properties"].pop("state")}
    schema(document, "Thing").clear()
    document["components"]["schemas"]["Named"] = {"type": "object", "required": ["id"], "properties": named}
    thing.update(copy.deepcopy(schema(BASE, "Thing")))
    for name in named:
        del thing["properties"][name]
    del thing["required"]
    document["components"]["schemas"]["Thing"] = {"allOf": [{"$ref": f"{REF}Named"}, thing]}


def a_header(document: Document) -> None:
    header = {"name": "X-Reason", "in": "header", "required": True, "schema": {"type": "string"}}
    put(document)["parameters"] = [header]


def a_list(document: Document) -> None:
    get(document)["parameters"][1]["schema"] = {"type": "array", "items": {"type": "string"}}


def a_style(document: Document) -> None:
    a_list(document)
    get(document)["parameters"][1].update(style="pipeDelimited", explode=False)


def another_media_type(document: Document) -> None:
    content = get(document)["responses"]["200"]["content"]
    content["application/vnd.thing+json"] = content.pop("application/json")


KINDS: dict[str, tuple[Callable[[Document], object], Callable[[Document], object], list[str]]] = {
    "a renamed operationId": (
        with_scheme,
        lambda d: get(d).update(operationId="readThing"),
        ["Breaking (1):", f"  {GET}: operationId was getThing, is readThing [cloud.things.get]"],
    ),
    "a required header": (
        with_scheme,
        a_header,
        [
            "Breaking (1):",
            f"  {PUT}: header parameter `X-Reason` (string, required) is new [cloud.things.put]",
        ],
    ),
    "an optional property of a response": (
        with_scheme,
        lambda d: schema(d, "Thing").pop("required"),
        ["Breaking (1):", "  schema Thing: field `id` is no longer required [cloud.things.get]"],
    ),
    "an enum without a word": (
        with_scheme,
        lambda d: fields(d, "ThingUpdate")["note"]["enum"].remove("b"),
        ["Breaking (1):", "  schema ThingUpdate.note: no longer takes b [cloud.things.put]"],
    ),
    "another media type": (
        with_scheme,
        another_media_type,
        [
            "Breaking (1):",
            f"  {GET} 200: media type was application/json, is application/vnd.thing+json [cloud.things.get]",
        ],
    ),
    "other security": (
        with_scheme,
        lambda d: put(d).update(security=[{"Token": []}]),
        ["Breaking (1):", f"  {PUT}: credentials were Key, are Token [cloud.things.put]"],
    ),
    "another style of a parameter": (
        a_list,
        a_style,
        [
            "Not breaking (1):",
            f"  {GET}: query parameter `order` is written in another way "
            "(form, exploded, now pipeDelimited, not exploded) [cloud.things.get]",
        ],
    ),
    "another default": (
        with_scheme,
        lambda d: get(d)["parameters"][0]["schema"].update(default=8),
        ["Breaking (1):", f"  {GET} query parameter `limit`: default was 5, is 8 [cloud.things.get]"],
    ),
    "another path": (
        lambda d: d["paths"].update({"/v1/only": {"get": {**copy.deepcopy(get(d)), "operationId": "only"}}}),
        lambda d: d["paths"].update({"/v2/only": d["paths"].pop("/v1/only")}),
        ["Breaking (1):", "  GET /v2/only: was GET /v1/only [cloud.only]"],
    ),
    "a schema split by allOf": (
        with_scheme,
        split,
        [
            "Not breaking (2):",
            "  schema Thing: is put together from Named and object now [cloud.things.get]",
            "  schema Named: is new",
        ],
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_said_as_what_it_is(kind: str) -> None:
    before, change, lines = KINDS[kind]
    old = copy.deepcopy(BASE)
    before(old)
    new = copy.deepcopy(old)
    change(new)
    methods = {**METHODS, "only": ["cloud.only"]}
    assert report(compare(old, new), methods).splitlines() == lines


def test_fields_that_a_split_changes_are_said() -> None:
    new = copy.deepcopy(BASE)
    split(new)
    fields(new, "Named")["state"]["enum"].append("worn")
    del schema(new, "Named")["required"]
    found = {(change.where, change.kind, change.breaking) for change in compare(BASE, new)}
    assert found == {
        ("schema Thing", "composition-changed", False),
        ("schema Thing", "field-optional", True),
        ("schema Thing.state", "enum-widened", False),
        ("schema Named", "schema-added", False),
    }


def test_a_split_taken_back_is_said_too() -> None:
    old = copy.deepcopy(BASE)
    split(old)
    assert "schema Thing: is written as one object now" in report(compare(old, BASE))


def test_an_alternative_in_an_all_of_is_not_joined() -> None:
    new = copy.deepcopy(BASE)
    part = {"oneOf": [{"$ref": f"{REF}Thing"}, {"$ref": f"{REF}Message"}]}
    new["components"]["schemas"]["Thing"] = {"allOf": [copy.deepcopy(schema(BASE, "Thing")), part]}
    assert any(change.kind == "type-changed" and change.breaking for change in compare(BASE, new))
