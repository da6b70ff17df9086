"""Reading a file takes time in proportion to its size, and little memory, whatever its metadata is.

`python -m tests.attacks.hostile_metadata` reads files that are as large as anything that is read.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from comfy_cloud._workflows.embedded_json import SearchBudget, embedded_json
from comfy_cloud._workflows.json_forms import find_workflow
from tests.attacks.growth import growth_of
from tests.attacks.hostile_metadata import METADATA, attribute_bomb, entity_bomb, read


@pytest.mark.parametrize(
    ("name", "smallest"),
    [
        ("line breaks as a raw profile", 1000),
        ("a long comment", 500_000),
        ("a long attribute", 500_000),
        ("parts of a JPEG", 1000),
        ("different graphs", 200),
    ],
)
def test_time_grows_with_the_size(name: str, smallest: int) -> None:
    def reading(n: int) -> Callable[[], object]:
        content = METADATA[name](n)
        return lambda: read(content)

    found = growth_of(name, reading, smallest=smallest)
    assert found.is_flat, found


def _megabytes(call: Callable[[], object]) -> float:
    call()  # what is imported and cached stays
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def test_white_space_before_xml_takes_little_memory() -> None:
    content = METADATA["spaces as XMP"](1_000_000)
    assert _megabytes(lambda: read(content)) < 30


def test_defaults_of_attributes_are_not_repeated() -> None:
    content = attribute_bomb(1_000_000, 100)
    assert _megabytes(lambda: read(content)) < 30


def test_entities_are_not_expanded() -> None:
    assert _megabytes(lambda: read(entity_bomb())) < 1


def test_items_of_a_list_are_not_all_remembered() -> None:
    document: object = {"a": [[]] * 250_000}
    assert _megabytes(lambda: find_workflow(document, "a list")) < 26


def test_little_is_copied_at_a_brace_that_begins_no_json() -> None:
    class Counted(str):
        copied = 0

        def __getitem__(self, part: object) -> str:
            found = super().__getitem__(part)  # type: ignore[index]
            Counted.copied += len(found)
            return found

    text = Counted('class_type {"a" ' + "x" * 1_000_000)
    many = Counted(('class_type {"a" ' * 100) + text)
    assert list(embedded_json(text, SearchBudget())) == list(embedded_json(many, SearchBudget())) == []
    assert Counted.copied < 101 * 100_000


@pytest.mark.parametrize("size", [50_000, 65_533, 65_536, 70_000, 262_144, 1_000_000])
@pytest.mark.parametrize("value", ['"{}"', "[{}1]", '"\\\\n{}"'])
def test_json_of_any_length_is_found(size: int, value: str) -> None:
    document = '{"class_type": ' + value.format(("1, " if value[0] == "[" else "é") * size) + "}"
    found = list(embedded_json(f'{{"no" {document} more', SearchBudget()))
    assert [part.text for part in found] == [document]


@pytest.mark.parametrize("is_packed", [False, True])
def test_json_with_millions_of_values_is_refused_before_it_is_parsed(is_packed: bool) -> None:
    content = METADATA["items of a list"](2_000_001)
    if not is_packed:
        content = b'{"a": [' + b"{}," * 2_000_001 + b"{}]}"
    assert _megabytes(lambda: read(content)) < 100
    assert "too many values" in read(content)


def test_a_named_text_of_exif_with_millions_of_values_is_not_parsed() -> None:
    text = b'\0prompt:{"a": [' + b"{}," * 2_000_001 + b"{}]}"
    content = b"RIFF\0\0\0\0WEBPEXIF" + len(text).to_bytes(4, "little") + text
    assert _megabytes(lambda: read(content)) < 200
