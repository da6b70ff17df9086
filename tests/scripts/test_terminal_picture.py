"""The moving picture of the README: whole, nothing from elsewhere, and what is shown is text."""

from __future__ import annotations

from xml.etree import ElementTree

from rich.text import Text

from scripts.terminal_picture import PICTURE, Frame, drawn

SVG = "{http://www.w3.org/2000/svg}"


def test_each_frame_is_shown_in_turn() -> None:
    root = ElementTree.fromstring(drawn([Frame(Text("one"), 1.0), Frame(Text("two"), 3.0)]))
    frames = {group.get("id"): "".join(group.itertext()) for group in root.iter(f"{SVG}g") if group.get("id")}
    assert [name for name, text in frames.items() if "one" in text] == ["frame0"]
    assert [name for name, text in frames.items() if "two" in text] == ["frame1"]
    rules = root.findtext(f"{SVG}style") or ""
    assert "0.01%,25.00%{visibility:visible}" in rules
    assert "25.01%,100.00%{visibility:visible}" in rules
    assert "#frame1 { visibility: visible }" in rules.partition("prefers-reduced-motion")[2]


def test_what_a_screen_shows_is_text() -> None:
    root = ElementTree.fromstring(drawn([Frame(Text("<script>alert('1')</script> & ]]>\n"), 1.0)]))
    assert "<script>alert('1')</script>" in "".join(root.itertext()).replace("\xa0", " ")
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "style", "g", "text", "rect", "circle"
    }  # fmt: skip


def test_the_committed_picture_takes_nothing_from_elsewhere() -> None:
    content = PICTURE.read_text(encoding="utf-8")
    assert len(content) < 150_000
    root = ElementTree.fromstring(content)
    shown = "".join(root.itertext()).replace("\xa0", " ")
    assert "comfy-cloud run workflow.json" in shown
    assert "completed" in shown
    assert not [
        word for word in ("url(", "@import", "@font-face", "href", "<script", "http://127") if word in content
    ]
