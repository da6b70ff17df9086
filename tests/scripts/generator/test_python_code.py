"""Text becomes a literal, a docstring or a checked name, and never anything else."""

from __future__ import annotations

import ast

import pytest

from comfy_cloud.contract._documents.reader import ContractError
from scripts.generator.docstrings import as_docstring
from scripts.generator.python_code import identifier, literal, path_expression
from tests.attacks.hostile_texts import payloads

TEXTS = payloads("marker")
NO_NAMES = [text for kind, text in TEXTS.items() if kind != "wide letters"]


@pytest.mark.parametrize("kind", TEXTS)
def test_a_literal_is_one_constant_with_the_text(kind: str) -> None:
    source = literal(TEXTS[kind])
    node = ast.parse(source, mode="eval").body
    assert isinstance(node, ast.Constant)
    assert node.value == TEXTS[kind]
    assert source.isprintable()


@pytest.mark.parametrize("kind", TEXTS)
def test_a_docstring_is_one_constant(kind: str) -> None:
    text = f"{TEXTS[kind]} and {TEXTS[kind]}"
    for source in (as_docstring(text), as_docstring(f"{'word ' * 30}{text}"), as_docstring(TEXTS[kind])):
        (node,) = ast.parse(source).body
        assert isinstance(node, ast.Expr)
        assert isinstance(node.value, ast.Constant)
        assert source.replace("\n", "").isprintable()


def test_a_docstring_shows_what_it_cannot_contain() -> None:
    value = ast.literal_eval(as_docstring('a \x1b[2J b \u202e c \0 d """ e \\N{x} f'))
    assert value == 'a \\x1b[2J b \\u202e c \\x00 d """ e \\N{x} f'


@pytest.mark.parametrize("kind", TEXTS)
def test_a_path_has_no_fields_but_its_declared_parameters(kind: str) -> None:
    node = ast.parse(path_expression(f"/a/{TEXTS[kind]}/{{id}}/{{other}}", {"id": "id"}), mode="eval").body
    assert isinstance(node, ast.JoinedStr)
    fields = [part for part in node.values if isinstance(part, ast.FormattedValue)]
    assert [ast.unparse(field.value) for field in fields] == ["path_segment(id)"]
    texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
    assert texts == [f"/a/{TEXTS[kind]}/", "/{other}"]


def test_a_path_without_parameters_is_a_literal() -> None:
    assert ast.literal_eval(path_expression("/a/{x!r:{y}}", {})) == "/a/{x!r:{y}}"


def test_wide_letters_are_the_name_that_python_makes_of_them() -> None:
    assert identifier("\uff45val") == "eval"


@pytest.mark.parametrize("name", ["id", "Asset", "größe", "class_"])
def test_a_name_stays_as_it_is(name: str) -> None:
    assert identifier(name) == name


@pytest.mark.parametrize(
    "name", ["", "1", "a b", "class", "__class__", "\uff43lass", "a;b", "a" * 201, *NO_NAMES]
)
def test_what_is_not_a_name_is_refused(name: str) -> None:
    with pytest.raises(ContractError):
        identifier(name)
