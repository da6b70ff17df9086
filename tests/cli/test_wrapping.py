"""Messages on a terminal: broken between words, never within what one copies."""

from __future__ import annotations

import io
import sys

import pytest
from rich.cells import cell_len

from comfy_cloud.cli._console.formats import fields_text
from comfy_cloud.cli._console.streams import write_message
from comfy_cloud.cli._console.wrapping import wrapped

MESSAGE = "error: cannot connect to 127.0.0.1:9: it refused. Run `comfy-cloud doctor --json`, or wait"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("width", [30, 40, 80, 200])
def test_lines_fit_and_say_the_same(width: int) -> None:
    lines = wrapped(MESSAGE, width).split("\n")
    assert max(map(len, lines)) <= width
    assert " ".join(line.strip() for line in lines) == MESSAGE
    assert any("`comfy-cloud doctor --json`," in line for line in lines)


def test_what_is_not_broken() -> None:
    command = "`comfy-cloud jobs download 5f2a1c0e-0000-4000-8000-000000000000 -d FOLDER`"
    assert wrapped(f"to save them: {command}", 40).split("\n") == ["to save them:", f"  {command}"]
    assert wrapped("  File x.py, line 1, in a_function", 20) == "  File x.py, line 1, in a_function"
    red = "\x1b[31merror:\x1b[0m twenty characters"
    assert wrapped(red, 24) == red


def test_wide_characters_count_double() -> None:
    text = " ".join(["\N{CJK UNIFIED IDEOGRAPH-65E5}" * 8] * 3)
    assert [cell_len(line) for line in wrapped(text, 34).split("\n")] == [33, 18]


def test_messages_are_broken_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    for stream, lines in ((Terminal(), 3), (io.StringIO(), 1)):
        monkeypatch.setattr(sys, "stderr", stream)
        write_message(MESSAGE)
        assert stream.getvalue().count("\n") == lines


def test_values_go_on_below_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys, "stdout", Terminal())
    text = fields_text([("error", "one two three four five six seven eight nine")])
    assert text == "error  one two three four five six seven\n       eight nine\n"
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert fields_text([("error", "word " * 30)]).count("\n") == 1
