from __future__ import annotations

import csv
import io
import json
import re
import unicodedata

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud.cli._console.elastic import report_text
from comfy_cloud.cli._console.formats import csv_line, fields_text, json_text, yaml_text
from comfy_cloud.cli._console.sanitizing import safe_line, safe_text
from comfy_cloud.cli._console.streams import use_color

EVIL = "\x1b]0;owned\x07\x9b31m\x1b[2J\u202egnp.exe\u2066\r\x08\x7f"
any_text = st.text(st.characters(exclude_categories=()), max_size=60)


def is_harmful(text: str) -> bool:
    return any(
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character)
        in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        for character in text
    )


@given(any_text)
def test_no_text_keeps_harmful_characters(text: str) -> None:
    assert not is_harmful(safe_line(text))
    assert not is_harmful(safe_text(text).replace("\n", "").replace("\t", ""))


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=40))
def test_ordinary_text_is_unchanged(text: str) -> None:
    assert safe_line(text) == safe_text(text) == text


def test_harmful_characters_become_visible_escapes() -> None:
    assert safe_line("a\x1b[31m\u202eb\nc") == "a\\x1b[31m\\u202eb c"
    assert safe_text("a\r\nb\x07") == "a\nb\\x07"
    assert safe_line("\U000e0041") == "\\U000e0041"


@given(
    st.recursive(
        any_text | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(any_text, inner)
    )
)
def test_json_is_harmless_with_the_same_value(value: object) -> None:
    text = json_text(value)
    assert not is_harmful(text)
    assert json.loads(text) == value


def test_json_keeps_letters_where_stdout_can_show_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert json_text("größe") == '"größe"'
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert json_text("größe") == '"gr\\u00f6\\u00dfe"'


@given(
    st.recursive(
        any_text | st.integers() | st.none() | st.booleans(),
        lambda inner: st.lists(inner) | st.dictionaries(any_text, inner),
    )
)
def test_yaml_is_harmless_with_the_same_value(value: object) -> None:
    text = yaml_text(value)
    assert not is_harmful(text.replace("\n", ""))
    assert yaml.safe_load(text) == value


@given(st.lists(any_text, min_size=1, max_size=4))
def test_no_cell_of_csv_is_a_formula(cells: list[str]) -> None:
    (row,) = csv.reader(io.StringIO(csv_line(cells), newline=""))
    assert len(row) == len(cells)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r\n"])
def test_text_that_starts_like_a_formula_gets_an_apostrophe(start: str) -> None:
    ((cell,),) = csv.reader(io.StringIO(csv_line([f"{start}1"]), newline=""))
    assert cell == f"'{start}1".replace("\r\n", "\n")


def test_numbers_in_csv_stay_numbers() -> None:
    assert csv_line([-1.5, "-1", None, "=cmd()"]) == "-1.5,'-1,,'=cmd()\n"


def test_a_table_in_a_pipe_is_never_cut() -> None:
    long = "x" * 500
    assert report_text(("a", "b"), [(long, "short")]).splitlines()[1] == f"{long}  short"


def test_a_table_shows_hostile_cells_as_text() -> None:
    text = report_text(("name",), [(EVIL,), ("[bold]not markup[/]",), (":smile:",)])
    assert not is_harmful(text.replace("\n", ""))
    assert "[bold]not markup[/]" in text
    assert ":smile:" in text


def test_colors_only_when_asked_for() -> None:
    arguments = (("status",), [("failed",)])
    assert "\x1b" not in report_text(*arguments, first_style={"failed": "red"})
    assert re.search(r"\x1b\[31mfailed", report_text(*arguments, color=True, first_style={"failed": "red"}))


def test_a_report_is_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comfy_cloud.cli._console.elastic.terminal_width", lambda: 40)
    words = [f"word{number}" for number in range(30)]
    text = report_text(("kind", "text"), [("breaking", " ".join(words))])
    assert all(len(line) <= 40 for line in text.splitlines())
    assert [word for word in text.split() if word.startswith("word")] == words


def test_fields_are_aligned() -> None:
    assert fields_text([("id", "1"), ("error", "one\ntwo\x1b")]) == "id     1\nerror  one\n       two\\x1b\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_when_color_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert use_color(None, Terminal())
    assert use_color("auto", Terminal())
    assert not use_color("auto", io.StringIO())
    assert use_color("always", io.StringIO())
    assert not use_color("never", Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not use_color("auto", Terminal())
    assert use_color("always", Terminal())
    monkeypatch.setenv("NO_COLOR", "")  # set but empty: the same as not set
    assert use_color("auto", Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not use_color("auto", Terminal())
