"""CustomCombo: a node whose own widgets list the choices of its combo. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .editor_values import MISSING, as_text, is_same, is_true
from .model import Node, Widget

if TYPE_CHECKING:
    from .editor_state import Editor


def add_option_widgets(editor: Editor, node: Node) -> None:
    """Add the position of the choice, and the first of the options."""
    if not node.widgets:
        return
    choice = node.widgets[0]
    choice.choices = []
    index = Widget("index", "hidden")
    index.resolve = lambda: _position(node, choice)
    index.on_change = lambda value: index.cell.__setitem__(0, MISSING)
    node.widgets.append(index)
    _add_option(editor, node, choice)


def _position(node: Node, choice: Widget) -> int:
    options = node.widgets[2:]
    return next((at for at, option in enumerate(options) if is_same(option.value, choice.value)), -1)


def _add_option(editor: Editor, node: Node, choice: Widget) -> None:
    option = Widget(f"option{len(node.widgets) - 1}", "string", "")

    def change(value: Any) -> None:
        editor.spend(2 * len(node.widgets), node)
        choice.choices = [
            as_text(widget.value)
            for widget in node.widgets
            if widget.name.startswith("option") and is_true(widget.value)
        ]
        if not node.widgets:
            return
        last = node.widgets[-1]
        if last is option:
            if is_true(value):
                _add_option(editor, node, choice)
        elif not is_true(value) and node.widgets[-2] is option and not is_true(last.value):
            node.widgets.pop()

    option.on_change = change
    node.add_widget(option)
