"""Documents that are bombs are refused, with the bound in the message, before they grow.

`python -m tests.attacks.document_bombs` measures time and memory of each.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from comfy_cloud._settings.document_bounds import BoundExceeded, check_depth
from comfy_cloud._submission.journal import Journal
from comfy_cloud.contract import ContractError
from comfy_cloud.contract._documents.reader import read_document
from comfy_cloud.errors import ConfigurationError
from tests.attacks.document_bombs import BOMBS, has_held, measure, read

SMALL = [kind for kind in BOMBS if not kind.startswith(("9,000,000", "1,000,000", "a number to", "21 MB"))]


@pytest.mark.parametrize("kind", SMALL)
def test_a_bomb_is_refused_by_its_bound(kind: str) -> None:
    reader, made, message = BOMBS[kind]
    with pytest.raises((ContractError, ConfigurationError), match=message):
        read(reader, made())


@pytest.mark.parametrize("kind", ["aliases of aliases", "60,000 brackets"])
def test_a_bomb_takes_little_memory(kind: str) -> None:
    assert has_held(kind, measure(kind))


def nested(levels: int) -> str:
    return f"{'[' * (levels - 1)}1{']' * (levels - 1)}"


def test_the_deepest_document_is_read() -> None:
    assert read_document(f"a: {nested(100)}", "x")["a"] is not None
    with pytest.raises(ContractError, match="x is not read: it is nested more than 100 levels deep"):
        read_document(f"a: {nested(101)}", "x")


def test_aliases_stand_for_copies() -> None:
    document = read_document("a: &a {x: [1]}\nb: *a\nc: {<<: *a, y: 2}\n", "x")
    assert document == {"a": {"x": [1]}, "b": {"x": [1]}, "c": {"x": [1], "y": 2}}
    document["b"]["x"].append(2)
    assert document["a"] == {"x": [1]}


def test_the_values_of_an_alias_count_each_time() -> None:
    text = f"a: &a [{','.join(['1'] * 999)}]\n"
    assert len(read_document(text + f"b: [{','.join(['*a'] * 198)}]\n", "x")["b"]) == 198
    with pytest.raises(ContractError, match="200,000 values, counting what its aliases repeat"):
        read_document(text + f"b: [{','.join(['*a'] * 200)}]\n", "x")


@pytest.mark.parametrize(
    "text", ["a: 1.5e3", "a: .nan", "a: 2026-01-02", "a: yes", "a: ~", "a: 010", "200: {b: '1'}", "a: ! x"]
)
def test_everything_else_is_read_as_before(text: str) -> None:
    found = read_document(text, "x")
    assert list(found) == [str(key) for key in yaml.safe_load(text)]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "' + "[" * 500 + '"}',
        '{"a": "\\"' + "[" * 500 + '"}',
        "[" + "[]," * 500 + "[]]",
        "a = '" + "{" * 500 + "'  # " + "[" * 500,
        'a = """\n"' + "[" * 500 + '\n"""',
    ],
)
def test_brackets_in_texts_and_beside_one_another_are_no_depth(text: str) -> None:
    check_depth(text)


@pytest.mark.parametrize("text", ["[" * 101, '{"a":' * 101, '"x" [' * 101, "''[" * 101])
def test_brackets_in_one_another_are(text: Any) -> None:
    with pytest.raises(BoundExceeded):
        check_depth(text)


def test_a_journal_of_600_mb_is_not_read_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b'{"comfy_cloud_map":1')
    os.truncate(path, 600 * 1024 * 1024)  # sparse
    with pytest.raises(ConfigurationError, match="journal is not read: it is larger than 512 MiB"):
        Journal.open(path, workflow="w", server="s", now=datetime(2026, 1, 1, tzinfo=UTC))
