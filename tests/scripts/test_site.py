"""The documentation site: every page is in the menu, and links lead where they lead on the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from comfy_cloud._exports import MODULES
from scripts.project.checkout import ROOT
from scripts.site.build import first_sentence, index_for_agents, title, write_sources
from scripts.site.reference_pages import PAGES
from scripts.site.sources import Page, menu, pages, reference, text_on_site


def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Page:
    """A page of docs/ with this text."""
    (tmp_path / "docs").mkdir()
    path = tmp_path / "docs" / "running.md"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr("scripts.site.sources.ROOT", tmp_path)
    monkeypatch.setattr("scripts.site.sources.ABOVE", ("API.md",))
    return Page("running.md", path)


def test_every_page_is_in_the_menu_once() -> None:
    assert sorted(menu()) == sorted(each.name for each in pages())
    assert [each.name for each in pages()] == menu()


@pytest.mark.parametrize(
    ("given", "address", "expected"),
    [
        ("[a](running.md#b)", None, "[a](running.md#b)"),
        ("[a](../API.md#b)", None, "[a](API.md#b)"),
        ("[a](#b) [c](https://example.org/d.md)", None, "[a](#b) [c](https://example.org/d.md)"),
        ("![a picture](run.svg)", None, "![a picture](run.svg)"),
        ("[the `tree`](../wrapper/errors.py)", None, "the `tree`"),
        (
            "[a](../wrapper/e.py#L1)",
            "https://x.example/r",
            "[a](https://x.example/r/blob/main/wrapper/e.py#L1)",
        ),
        ("```\n[a](../wrapper/e.py)\n```\n[a](../b.py)", None, "```\n[a](../wrapper/e.py)\n```\na"),
    ],
)
def test_links(
    given: str, address: str | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = page(tmp_path, monkeypatch, given)
    monkeypatch.setattr("scripts.site.sources.menu", lambda: ["running.md", "API.md"])
    assert text_on_site(one, address) == expected


def test_the_sources_are_whole_and_link_to_nothing_outside_of_them(tmp_path: Path) -> None:
    texts = write_sources(tmp_path / "pages")
    folder = tmp_path / "pages"
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert {*texts, "run.svg"} <= written
    for name, text in texts.items():
        outside_of_code = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
        for target in re.findall(r"\]\(([^)#\s:]+)[#)]", outside_of_code):
            assert target in written, (name, target)


def test_the_index_for_agents_says_what_each_page_is_about() -> None:
    texts = {"a.md": "<!-- made -->\n# One\n\n- a list\n\nIt is [short](b.md)\nand good. More.\n"}
    assert "- [One](a.md): It is short and good." in index_for_agents(texts).splitlines()
    for each in pages():
        text = text_on_site(each)
        assert title(text)
        assert 10 < len(first_sentence(text)) < 300, each.name


def test_nothing_is_loaded_from_elsewhere() -> None:
    settings = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    assert "font = false" in settings
    assert "://" not in settings


def test_the_reference_has_every_public_name_with_its_signature_and_docstring() -> None:
    shown = {name for page in PAGES for module, name in page.objects if module == "comfy_cloud"}
    twins = {f"Async{name}" for name in shown}
    missing = set(MODULES) - shown - twins
    assert missing == {"MapResult", "AsyncMapResult"}
    texts = reference()
    client = texts["python-client.md"]
    assert "api_key: str | None = None,\n" in client
    assert "- `on_request, on_response`: Called with" in client
    assert "### History.iter\n\n```python\ndef iter(\n    self,\n" in client
    assert "One page of finished jobs, newest first (GET /api/history_v2)." in client
    assert "_session" not in client
    assert "class Progress(Event):\n    type: str\n" in texts["python-events.md"]
    assert "@property\ndef fraction(self) -> float | None: ..." in texts["python-events.md"]
    for name, text in texts.items():
        assert "Args:" not in text, name
        assert not re.search(r"^## \w+\n\n```python\n.*?```\n\n(?=##)", text, re.MULTILINE), name
