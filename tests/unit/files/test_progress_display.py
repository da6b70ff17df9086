"""`progress=True`: a bar on a terminal, lines without rich, nothing where there is no terminal."""

from __future__ import annotations

import io
import re
import sys
from contextlib import redirect_stderr
from typing import Any

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._files.progress import progress_function, report_nothing_sent
from comfy_cloud._files.progress_display import ProgressDisplay, display

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


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
    text = _ESCAPES.sub("", terminal.getvalue())
    assert "[red]a.png" in text
    assert "3.0/3.0 MB" in text.splitlines()[-1]


def test_ctrl_c_while_a_bar_starts(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rich.console.Console.set_live", interrupt)
    with (  # noqa: PT012
        redirect_stderr(terminal),
        pytest.raises(KeyboardInterrupt),
        progress_function(True, "a") as report,
    ):
        assert report is not None
        report(1, 10)


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_bar_is_one_line_with_its_figures(
    width: int, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    with redirect_stderr(terminal), progress_function(True, f"{'a' * 64}.png") as report:
        assert report is not None
        report(1_000_000, 45_000_000)
        report(45_000_000, 45_000_000)
    drawn = [line for line in re.split(r"[\r\n]+", _ESCAPES.sub("", terminal.getvalue())) if line.strip()]
    assert max(map(len, drawn)) <= width
    assert all(".png" in line and "\N{BOX DRAWINGS HEAVY HORIZONTAL}" in line for line in drawn)
    assert "45.0/45.0 MB" in drawn[-1]


def test_a_long_name_is_shortened_on_a_terminal(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, without_rich: None
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    with redirect_stderr(terminal), progress_function(True, f"{'a' * 64}.png") as report:
        assert report is not None
        report(1000, 1000)
    (line,) = lines(terminal)
    assert len(line) <= 40
    assert re.fullmatch(r"a+\.\.\.a+\.png: 100 % of 1\.0 KB", line)
    piped = io.StringIO()
    with redirect_stderr(piped), progress_function("lines", f"{'a' * 64}.png") as report:
        assert report is not None
        report(1000, 1000)
    assert f"{'a' * 64}.png: " in piped.getvalue()


def test_most_reports_are_not_drawn() -> None:
    drawn: list[int] = []
    shown = ProgressDisplay(lambda done, _: drawn.append(done), lambda: 5.0, lambda _: None)
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
    assert lines(terminal) == ["a: 10 % of 10 B"]


@pytest.mark.parametrize(
    ("size", "text"),
    [(1, "1 B"), (999, "999 B"), (1000, "1.0 KB"), (42_640, "42.6 KB"), (999_949, "999.9 KB"),
     (999_950, "1.0 MB"), (30_000_000, "30.0 MB")],
)  # fmt: skip
@pytest.mark.usefixtures("without_rich")
def test_the_unit_suits_the_size(size: int, text: str, terminal: Terminal) -> None:
    with redirect_stderr(terminal), progress_function(True, "a") as report:
        assert report is not None
        report(size, size)
    assert lines(terminal) == [f"a: 100 % of {text}"]


@pytest.mark.parametrize("anywhere", [True, "lines"])
def test_a_display_says_if_nothing_is_sent(anywhere: Any, terminal: Terminal) -> None:
    with redirect_stderr(terminal), progress_function(anywhere, "a") as report:
        report_nothing_sent(report, 3000)
    assert lines(terminal) == ["a: already on the server"]


def test_a_function_gets_the_size_if_nothing_is_sent() -> None:
    calls: list[tuple[int, int | None]] = []
    report_nothing_sent(lambda done, total: calls.append((done, total)), 3000)
    assert calls == [(3000, 3000)]
    report_nothing_sent(None, 3000)


def test_a_transfer_that_is_over_at_once_has_no_speed_and_the_time_it_took(terminal: Terminal) -> None:
    with redirect_stderr(terminal), progress_function(True, "a.png") as report:
        assert report is not None
        report(3_000_000, 3_000_000)
    drawn = [line for line in re.split(r"[\r\n]+", _ESCAPES.sub("", terminal.getvalue())) if line.strip()]
    assert "3.0/3.0 MB" in drawn[-1]
    assert "?" not in drawn[-1]
    assert "0:00:00" in drawn[-1]
