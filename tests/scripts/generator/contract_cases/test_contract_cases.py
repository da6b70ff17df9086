"""Each case: its package is made, its calls are sent, its responses are read."""

from __future__ import annotations

from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

import pytest

from comfy_cloud.contract._documents.reader import ContractError
from scripts.generator import tree

from . import (
    addresses,
    alternatives,
    bodies,
    composition,
    edges,
    enums,
    fields,
    forms,
    generated,
    left_out,
    negotiation,
    operations,
    pages,
    parameters,
    readings,
    responses,
    schemas,
    security,
    styles,
    values,
)
from .case import Case

CASES: list[Case] = [
    case
    for topic in (
        parameters,
        styles,
        bodies,
        security,
        operations,
        responses,
        readings,
        schemas,
        alternatives,
        enums,
        fields,
        left_out,
        addresses,
        forms,
        values,
        composition,
        edges,
        negotiation,
        pages,
    )
    for case in topic.CASES
]
"""All cases."""


@pytest.fixture(autouse=True)
def unformatted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Formatting takes most of the time, and changes nothing that a package does."""
    monkeypatch.setattr(tree, "format_tree", lambda _: None)
    monkeypatch.setattr("sys.dont_write_bytecode", True)  # each package is imported once
    monkeypatch.setattr(SourceFileLoader, "source_to_code", _compiled)


def _compiled(_: SourceFileLoader, data: bytes, path: str) -> CodeType:
    return _compiled_text(data)


# A third of what is imported is the same in every package.
@cache
def _compiled_text(data: bytes) -> CodeType:
    return compile(data, "<a package>", "exec", dont_inherit=True)


def test_cases_have_different_names() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", [case for case in CASES if not case.refused], ids=lambda case: case.name)
def test_what_is_sent_and_read(case: Case, tmp_path: Path) -> None:
    with generated.package_of(case, tmp_path) as package:
        wrong = []
        for call in case.calls:
            request = generated.sent(package, call)
            wrong += [f"{call.operation}: {line}" for line in generated.differences(request, call)]
        for result in case.results:
            value = generated.parsed(package, result)
            if not result.holds(value):
                wrong.append(f"{result.operation}: {result.status} {result.body!r} is read as {value!r}")
        assert wrong == []


@pytest.mark.parametrize("case", [case for case in CASES if case.refused], ids=lambda case: case.name)
def test_what_is_refused(case: Case, tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        tree.make_package(case.document(), tmp_path)
    assert [words for words in case.refused if words not in str(caught.value)] == []
