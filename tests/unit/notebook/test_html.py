"""HTML for notebooks: escaped, without keys, bounded; what kernels show of entries and outputs."""

from __future__ import annotations

import base64
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from comfy_cloud._files.progress_display import display
from comfy_cloud._jobs.entries import ComfyHistoryEntry
from comfy_cloud._jobs.events import JobStarted, JobSucceeded, Progress
from comfy_cloud._jobs.outputs import Output
from comfy_cloud._notebook.html import bar_html, facts_html, table_html, text_html
from comfy_cloud._notebook.representations import LARGEST_IMAGE, output_bundle
from comfy_cloud._notebook.run_bar import RunBar, shown_events

ATTACK = "<script>alert(1)</script> \u202e \"'& \x00"
SAFE = "&lt;script&gt;alert(1)&lt;/script&gt; [U+202E] &quot;&#x27;&amp; [U+0000]"
KEY = "comfyui-0123456789abcdef0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n and more"


def test_every_text_is_escaped_and_its_hidden_characters_are_named() -> None:
    assert text_html(ATTACK) == SAFE
    for html in (facts_html(ATTACK, [(ATTACK, ATTACK)]), table_html([ATTACK], [[ATTACK]])):
        assert "<script" not in html
        assert SAFE in html
    assert "<script" not in bar_html(ATTACK, ATTACK, 0.5)


def test_keys_are_left_out_and_long_texts_are_cut() -> None:
    assert KEY not in text_html(f"a key {KEY}")
    assert len(text_html("x" * 10_000_000)) < 1000
    assert "2,000 rows, of which 50 are shown" in table_html(["a"], [[1]] * 2000)
    assert "more" in table_html(["a"], [[1]], is_cut=True)


def test_facts_that_are_not_known_are_left_out() -> None:
    html = facts_html("Job", [("Status", "failed"), ("Error", None), ("Outputs", "")])
    assert "Status" in html
    assert "Error" not in html
    assert "Outputs" not in html


def test_an_entry_shows_its_status_outputs_and_times() -> None:
    raw = {
        "status": {
            "status_str": "success",
            "completed": True,
            "messages": [["execution_start", {"timestamp": 1_796_000_000_000}]],
        },
        "outputs": {"9": {"images": [{"filename": "<b>.png", "subfolder": "", "type": "output"}]}},
    }
    html = ComfyHistoryEntry("the-id", raw)._repr_html_()
    assert all(part in html for part in ("the-id", "completed", "&lt;b&gt;.png", "2026-11-30"))


def test_a_failed_entry_shows_its_error() -> None:
    error = {"exception_message": "out <b> of memory", "node_id": "3", "node_type": "KSampler"}
    raw = {"status": {"status_str": "error", "messages": [["execution_error", error]]}, "outputs": {}}
    html = ComfyHistoryEntry("the-id", raw)._repr_html_()
    assert "KSampler: " in html
    assert "out &lt;b&gt; of memory" in html


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(PNG, "image/png"), (b"\xff\xd8\xff..", "image/jpeg"), (b"RIFF....WEBPVP8 ", "image/webp")],
)
def test_an_image_is_shown_by_its_own_type(content: bytes, media_type: str) -> None:
    asked: list[int] = []
    output = Output({"filename": "a.png"}, "9", "images")
    bundle = output_bundle(output, lambda limit: (asked.append(limit), content)[1])
    assert base64.b64decode(bundle[media_type]) == content
    assert asked == [LARGEST_IMAGE]
    assert bundle["text/plain"] == repr(output)


def failing(limit: int) -> bytes:
    raise OSError(f"no network, {KEY}, <script>")


async def coroutine(limit: int) -> bytes:
    raise AssertionError("it is not called")


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (None, "a.png"),
        (coroutine, "a.png"),
        (lambda limit: None, "too large"),
        (lambda limit: b"<svg onload='alert(1)'>", "not an image"),
        (failing, "cannot be read: OSError"),
    ],
)
def test_what_is_no_image_is_text_and_nothing_raises(read: Any, said: str) -> None:
    bundle = output_bundle(Output({"filename": "a.png"}, "9", "images"), read)
    assert bundle.keys() == {"text/plain", "text/html"}
    assert said in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
    assert KEY not in bundle["text/html"]


def test_an_output_without_a_client_has_its_facts() -> None:
    assert "a.png" in Output({"filename": "a.png"}, "9", "images")._repr_mimebundle_()["text/html"]


class Kernel:
    """What IPython is to a kernel; records what cells show."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def get_ipython(self) -> Any:
        return SimpleNamespace(kernel=object())

    def display(self, shown: Any, display_id: bool) -> Any:
        self.shown.append(shown._repr_html_())
        return SimpleNamespace(update=lambda again: self.shown.append(again._repr_html_()))


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    made = Kernel()
    monkeypatch.setitem(sys.modules, "IPython", made)
    monkeypatch.setitem(sys.modules, "IPython.display", made)
    return made


def test_a_transfer_draws_one_bar_in_the_cell(kernel: Kernel, capsys: pytest.CaptureFixture[str]) -> None:
    times = iter(range(100))
    with display("a<b>.png", anywhere=False, clock=lambda: next(times)) as shown:
        assert shown is not None
        shown(1_000_000, 4_000_000)
        shown(4_000_000, 4_000_000)
    assert 'value="0.250"' in kernel.shown[0]
    assert 'value="1.000"' in kernel.shown[-1]
    assert "a&lt;b&gt;.png" in kernel.shown[0]
    assert capsys.readouterr() == ("", "")


def test_a_run_draws_its_events_and_passes_them_on(kernel: Kernel) -> None:
    seen: list[object] = []
    show = shown_events(seen.append)
    assert isinstance(show, RunBar)
    events = [JobStarted(type="x"), Progress(type="x", node_id="3", value=5, max=20), JobSucceeded(type="x")]
    for event in events:
        show(event)
    assert seen == events
    assert "started" in kernel.shown[0]
    assert "completed" in kernel.shown[-1]


def test_without_a_kernel_there_is_no_bar(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "get_ipython", lambda: None)
    assert shown_events(None) is None
    monkeypatch.setattr(kernel, "get_ipython", lambda: 1 / 0)
    assert shown_events(None) is None


def test_a_kernel_that_is_going_stops_nothing(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "display", lambda *_, **__: 1 / 0)
    show = shown_events(None)
    assert show is not None
    show(JobStarted(type="x"))
