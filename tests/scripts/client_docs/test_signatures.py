"""Signatures in API.md: option groups are shown as their options."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from comfy_cloud.contract._documents.reader import ContractError
from scripts.client_docs.signatures import OptionGroups, parameters

OPTIONS = """
from typing import TypedDict

class SaveOptions(TypedDict, total=False):
    overwrite: bool
    verify: bool

class ViewOptions(SaveOptions, total=False):
    channel: str

class Unrelated:
    width: int

class Derived(Unrelated):
    height: int
"""


@pytest.fixture
def groups(tmp_path: Path) -> OptionGroups:
    for name in ("_files", "_sync"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "options.py").write_text(OPTIONS, encoding="utf-8")
    (tmp_path / "plain.py").write_text("class SaveOptions: ...", encoding="utf-8")
    return OptionGroups(tmp_path)


@pytest.mark.parametrize(
    ("signature", "shown"),
    [
        ("self", ""),
        ("cls, a, /, b=1", "a, b"),
        ("self, a, *, b: int = 1, c", "a, *, b, c"),
        ("self, *names, b", "*names, b"),
        ("self, a, **options: Unpack[SaveOptions]", "a, *, overwrite, verify"),
        ("self, a, *, b, **options: Unpack[ViewOptions]", "a, *, b, overwrite, verify, channel"),
        ("self, a, *, verify, **options: Unpack[SaveOptions]", "a, *, verify, overwrite"),
        ("self, *names, **options: Unpack[SaveOptions]", "*names, overwrite, verify"),
        ("self, a, **options: Unpack[Elsewhere]", "a, **options"),
        ("self, a, **options: Unpack[Derived]", "a, **options"),
        ("self, *, b, **rest: object", "*, b, **rest"),
        ("self, **rest", "**rest"),
    ],
)
def test_the_parameters_that_a_caller_passes(groups: OptionGroups, signature: str, shown: str) -> None:
    (node,) = ast.parse(f"def method({signature}): ...").body
    assert isinstance(node, ast.FunctionDef)
    assert parameters(node, groups) == shown


def test_two_groups_of_one_name_are_an_error(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(OPTIONS, encoding="utf-8")
    with pytest.raises(ContractError, match="two modules of option groups define a class SaveOptions"):
        OptionGroups(tmp_path)
