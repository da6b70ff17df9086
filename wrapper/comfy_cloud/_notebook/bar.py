"""A live bar in the output of a cell."""

from __future__ import annotations

from typing import Any

from .html import bar_html
from .kernel import show


class NotebookBar:
    """A bar in the cell's output; drawn when it is first updated."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._text = ""
        self._fraction: float | None = None
        self._handle: Any = None

    def update(self, text: str, fraction: float | None) -> None:
        """Draw the bar with this text and fraction. A display never stops what it shows."""
        self._text, self._fraction = text, fraction
        try:
            if self._handle is None:
                self._handle = show(self)
            else:
                self._handle.update(self)
        except Exception:  # noqa: BLE001 - the kernel may be going
            return

    def _repr_html_(self) -> str:
        return bar_html(self._title, self._text, self._fraction)

    def __repr__(self) -> str:
        percent = "" if self._fraction is None else f"{self._fraction:.0%} "
        return f"{self._title}: {percent}{self._text}"
