from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from comfy_cloud.contract._diff.changes import Change, report
from comfy_cloud.contract._diff.contracts import compare
from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.reader import read_contract, read_document
from scripts.contract.overlay import merged
from scripts.project.checkout import Checkout

from .base_contract import BASE, REF, Document, fields, get, put, schema


def changed(change: Callable[[Document], object]) -> list[Change]:
    new = copy.deepcopy(BASE)
    change(new)
    return compare(BASE, new)


# A change, and what is found of it: the kinds, with ! where they break a program.
CASES: dict[str, tuple[Callable[[Document], object], str]] = {
    "operation removed": (lambda d: d["paths"]["/things/{id}"].pop("put"), "operation-removed!"),
    "operation added": (
        lambda d: d["paths"].update({"/new": {"get": {"operationId": "x", "responses": {}}}}),
        "operation-added",
    ),
    "operation renamed": (lambda d: get(d).update(operationId="readThing"), "operation-renamed!"),
    "operation moved": (
        lambda d: d["paths"].update({"/v2/things/{id}": d["paths"].pop("/things/{id}")}),
        "operation-moved!",
    ),
    "tag changed": (lambda d: get(d).update(tags=["other"]), "tag-changed!"),
    "deprecated": (lambda d: get(d).update(deprecated=True), "deprecation"),
    "needs no key": (lambda d: get(d).update(security=[]), "security-changed"),
    "parameter removed": (lambda d: get(d)["parameters"].pop(), "parameter-removed!"),
    "parameter added": (
        lambda d: get(d)["parameters"].append({"name": "n", "in": "query", "schema": {"type": "string"}}),
        "parameter-added",
    ),
    "required parameter added": (
        lambda d: get(d)["parameters"].append({"name": "n", "in": "query", "required": True, "schema": {}}),
        "parameter-added!",
    ),
    "parameter required": (lambda d: get(d)["parameters"][0].update(required=True), "parameter-required!"),
    "parameter type": (lambda d: get(d)["parameters"][0].update(schema={"type": "string"}), "type-changed!"),
    "parameter type wider": (
        lambda d: get(d)["parameters"][0]["schema"].update(type="number"),
        "type-changed",
    ),
    "parameter enum widened": (
        lambda d: get(d)["parameters"][1]["schema"]["enum"].append("both"),
        "enum-widened",
    ),
    "parameter enum narrowed": (lambda d: get(d)["parameters"][1]["schema"]["enum"].pop(), "enum-narrowed!"),
    "parameter bounds tightened": (
        lambda d: get(d)["parameters"][0]["schema"].update(minimum=2, maximum=8),
        "bound-tightened!",
    ),
    "parameter bounds loosened": (
        lambda d: get(d)["parameters"][0]["schema"].update(minimum=0, maximum=10),
        "bound-loosened",
    ),
    "parameter bound gone": (lambda d: get(d)["parameters"][0]["schema"].pop("maximum"), "bound-loosened"),
    "parameter default": (lambda d: get(d)["parameters"][0]["schema"].update(default=6), "default-changed!"),
    "body required": (lambda d: put(d)["requestBody"].update(required=True), "body-required!"),
    "body removed": (lambda d: put(d).pop("requestBody"), "body-removed!"),
    "body added": (lambda d: get(d).update(requestBody={"content": {"text/plain": {}}}), "body-added"),
    "body media type added": (
        lambda d: put(d)["requestBody"]["content"].update({"text/plain": {}}),
        "media-type-added",
    ),
    "body media type removed": (
        lambda d: put(d)["requestBody"].update(content={"text/plain": {}}),
        "media-type-changed! type-changed!",
    ),
    "sent field added": (lambda d: fields(d, "ThingUpdate").update(new={"type": "string"}), "field-added"),
    "sent field added and required": (
        lambda d: (
            fields(d, "ThingUpdate").update(new={}),
            schema(d, "ThingUpdate")["required"].append("new"),
        ),
        "field-added!",
    ),
    "sent field required": (lambda d: schema(d, "ThingUpdate")["required"].append("note"), "field-required!"),
    "sent field optional": (lambda d: schema(d, "ThingUpdate").update(required=[]), "field-optional"),
    "sent field shorter": (
        lambda d: fields(d, "ThingUpdate")["name"].update(maxLength=5),
        "bound-tightened!",
    ),
    "sent field not null": (lambda d: fields(d, "ThingUpdate")["name"].pop("nullable"), "null-refused!"),
    "sent alternative gone": (
        lambda d: fields(d, "ThingUpdate")["either"]["anyOf"].pop(),
        "alternatives-changed!",
    ),
    "sent alternative new": (
        lambda d: fields(d, "ThingUpdate")["either"]["anyOf"].append({"type": "boolean"}),
        "alternatives-changed",
    ),
    "no other fields sent": (
        lambda d: schema(d, "ThingUpdate").update(additionalProperties=False),
        "extra-fields-changed!",
    ),
    "status removed": (lambda d: get(d)["responses"].pop("404"), "status-removed"),
    "success removed": (
        lambda d: get(d)["responses"].update({"201": get(d)["responses"].pop("200")}),
        "status-removed! status-added",
    ),
    "success of another type": (
        lambda d: get(d)["responses"].update({"202": {"description": "Later."}}),
        "status-added!",
    ),
    "error status added": (
        lambda d: get(d)["responses"].update({"429": {"description": "Slower."}}),
        "status-added",
    ),
    "error body changed": (
        lambda d: get(d)["responses"]["404"].update(content={"text/plain": {}}),
        "media-type-changed type-changed",
    ),
    "received field removed": (lambda d: fields(d, "Thing").pop("made"), "field-removed!"),
    "received field added": (
        lambda d: (fields(d, "Thing").update(new={}), schema(d, "Thing")["required"].append("new")),
        "field-added",
    ),
    "received field optional": (lambda d: schema(d, "Thing").update(required=[]), "field-optional!"),
    "received field type": (lambda d: fields(d, "Thing")["id"].update(type="integer"), "type-changed!"),
    "received number narrower": (lambda d: fields(d, "Thing")["size"].update(type="integer"), "type-changed"),
    "received item type": (
        lambda d: fields(d, "Thing")["parts"].update(items={"type": "string"}),
        "type-changed!",
    ),
    "received format": (lambda d: fields(d, "Thing")["made"].pop("format"), "format-changed!"),
    "received untyped format": (lambda d: fields(d, "Thing")["id"].update(format="uuid"), "format-changed"),
    "received enum widened": (lambda d: fields(d, "Thing")["state"]["enum"].append("x"), "enum-widened"),
    "received enum narrowed": (lambda d: fields(d, "Thing")["state"]["enum"].pop(), "enum-narrowed!"),
    "received enum gone": (lambda d: fields(d, "Thing")["state"].pop("enum"), "enum-removed!"),
    "received text becomes enum": (lambda d: fields(d, "Thing")["id"].update(enum=["a"]), "enum-narrowed"),
    "received not null": (lambda d: fields(d, "Thing")["size"].pop("nullable"), "null-refused"),
    "received null": (lambda d: fields(d, "Thing")["id"].update(nullable=True), "null-allowed!"),
    "received null as in 3.1": (
        lambda d: fields(d, "Thing")["id"].update(type=["string", "null"]),
        "null-allowed!",
    ),
    "received null of a field that may be absent": (
        lambda d: fields(d, "Thing")["made"].update(nullable=True),
        "null-allowed",
    ),
    "received item null": (
        lambda d: fields(d, "Thing")["parts"].update(
            items={"allOf": [{"$ref": f"{REF}Thing"}], "nullable": True}
        ),
        "null-allowed!",
    ),
    "sent null": (lambda d: fields(d, "ThingUpdate")["note"].update(nullable=True), "null-allowed"),
    "sent untyped format": (
        lambda d: fields(d, "ThingUpdate")["name"].update(format="uuid"),
        "format-changed!",
    ),
    "received type wider": (
        lambda d: fields(d, "Thing")["id"].update(type=["string", "integer"]),
        "type-changed!",
    ),
    "sent type wider": (
        lambda d: fields(d, "ThingUpdate")["name"].update(type=["string", "integer"]),
        "type-changed",
    ),
    "required header added": (
        lambda d: get(d)["parameters"].append(
            {"name": "X-N", "in": "header", "required": True, "schema": {"type": "string"}}
        ),
        "parameter-added!",
    ),
    "header added": (
        lambda d: get(d)["parameters"].append({"name": "X-N", "in": "header", "schema": {"type": "string"}}),
        "parameter-added",
    ),
    "received default": (lambda d: fields(d, "Thing")["id"].update(default="x"), "default-changed"),
    "another credential": (lambda d: get(d).update(security=[{"Token": []}]), "security-changed!"),
    "one more credential": (
        lambda d: get(d).update(security=[{"Key": [], "Token": []}]),
        "security-changed!",
    ),
    "another credential is enough": (
        lambda d: get(d).update(security=[{"Token": []}, {"Key": []}]),
        "security-changed",
    ),
    "received extras": (
        lambda d: fields(d, "Thing")["extra"].update(additionalProperties={"type": "integer"}),
        "type-changed!",
    ),
    "received alternative new": (
        lambda d: fields(d, "Thing")["one"]["oneOf"].append({"type": "boolean"}),
        "alternatives-changed!",
    ),
    "websocket enum widened": (lambda d: fields(d, "Message")["kind"]["enum"].append("b"), "enum-widened"),
    "websocket field removed": (lambda d: fields(d, "Message").pop("kind"), "field-removed!"),
    "schema removed": (lambda d: d["components"]["schemas"].pop("Message"), "schema-removed!"),
    "schema added": (lambda d: d["components"]["schemas"].update(New={}), "schema-added"),
    "server": (lambda d: d.update(servers=[{"url": "https://two.example"}]), "servers-changed!"),
    "version": (lambda d: d["info"].update(version="2"), "version-changed"),
    "scheme changed": (
        lambda d: d["components"]["securitySchemes"]["Key"].update(name="X-Key"),
        "security-scheme-changed!",
    ),
    "scheme added": (
        lambda d: d["components"]["securitySchemes"].update(Other={"type": "http"}),
        "security-scheme-added",
    ),
    "sent field is the server's alone": (
        lambda d: fields(d, "ThingUpdate")["note"].update(readOnly=True),
        "direction-changed!",
    ),
    "received field is the server's alone": (
        lambda d: fields(d, "Thing")["id"].update(readOnly=True),
        "direction-changed",
    ),
    "received field is ours alone": (
        lambda d: fields(d, "Thing")["id"].update(writeOnly=True),
        "direction-changed!",
    ),
    "a header of a redirect": (
        lambda d: get(d)["responses"].update({"302": {"description": "There.", "headers": {"Location": {}}}}),
        "status-added!",
    ),
    "a header added": (lambda d: get(d)["responses"]["200"].update(headers={"X-More": {}}), "header-added"),
    "words": (lambda d: (d["info"].update(title="X"), get(d).update(summary="Other words")), ""),
    "reference with words": (
        lambda d: fields(d, "Thing")["parts"].update(
            items={"allOf": [{"$ref": f"{REF}Thing"}], "description": "A."}
        ),
        "",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_change_is_found_once_and_judged(name: str) -> None:
    change, expected = CASES[name]
    found = {f"{each.kind}{'!' if each.breaking else ''}" for each in changed(change)}
    assert found == set(expected.split())


def test_only_the_header_that_is_read_breaks() -> None:
    with_headers = copy.deepcopy(BASE)
    get(with_headers)["responses"]["302"] = {"description": "There.", "headers": {"location": {}, "Vary": {}}}
    without = copy.deepcopy(with_headers)
    del without["paths"]["/things/{id}"]["get"]["responses"]["302"]["headers"]
    assert {(found.text, found.breaking) for found in compare(with_headers, without)} == {
        ("header location is gone", True),
        ("header Vary is gone", False),
    }


def test_whether_a_header_is_always_sent() -> None:
    always, sometimes = copy.deepcopy(BASE), copy.deepcopy(BASE)
    for document, required in ((always, True), (sometimes, False)):
        document["components"]["headers"] = {"Sure": {"required": required}}
        headers = {"Location": {"required": required}, "X-Sure": {"$ref": "#/components/headers/Sure"}}
        get(document)["responses"]["302"] = {"description": "There.", "headers": headers}
    less = [(change.kind, change.text, change.breaking) for change in compare(always, sometimes)]
    assert less == [
        ("header-optional", "header Location is no longer required", True),
        ("header-optional", "header X-Sure is no longer required", False),
    ]
    more = {(change.kind, change.breaking) for change in compare(sometimes, always)}
    assert more == {("header-required", False)}


@pytest.mark.parametrize(("status", "breaking"), [("404", False), ("default", False), ("200", True)])
def test_a_promise_about_errors_is_none_to_the_program(status: str, breaking: bool) -> None:
    old = copy.deepcopy(BASE)
    old["components"]["schemas"]["Problem"] = {
        "type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}
    }  # fmt: skip
    content = {"application/json": {"schema": {"$ref": f"{REF}Problem"}}}
    get(old)["responses"] = {status: {"description": "This.", "content": content}}
    new = copy.deepcopy(old)
    schema(new, "Problem")["required"] = []
    (change,) = compare(old, new)
    assert (change.kind, change.breaking) == ("field-optional", breaking)
    assert change.operations == (get(old)["operationId"],)


def test_a_field_that_could_be_null_before_may_as_well_be_absent() -> None:
    old = copy.deepcopy(BASE)
    schema(old, "Thing")["required"].append("size")
    assert [(change.kind, change.breaking) for change in compare(old, BASE)] == [("field-optional", False)]


def test_a_key_that_becomes_needed_breaks() -> None:
    public = copy.deepcopy(BASE)
    get(public)["security"] = []
    assert [(found.kind, found.breaking) for found in compare(public, BASE)] == [("security-changed", True)]


def test_a_renamed_path_parameter_is_one_change() -> None:
    def rename(document: Document) -> None:
        item = document["paths"].pop("/things/{id}")
        item["parameters"][0]["name"] = "thing_id"
        document["paths"]["/things/{thing_id}"] = item

    found = changed(rename)
    assert {(change.kind, change.breaking) for change in found} == {("parameter-renamed", True)}
    assert len(found) == 2  # once for each operation of the path


def test_a_schema_change_names_the_operations_that_it_reaches() -> None:
    found = changed(lambda document: fields(document, "Thing").pop("id"))
    assert [change.operations for change in found if change.kind == "field-removed"] == [("getThing",)]
    found = changed(lambda document: fields(document, "ThingUpdate").pop("name"))
    assert [change.operations for change in found if change.kind == "field-removed"] == [("putThing",)]
    assert changed(lambda document: fields(document, "Message").pop("kind"))[0].operations == ()


def test_parameters_and_bodies_by_reference_are_followed() -> None:
    def by_reference(document: Document) -> None:
        document["components"]["parameters"] = {"Limit": get(document)["parameters"][0]}
        get(document)["parameters"][0] = {"$ref": "#/components/parameters/Limit"}
        document["components"]["responses"] = {"None": get(document)["responses"]["404"]}
        get(document)["responses"]["404"] = {"$ref": "#/components/responses/None"}

    assert changed(by_reference) == []


def test_recursive_schemas_end() -> None:
    old = copy.deepcopy(BASE)
    schema(old, "Thing")["properties"]["self"] = {
        "oneOf": [{"$ref": f"{REF}Thing"}, {"$ref": f"{REF}Message"}]
    }
    new = copy.deepcopy(old)
    new["components"]["schemas"]["Thing"]["properties"]["id"]["type"] = "integer"
    assert [change.kind for change in compare(old, new)] == ["type-changed"]


def test_a_reference_to_another_schema_is_another_type() -> None:
    found = changed(
        lambda document: fields(document, "Thing")["parts"].update(items={"$ref": f"{REF}Message"})
    )
    assert [change.text for change in found] == ["type was Thing, is Message"]


def test_our_contract_against_itself_and_against_the_merged_one() -> None:
    contract = read_contract(Checkout().contract.read_bytes(), "contract")
    document = merged(contract, read_document(Checkout().overlay.read_bytes(), "overlay"))
    assert compare(contract, copy.deepcopy(contract)) == []
    found = compare(contract, document)
    added = {change.operations[0] for change in found if change.kind == "operation-added"}
    assert added == {op.id for op in operations_of(document)} - {op.id for op in operations_of(contract)}
    assert all(change.where and change.text and "\n" not in change.where + change.text for change in found)


def test_the_report_lists_breaking_changes_first() -> None:
    def change(document: Document) -> None:
        get(document)["parameters"].pop()
        fields(document, "Thing")["state"]["enum"].append("lost")

    assert report(changed(change)) == (
        "Breaking (1):\n"
        "  GET /things/{id}: query parameter `order` is gone\n"
        "Not breaking (1):\n"
        "  schema Thing.state: knows lost now"
    )
    methods = {"getThing": ["cloud.b", "cloud.a"], "other": ["cloud.c"]}
    assert report(changed(change), methods).count(" [cloud.a, cloud.b]\n") == 1
    many = {"getThing": [f"cloud.m{number}" for number in range(6)]}
    assert report(changed(change), many).endswith(
        "knows lost now [cloud.m0, cloud.m1, cloud.m2, cloud.m3 and 2 more]"
    )
    assert report([]) == "No operation, parameter, field or status has changed."
