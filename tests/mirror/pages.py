"""Reads a page as a browser does: its data, its scripts and its policy."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any


class ReadPage(HTMLParser):
    """The parts of a document; `data` is what its block of JSON holds."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.policy = ""
        self._into: list[str] | None = None
        self._blocks: list[str] = []
        self.feed(html)
        self.close()
        self.data: dict[str, Any] = json.loads(self._blocks[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        given = dict(attrs)
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""
        if tag == "script":
            self._into = self._blocks if given.get("type") == "application/json" else self.scripts
            self._into.append("")
        elif tag == "style":
            self._into = self.styles
            self._into.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """The jobs by the names of their columns."""
        return [dict(zip(self.data["columns"], job, strict=True)) for job in self.data["jobs"]]

    def text(self, number: int) -> str:
        found: str = self.data["strings"][number]
        return found
