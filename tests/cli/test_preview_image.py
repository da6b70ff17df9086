"""Images of the unfinished work: who is asked, what is sent, and what a terminal is left with."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from rich.console import Console
from textual_image._terminal import CellSize
from textual_image.renderable import HalfcellImage, SixelImage, TGPImage

from comfy_cloud import Preview
from comfy_cloud.cli._runs import preview_image as images
from comfy_cloud.cli._runs.state import RunState
from comfy_cloud.cli._runs.view import LiveView
from tests._async.clients import SAMPLER_GRAPH
from tests.images import png


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def image_of(make: Any) -> images.PreviewImage:
    found = images.preview_image(png(size=(32, 32)), make, height=4)
    assert found is not None
    return found


def shown(console: Console, image: object) -> str:
    with console.capture() as captured:
        console.print(image)
    return captured.get()


def terminal_with_piped_stdin(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal as stdout, with stdin a pipe."""
    made = Terminal()
    monkeypatch.setattr(sys, "stdout", made)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return made


def test_a_terminal_that_stdin_cannot_read_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_with_piped_stdin(monkeypatch)
    assert images.image_class() is None
    assert terminal.getvalue() == ""


def test_a_run_whose_workflow_is_piped_shows_no_images(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal_with_piped_stdin(monkeypatch)
    view = LiveView(RunState(SAMPLER_GRAPH), color=True, images=True)
    view._console = Console(file=io.StringIO(), width=80, height=40)
    view.event(Preview(type="x", job_id="j", image=png(size=(32, 32))))
    assert view._preview(8) is None


@pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")
@pytest.mark.parametrize("make", [SixelImage, HalfcellImage])
def test_an_image_is_encoded_once(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[int] = []
    draw = make.__rich_console__

    def count(*arguments: Any) -> Any:
        encoded.append(1)
        return draw(*arguments)

    monkeypatch.setattr(make, "__rich_console__", count)
    console = Console(file=io.StringIO(), width=40, height=20, force_terminal=True, color_system="truecolor")
    image = image_of(make)
    first = shown(console, image)
    assert ("\x1bP" if make is SixelImage else "\N{UPPER HALF BLOCK}") in first
    assert shown(console, image) == first
    assert len(encoded) == 1
    console.width = 30
    shown(console, image)
    assert len(encoded) == 2


def test_an_image_that_the_terminal_keeps_is_deleted_there(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_with_piped_stdin(monkeypatch)
    sent = Terminal()
    monkeypatch.setattr(sys, "__stdout__", sent)
    monkeypatch.setattr("textual_image.renderable.tgp.get_cell_size", lambda: CellSize(10, 20))
    image = image_of(TGPImage)
    shown(Console(file=io.StringIO(), width=40, height=20, color_system="truecolor"), image)
    assert "\x1b_Gi=" in sent.getvalue()
    number = sent.getvalue().partition("\x1b_Gi=")[2].partition(",")[0]
    image.forget()
    assert terminal.getvalue() == f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"


def test_the_view_deletes_an_image_when_the_next_one_comes_and_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forgotten: list[object] = []
    monkeypatch.setattr(images.PreviewImage, "forget", lambda self: forgotten.append(self))
    monkeypatch.setattr("comfy_cloud.cli._runs.view.image_class", lambda: HalfcellImage)
    view = LiveView(RunState(SAMPLER_GRAPH), color=True, images=True)
    view.event(Preview(type="x", job_id="j", image=png(size=(32, 32))))
    first = view._preview(8)
    view.event(Preview(type="x", job_id="j", image=png("blue", size=(32, 32))))
    second = view._preview(8)
    assert forgotten == [first]
    view.__exit__()
    assert forgotten == [first, second]


@pytest.mark.parametrize(("term", "expected"), [("xterm-kitty", "truecolor"), ("xterm-16color", "standard")])
def test_the_number_of_an_image_is_an_exact_color(
    term: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert LiveView(RunState({}), color=True, images=True)._console.color_system == expected


def test_there_is_no_image_where_there_is_no_room() -> None:
    view = LiveView(RunState(SAMPLER_GRAPH), color=True, images=True)
    view._image_class = HalfcellImage
    view._state.apply(Preview(type="x", job_id="j", image=png(size=(32, 32))), 0)
    assert view._preview(3) is None
    assert view._preview(4) is not None
