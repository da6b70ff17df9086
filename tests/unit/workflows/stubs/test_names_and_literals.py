"""Names and texts of a server in Python: strict names, literals that mean the text and no more."""

from __future__ import annotations

import ast
import keyword
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._workflows.stubs.identifiers import BUILTINS, camel_case, identifiers, snake_case
from comfy_cloud._workflows.stubs.literals import (
    comment_text,
    doc_line,
    json_literal,
    text_literal,
    value_literal,
)

from .odd_classes import ATTACK

# Characters of all kinds, halves of characters too, and more often what ends a literal.
TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from("\"'\\\n\r\0#{}%\u202e\u200f\u05d0\ud800")), max_size=30
)


@given(TEXTS)
def test_a_literal_is_the_text_on_one_visible_line(text: str) -> None:
    literal = text_literal(text)
    assert ast.literal_eval(literal) == text
    for written in (literal, comment_text(text), doc_line(text)):
        assert written.isprintable()
        assert written.splitlines() in ([written], [])
        assert not {"R", "AL", "AN"} & {unicodedata.bidirectional(character) for character in written}


@given(TEXTS)
def test_a_docstring_ends_where_it_should(text: str) -> None:
    (statement,) = ast.parse(f'"""{doc_line(text)}"""').body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Constant)


@given(st.lists(TEXTS, max_size=8))
def test_names_are_different_plain_identifiers(names: list[str]) -> None:
    made = identifiers(names, "input", {"self", "a"})
    assert list(made) == list(dict.fromkeys(names))
    assert len(set(made.values())) == len(made)
    for name in made.values():
        assert name.isidentifier()
        assert name.isascii()
        assert not name.startswith("_")
        assert not keyword.iskeyword(name)
        assert name not in ("self", "a")
    for name in (snake_case("".join(names), "x"), camel_case("".join(names), "X")):
        assert name.isidentifier()
        assert name.isascii()


def test_names_that_resemble_those_of_the_server() -> None:
    names = [
        "KSampler",
        "Épée (fast)",
        "class",
        "3D Loader",
        "print",
        "a b",
        "a.b",
        "a_b",
        "__init__",
        "加载",
        "",
    ]
    assert list(identifiers(names, "Node", BUILTINS).values()) == [
        "KSampler", "Epee_fast", "class_", "Node_3D_Loader", "print_", "a_b_2", "a_b_3", "a_b", "init",
        "u52a0_u8f7d", "unnamed",
    ]  # fmt: skip
    assert snake_case("3D Model Path", "output") == "output_3d_model_path"
    assert snake_case("LAMBDA", "output") == "lambda_"
    assert camel_case("resize_type scale width", "Option") == "ResizeTypeScaleWidth"
    assert len(next(iter(identifiers(["x" * 5000], "Node").values()))) == 100


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**64, -(2**63) - 1, {}, [], object()])
def test_values_without_a_literal(value: object) -> None:
    assert value_literal(value) is None


@pytest.mark.parametrize("value", [None, True, 0, -5, 2**64 - 1, 1e-300, 0.1, "", ATTACK, "\ud800"])
def test_values_with_a_literal(value: object) -> None:
    written = ast.literal_eval(str(value_literal(value)))
    assert written == value
    assert type(written) is type(value)


def test_lists_and_objects_are_json() -> None:
    assert json_literal([{"a": [1, 'b"']}]) == '"[{\\"a\\": [1, \\"b\\\\\\"\\"]}]"'
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert json_literal([float("nan")]) is json_literal({"a": object()}) is json_literal(deep) is None
