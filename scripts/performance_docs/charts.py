"""Charts as SVG, readable on light and dark pages. They load no fonts, scripts or anything else."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import svg

_WIDTH = 760
_LEFT, _RIGHT = 330, 70
_TOP, _ROW, _BOTTOM = 46, 26, 34
_STYLE = """
svg { color-scheme: light dark; font: 12px system-ui, sans-serif; }
.page { fill: #ffffff; } text { fill: #1f2328; } .quiet { fill: #59636e; }
.grid { stroke: #d1d9e0; } .one { stroke: #59636e; }
.ours { fill: #0969da; } .whisker { stroke: #0969da; stroke-width: 3; opacity: 0.45; }
.target { stroke: #bc4c00; stroke-width: 2; } .limit { fill: none; stroke: #1a7f37; stroke-width: 2; }
.other { fill: #818b98; }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117; } text { fill: #f0f6fc; } .quiet { fill: #9198a1; }
.grid { stroke: #3d444d; } .one { stroke: #9198a1; }
.ours { fill: #4493f8; } .whisker { stroke: #4493f8; }
.target { stroke: #f0883e; } .limit { stroke: #3fb950; } .other { fill: #656c76; }
}
"""


@dataclass(frozen=True)
class Point:
    """A row of a chart of ratios: less is better in each number."""

    label: str
    value: float
    low: float | None
    high: float | None
    target: float
    limit: float | None


@dataclass(frozen=True)
class Bar:
    """A row of a chart of seconds."""

    label: str
    seconds: float
    is_ours: bool


def ratios(title: str, points: Sequence[Point]) -> str:
    """A dot per row on a scale by powers of ten; 1 is as much as the other side."""
    shown = [
        number
        for each in points
        for number in (each.value, each.low, each.high, each.target, each.limit)
        if number is not None and number > 0
    ]
    lowest, highest = math.floor(math.log10(min(shown))), math.ceil(math.log10(max([*shown, 1.1])))
    scale = _scale(lowest, highest)
    elements = _frame(title, len(points), scale, [10.0**power for power in range(lowest, highest + 1)], "")
    for number, each in enumerate(points):
        y = _TOP + _ROW * number + _ROW / 2
        elements += _label(each.label, y)
        if each.low is not None and each.high is not None and each.low > 0:
            elements.append(svg.Line(x1=scale(each.low), x2=scale(each.high), y1=y, y2=y, class_=["whisker"]))
        x = scale(each.target)
        elements.append(svg.Line(x1=x, x2=x, y1=y - 8, y2=y + 8, class_=["target"]))
        if each.limit is not None:
            elements.append(svg.Circle(cx=scale(each.limit), cy=y, r=5, class_=["limit"]))
        elements.append(svg.Circle(cx=scale(each.value), cy=y, r=4.5, class_=["ours"]))
        elements.append(_text(f"{each.value:.3g}", _WIDTH - _RIGHT + 12, y + 4, "start", "quiet"))
    elements += _legend()
    return _document(title, len(points), elements)


def seconds(title: str, bars: Sequence[Bar]) -> str:
    """A bar per row on a scale from 0."""
    highest = max(each.seconds for each in bars)
    step = _step(highest)
    end = step * math.ceil(highest / step)

    def scale(value: float) -> float:
        return round(_LEFT + value / end * (_WIDTH - _LEFT - _RIGHT), 1)

    ticks = [step * number for number in range(round(end / step) + 1)]
    elements = _frame(title, len(bars), scale, ticks, " s")
    for number, each in enumerate(bars):
        y = _TOP + _ROW * number + _ROW / 2
        elements += _label(each.label, y)
        width = max(1.0, round(scale(each.seconds) - _LEFT, 1))
        kind = "ours" if each.is_ours else "other"
        elements.append(svg.Rect(x=_LEFT, y=y - 7, width=width, height=14, class_=[kind]))
        elements.append(_text(f"{each.seconds:.3g} s", _LEFT + width + 6, y + 4, "start", "quiet"))
    return _document(title, len(bars), elements)


def _scale(lowest: int, highest: int) -> Callable[[float], float]:
    span = max(1, highest - lowest)

    def place(value: float) -> float:
        part = (math.log10(max(value, 10.0**lowest)) - lowest) / span
        return round(_LEFT + part * (_WIDTH - _LEFT - _RIGHT), 1)

    return place


def _step(highest: float) -> float:
    """A round number, of which three to eight are in the highest value."""
    power = 10.0 ** math.floor(math.log10(highest))
    return next(power * part for part in (0.2, 0.5, 1.0, 2.0) if highest / (power * part) <= 7.5)


def _frame(
    title: str, rows: int, scale: Callable[[float], float], ticks: Sequence[float], unit: str
) -> list[svg.Element]:
    bottom = _TOP + _ROW * rows
    elements: list[svg.Element] = [
        svg.Rect(x=0, y=0, width=_WIDTH, height=bottom + _BOTTOM, class_=["page"]),
        _text(title, 12, 22, "start", None, is_bold=True),
    ]
    for tick in ticks:
        x = scale(tick)
        kind = "one" if tick == 1 and not unit else "grid"
        elements.append(svg.Line(x1=x, x2=x, y1=_TOP - 4, y2=bottom, class_=[kind]))
        elements.append(_text(f"{tick:.6g}{unit}", x, bottom + 16, "middle", "quiet"))
    return elements


def _label(label: str, y: float) -> list[svg.Element]:
    short = label if len(label) <= 50 else label[:49] + "…"
    return [_text(short, _LEFT - 12, y + 4, "end", None)]


def _legend() -> list[svg.Element]:
    x, y = _WIDTH - 300, 18
    return [
        svg.Circle(cx=x, cy=y, r=4.5, class_=["ours"]),
        _text("this client", x + 9, y + 4, "start", "quiet"),
        svg.Line(x1=x + 92, x2=x + 92, y1=y - 8, y2=y + 8, class_=["target"]),
        _text("target", x + 99, y + 4, "start", "quiet"),
        svg.Circle(cx=x + 155, cy=y, r=5, class_=["limit"]),
        _text("best tool known", x + 164, y + 4, "start", "quiet"),
    ]


def _text(text: str, x: float, y: float, anchor: str, kind: str | None, *, is_bold: bool = False) -> svg.Text:
    return svg.Text(
        text=escape(text, quote=False),
        x=x,
        y=y,
        text_anchor=anchor,  # type: ignore[arg-type]
        class_=None if kind is None else [kind],
        font_weight="bold" if is_bold else None,
    )


def _document(title: str, rows: int, elements: list[svg.Element]) -> str:
    height = _TOP + _ROW * rows + _BOTTOM
    head: list[svg.Element] = [svg.Title(text=escape(title, quote=False)), svg.Style(text=_STYLE)]
    drawing = svg.SVG(
        viewBox=svg.ViewBoxSpec(0, 0, _WIDTH, height), width=_WIDTH, height=height, elements=head + elements
    )
    return drawing.as_str().replace("><", ">\n<") + "\n"
