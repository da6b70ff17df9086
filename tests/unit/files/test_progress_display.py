"""`progress=True`: a bar on a terminal, lines without rich, nothing where there is no terminal."""

from __future__ import annotations

import io
import re
import sys
from contextlib import redirect_stderr
from typing import Any

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._files.progress import progress_function
from comfy_cloud._files.progress_display import ProgressDisplay, display


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Ten seconds pass with each call."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 10
        return self.now


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """What stands in for stderr in `with redirect_stderr(terminal)`."""
    monkeypatch.setenv("TERM", "xterm-256color")
    return Terminal()


@pytest.fixture
def without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.progress", None)


def lines(stream: io.StringIO) -> list[str]:
    return stream.getvalue().splitlines()


def test_a_function_is_called_as_it_is() -> None:
    def function(done: int, total: int | None) -> None: ...

    with progress_function(function, "a") as report:
        assert report is function
    for nothing in (None, False):
        with progress_function(nothing, "a") as report:
            assert report is None


@pytest.mark.parametrize("wrong", ["bar", 1, "", 0])
def test_what_is_not_valid(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="True for a bar"), progress_function(wrong, "a"):
        pass


@pytest.mark.parametrize(
    ("size", "shown"), [(1, "1 byte"), (999, "999 bytes"), (1_234, "1.2 KB"), (9_990_000, "10.0 MB")]
)
def test_small_files_have_a_size(size: int, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress_function("lines", "a") as report:
        assert report is not None
        report(size, size)
    assert lines(stream) == [f"a: 100 % of {shown}"]


def test_nothing_is_shown_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream in (io.StringIO(), None):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress_function(True, "a") as report:
            assert report is None


def test_lines_are_shown_anywhere_if_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress_function("lines", "a.png") as report:
        assert report is not None
        report(3_000_000, 3_000_000)
    assert lines(stream) == ["a.png: 100 % of 3.0 MB"]


@pytest.mark.usefixtures("without_rich")
def test_a_line_for_each_tenth(terminal: Terminal) -> None:
    with redirect_stderr(terminal), display("a.png", anywhere=False, clock=Clock()) as shown:
        assert shown is not None
        for done in range(0, 2_000_001, 50_000):
            shown(done, 2_000_000)
    assert lines(terminal) == [f"a.png: {share} % of 2.0 MB" for share in range(0, 101, 10)]


@pytest.mark.usefixtures("without_rich")
def test_lines_where_the_size_is_not_known(terminal: Terminal) -> None:
    with redirect_stderr(terminal), display("a\x1b[31m\nb", anywhere=False, clock=Clock()) as shown:
        assert shown is not None
        for done in range(4_000_000, 25_000_000, 4_000_000):
            shown(done, None)
    assert lines(terminal) == [
        "a?[31m?b: 4.0 MB", "a?[31m?b: 12.0 MB", "a?[31m?b: 20.0 MB", "a?[31m?b: 100 % of 24.0 MB"
    ]  # fmt: skip


def test_a_bar_of_rich(terminal: Terminal) -> None:
    with redirect_stderr(terminal), progress_function(True, "[red]a.png") as report:
        assert report is not None
        report(1_000_000, 3_000_000)
        report(3_000_000, 3_000_000)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.getvalue())
    assert "[red]a.png" in text
    assert "3.0/3.0 MB" in text.splitlines()[-1]


def test_most_reports_are_not_drawn() -> None:
    drawn: list[int] = []
    shown = ProgressDisplay(lambda done, _: drawn.append(done), lambda: 5.0)
    for done in range(1000):
        shown(done, 1000)
    shown.finish()
    assert drawn == [0, 999]


@pytest.mark.usefixtures("without_rich")
def test_an_error_does_not_show_the_end(terminal: Terminal) -> None:
    with (  # noqa: PT012
        redirect_stderr(terminal),
        pytest.raises(OSError, match="full"),
        progress_function(True, "a") as report,
    ):
        assert report is not None
        report(1, 10)
        raise OSError("full")
    assert lines(terminal) == ["a: 10 % of 10 bytes"]
