"""About how large the editor draws a node, without its title. Pure."""

from __future__ import annotations

from ..conversion.model import Node, Widget
from ..conversion.node_classes import SAVERS

TITLE_HEIGHT = 30.0
_ROW, _WIDGET, _TEXT_AREA, _IMAGE, _MARGIN = 20.0, 24.0, 120.0, 240.0, 16.0
_NARROWEST, _WIDEST = 225.0, 460.0
_CHARACTER = 7.5
_TEXT_KINDS = ("customtext", "MARKDOWN", "textarea")


def node_size(node: Node) -> tuple[float, float]:
    """The width and height of a node with the slots and widgets that it has."""
    inputs = [input.name for input in node.inputs if input.widget is None]
    outputs = [output.name for output in node.outputs]
    rows = max(len(inputs), len(outputs))
    height = rows * _ROW + sum(_widget_height(widget) for widget in node.widgets) + _MARGIN
    is_text = any(widget.kind in _TEXT_KINDS for widget in node.widgets)
    if node.type in SAVERS or node.type.startswith("Preview") or _takes_upload(node):
        height += _IMAGE
    characters = max(
        len(node.title) + 4,
        max(map(len, inputs), default=0) + max(map(len, outputs), default=0) + 8,
        *(len(widget.name) + min(len(str(widget.value)), 24) + 8 for widget in node.widgets if not is_text),
        0,
    )
    least = 400.0 if is_text else _NARROWEST
    return float(round(min(max(characters * _CHARACTER, least), _WIDEST))), height


def _widget_height(widget: Widget) -> float:
    return _TEXT_AREA if widget.kind in _TEXT_KINDS else _WIDGET


def _takes_upload(node: Node) -> bool:
    return any(widget.kind == "button" and widget.name == "upload" for widget in node.widgets)
