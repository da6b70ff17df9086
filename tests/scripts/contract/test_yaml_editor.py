from __future__ import annotations

import copy
import json
from typing import Any, ClassVar

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud.contract._documents.keywords import NodeKind, interface
from comfy_cloud.contract._documents.reader import ContractError, read_document
from scripts.contract.wording import PLACEHOLDER, with_wording_of
from scripts.contract.yaml_editor import edited, without_items
from scripts.project.checkout import Checkout

from ..copies import contract_of

OURS = Checkout().contract.read_text(encoding="utf-8")
OURS_DOCUMENT = contract_of(Checkout())

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["", "a", "no", "a: b", "two\nlines\n", "#x", "w " * 60 + "w"])
)
NAMES = st.sampled_from(["a", "b", "c", "name", "in"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=5)


def changed_lines(old: str, new: str) -> tuple[list[str], list[str]]:
    before, after = old.splitlines(), new.splitlines()
    return [line for line in before if line not in after], [line for line in after if line not in before]


class TestEdited:
    def test_the_same_document_leaves_the_text_alone(self) -> None:
        assert edited(OURS, copy.deepcopy(OURS_DOCUMENT), "ours") is OURS

    def test_only_what_changes_is_written(self) -> None:
        target = copy.deepcopy(OURS_DOCUMENT)
        target["paths"]["/api/jobs"]["get"]["parameters"][0]["required"] = True
        target["paths"]["/api/new"] = {"get": {"responses": {"200": {"description": "New."}}}}
        del target["components"]["schemas"]["JobEntry"]["properties"]["preview_output"]
        text = edited(OURS, target, "ours")
        gone, fresh = changed_lines(OURS, text)
        assert read_document(text, "text") == target
        assert fresh == ["  /api/new:", "          description: New."]
        assert all("preview" in line or "#" not in line for line in gone)
        assert [line for line in OURS.splitlines() if line.lstrip().startswith("#")] == [
            line for line in text.splitlines() if line.lstrip().startswith("#")
        ]

    @pytest.mark.parametrize(
        ("text", "target", "expected"),
        [
            ("a: 1  # why\nb: 2\n", {"a": 3, "b": 2}, "a: 3  # why\nb: 2\n"),
            ("a: 1\nb: 2", {"a": 1, "b": 2, "c": [1, 2]}, "a: 1\nb: 2\nc: [1, 2]\n"),
            ("a:\n  b: 1\n  # kept\n  c: 2\n", {"a": {"c": 2}}, "a:\n  # kept\n  c: 2\n"),
            ("a:\n  - name: x\n    in: q\n  - name: y\n", {"a": [{"name": "y"}]}, "a:\n  - name: y\n"),
            ("a:\n- 1\n- 2\n", {"a": [1, 3]}, "a:\n- 1\n- 3\n"),
            ("a:\n  - name: y\n", {"a": [{"name": "x"}, {"name": "y"}]}, "a:\n  - name: x\n  - name: y\n"),
            ("a: |\n  one\n  # two\n\nb: 1\n", {"a": "x", "b": 1}, "a: x\n\nb: 1\n"),
            ("a: [1, 2]\n", {"a": {"b": None}}, "a:\n  b: null\n"),
            ("a: 1\n", {"a": True}, "a: true\n"),
            ("a: {b: 1}\n", {"a": {}}, "a: {}\n"),
        ],
    )
    def test_small_edits(self, text: str, target: dict[str, Any], expected: str) -> None:
        assert edited(text, target, "x") == expected

    def test_anchors_cannot_be_edited_and_say_so(self) -> None:
        with pytest.raises(ContractError, match="x has a layout that cannot be edited in place"):
            edited("a: &one\n  v: 1\nb: *one\n", {"a": {"v": 1}, "b": {"v": 2}}, "x")

    @settings(max_examples=50, deadline=None)
    @given(DOCUMENTS, DOCUMENTS)
    def test_the_result_always_holds_the_target(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        for text in (
            yaml.safe_dump(old, sort_keys=False),
            yaml.safe_dump(old, default_flow_style=True),
            json.dumps(old),
        ):
            result = read_document(edited(text, new, "x"), "x")
            assert json.dumps(result, sort_keys=True) == json.dumps(new, sort_keys=True)


class TestWithoutItems:
    def test_comments_and_other_items_stay(self) -> None:
        text = (
            "actions:\n  # First\n\n  - target: a\n    update: |\n      # not a comment\n\n"
            "  # Second\n\n  - target: b\n\n  - target: c\n"
        )
        assert without_items(text, "actions", {0}, "x") == (
            "actions:\n  # First\n\n  # Second\n\n  - target: b\n\n  - target: c\n"
        )
        assert without_items(text, "actions", {2}, "x") == text.removesuffix("  - target: c\n")
        assert read_document(without_items(text, "actions", {0, 1, 2}, "x"), "x") == {"actions": None}

    def test_each_action_of_our_overlay_can_be_taken_out(self) -> None:
        text = Checkout().overlay.read_text(encoding="utf-8")
        count = len(read_document(text, "x")["actions"])
        for index in range(0, count, 30):
            document = read_document(text, "x")
            del document["actions"][index]
            assert read_document(without_items(text, "actions", {index}, "x"), "x") == document


class TestWording:
    ours: ClassVar[dict[str, Any]] = {
        "info": {"title": "Ours", "version": "1", "description": "Our words."},
        "components": {
            "schemas": {
                "A": {
                    "description": "Our A.",
                    "properties": {
                        "description": {"type": "string", "description": "Our field.", "example": "x"}
                    },
                }
            }
        },
    }

    def newcomer(self) -> dict[str, Any]:
        document = copy.deepcopy(self.ours)
        document["info"] |= {"title": "Theirs", "description": "Their words.", "summary": "Theirs."}
        schema: Any = document["components"]["schemas"]["A"]
        schema["description"] = "Their A."
        schema["properties"]["description"] |= {"description": "Their field.", "example": "y"}
        return document

    def test_ours_are_kept_where_the_path_is_the_same(self) -> None:
        worded = with_wording_of(self.newcomer(), self.ours)
        assert worded.document == self.ours
        assert worded.unwritten == worded.doubtful == []

    def test_new_paths_get_a_placeholder_and_are_listed(self) -> None:
        newcomer = self.newcomer()
        newcomer["components"]["schemas"]["B"] = {
            "description": "Their B.",
            "properties": {"description": {"type": "string"}},
        }
        worded = with_wording_of(newcomer, self.ours)
        assert worded.document["components"]["schemas"]["B"]["description"] == PLACEHOLDER
        assert worded.unwritten == ["components.schemas.B.description"]

    def test_a_changed_path_keeps_our_description_but_not_our_sample(self) -> None:
        newcomer = self.newcomer()
        newcomer["components"]["schemas"]["A"]["properties"]["description"]["type"] = "integer"
        worded = with_wording_of(newcomer, self.ours)
        field = worded.document["components"]["schemas"]["A"]["properties"]["description"]
        assert field == {"type": "integer", "description": "Our field.", "example": "y"}
        assert worded.doubtful == ["components.schemas.A.properties.description"]

    def test_parameters_are_matched_by_name_and_not_by_position(self) -> None:
        ours = {"get": {"parameters": [{"name": "a", "in": "query", "description": "Our a."}]}}
        newcomer = {
            "get": {
                "parameters": [
                    {"name": "b", "in": "query", "description": "Their b."},
                    {"name": "a", "in": "query", "description": "Their a."},
                ]
            }
        }
        worded = with_wording_of(newcomer, ours)
        assert [item["description"] for item in worded.document["get"]["parameters"]] == [
            PLACEHOLDER,
            "Our a.",
        ]
        assert worded.unwritten == ["get.parameters[b].description"]

    def test_interface_keeps_fields_that_are_named_like_descriptions(self) -> None:
        assert interface({"properties": {"description": {"description": "x", "type": "string"}}}) == {
            "properties": {"description": {"type": "string"}}
        }
        assert interface({"default": {"description": "data"}}) == {"default": {"description": "data"}}
        assert interface({"description": {"type": "string"}}, NodeKind.NAMES) == {
            "description": {"type": "string"}
        }
        assert interface({"required": ["b", "a"]}) == interface({"required": ["a", "b"]})

    @settings(max_examples=40, deadline=None)
    @given(st.data())
    def test_wording_never_changes_the_interface(self, data: st.DataObject) -> None:
        keys = st.sampled_from(
            [
                "description",
                "summary",
                "properties",
                "items",
                "type",
                "required",
                "example",
                "schema",
                "parameters",
                "x-note",
            ]
        )
        nodes = st.recursive(
            st.sampled_from(["t", "A sentence.", 1, True]),
            lambda n: st.lists(n, max_size=3) | st.dictionaries(keys, n, max_size=4),
            max_leaves=8,
        )
        new, ours = data.draw(st.dictionaries(keys, nodes)), data.draw(st.dictionaries(keys, nodes))
        assert interface(with_wording_of(new, ours).document) == interface(new)
        assert with_wording_of(new, new).document == new
