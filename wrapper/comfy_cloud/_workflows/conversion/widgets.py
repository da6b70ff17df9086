"""The widgets that the editor makes for inputs, and what they take from saved values. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any

from comfy_cloud_catalogue.declarations import InputSpec

from .editor_values import MISSING, as_number, is_true, json_text, rounded
from .model import Node, Widget

if TYPE_CHECKING:
    from .editor_state import Editor

CONTROL_VALUES = ("fixed", "increment", "decrement", "randomize", "increment-wrap")
# Numbers are rounded by their exact decimal value.
_PRECISE = Context(prec=400)
_SEEDS = ("seed", "noise_seed")
_VIEWPORT_CLASSES = frozenset(
    (
        "Preview3DAdvanced",
        "Save3DAdvanced",
        "PreviewGaussianSplat",
        "PreviewPointCloud",
        "SaveGaussianSplat",
        "SavePointCloud",
    )
)
_Maker = Callable[["Editor", Node, InputSpec], "Widget | None"]


def add_widget(editor: Editor, node: Node, spec: InputSpec) -> Widget | None:
    """Add the widgets for an input to a node; returns the main one.

    None if the editor has no widget for this type.
    """
    maker = MAKERS.get(spec.widget_type)
    return maker(editor, node, spec) if maker is not None else None


def has_widget(type: object) -> bool:
    """Whether the editor has a widget for inputs of this type."""
    return isinstance(type, str) and type in MAKERS


def add_controls(node: Node, spec: InputSpec, *, with_filter: bool = False) -> None:
    """Add what changes a value after each run; neither is sent."""
    chosen = spec.options.get("control_after_generate")
    name = chosen if isinstance(chosen, str) else "control_after_generate"
    value = chosen if isinstance(chosen, str) and chosen in CONTROL_VALUES else "randomize"
    node.add_widget(
        Widget(name, "combo", value, choices=list(CONTROL_VALUES), is_sent=False, is_control=True)
    )
    if with_filter:
        node.add_widget(Widget("control_filter_list", "string", "", is_sent=False, is_control=True))


def apply_callback(widget: Widget) -> None:
    """Bring a value that was set from outside into the steps and the range of its widget."""
    if widget.kind not in ("number", "slider", "knob", "gradientslider") or "integer" not in widget.options:
        return
    options, value = widget.options, as_number(widget.value)
    if options["integer"]:
        step, least = options["step2"] or 1, options["min"]
        if step == 1:
            widget.set(rounded(value))
            return
        offset = math.fmod(least, step) if isinstance(least, float) else int(math.fmod(least, step))
        if all(isinstance(part, int) for part in (value, step, offset)):
            widget.set((2 * (value - offset) + step) // (2 * step) * step + offset)
        else:
            widget.set(rounded((value - offset) / step) * step + offset)
    elif options["round"]:
        digits, unit = options["precision"], options["round"]
        number = rounded(value / unit) * unit
        if math.isfinite(number):
            unit = Decimal(1).scaleb(-min(max(int(digits), 0), 20))
            number = float(Decimal(number).quantize(unit, ROUND_HALF_UP, _PRECISE))
        widget.set(max(options["min"], min(options["max"], number)) if number == number else number)
    else:
        widget.set(value)


def _number(spec: InputSpec, name: str, fallback: Any) -> Any:
    value = spec.options.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else fallback


def _int(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    default = spec.options.get("default")
    options = {
        "integer": True,
        "min": _number(spec, "min", 0),
        "max": _number(spec, "max", 2048),
        "step2": _number(spec, "step", 1),
        "precision": 0,
    }
    widget = node.add_widget(
        Widget(spec.name, _number_kind(spec), 0 if default is None else default, options=options)
    )
    control = spec.options.get("control_after_generate")
    if is_true(control) if control is not None else spec.name in _SEEDS:
        add_controls(node, spec)
    return widget


def _float(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    default = spec.options.get("default")
    step = _number(spec, "step", 0.5)
    precision = max(0, -math.floor(math.log10(step))) if 0 < step < math.inf else 0
    own = _number(spec, "round", 0)
    options = {
        "integer": False,
        "min": _number(spec, "min", 0),
        "max": _number(spec, "max", 2048),
        "step2": step,
        "precision": precision,
        "round": 10.0**-precision if precision and not own else own,
    }
    widget = node.add_widget(
        Widget(spec.name, _number_kind(spec), 0 if default is None else default, options=options)
    )
    if is_true(spec.options.get("control_after_generate")):
        add_controls(node, spec)
    return widget


def _number_kind(spec: InputSpec) -> str:
    display = spec.options.get("display")
    kinds = ("slider", "knob", "gradientslider") if spec.type == "FLOAT" else ("slider", "knob")
    return display if isinstance(display, str) and display in kinds else "number"


def _combo(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    choices = spec.choices if spec.choices is not None else []
    if spec.options.get("multi_select"):
        return node.add_widget(Widget(spec.name, "multiselect", []))
    default: Any = spec.options.get("default")
    remote = spec.options.get("remote")
    if not is_true(default):
        default = choices[0] if choices else "Loading..." if remote else MISSING
    widget = node.add_widget(Widget(spec.name, "combo", default, choices=choices))
    if isinstance(remote, dict) and remote.get("refresh_button"):
        node.add_widget(Widget("refresh", "button", "refresh"))
    if is_true(spec.options.get("control_after_generate")):
        add_controls(node, spec, with_filter=True)
    return widget


def _string(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    default = spec.options.get("default")
    kind = "customtext" if spec.options.get("multiline") else "text"
    widget = Widget(spec.name, kind, "" if default is None else default)
    if spec.options.get("dynamicPrompts") is True:
        widget.options = {"dynamicPrompts": True}
    return node.add_widget(widget)


def _plain(kind: str, default: Any) -> _Maker:
    """A maker of widgets whose default value is a plain one."""

    def make(editor: Editor, node: Node, spec: InputSpec) -> Widget:
        declared = spec.options.get("default")
        return node.add_widget(Widget(spec.name, kind, default if declared is None else declared))

    return make


def _color(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    existing = next((one for one in node.widgets if one.name == spec.name and one.kind == "color"), None)
    if existing is not None:
        return existing
    inner = spec.options.get("options")
    default = spec.options.get("default")
    if default is None and isinstance(inner, dict):
        default = inner.get("default")
    return node.add_widget(Widget(spec.name, "color", "#000000" if default is None else default))


def _from_options(kind: str, name: str, fallback: Any) -> _Maker:
    """A maker of widgets whose default value is in a nested object of options."""

    def make(editor: Editor, node: Node, spec: InputSpec) -> Widget:
        inner = spec.options.get("options")
        value = inner.get(name) if isinstance(inner, dict) else None
        return node.add_widget(Widget(spec.name, kind, value if is_true(value) else fallback))

    return make


def _bounding_box(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    default = spec.options.get("default")
    box = dict(default) if isinstance(default, dict) else {"x": 0, "y": 0, "width": 512, "height": 512}
    kind = "imagecrop" if spec.options.get("component") == "ImageCrop" else "boundingbox"
    widget = node.add_widget(Widget(spec.name, kind, box))
    for name in ("x", "y", "width", "height"):
        node.add_widget(Widget(name, "number", box.get(name, MISSING), is_sent=False))
    return widget


def _curve(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    default = spec.options.get("default")
    straight = {"points": [[0, 0], [1, 1]], "interpolation": "monotone_cubic"}
    return node.add_widget(Widget(spec.name, "curve", default if isinstance(default, dict) else straight))


def _video_edit(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    default = spec.options.get("default")
    features = spec.options.get("features") or ["trim", "crop"]
    value: Any = {}
    if "trim" in features:
        value["trim"] = {"start_time": 0, "duration": 0}
    if "crop" in features:
        value["crop"] = {"x": 0, "y": 0, "width": 0, "height": 0}
    return node.add_widget(Widget(spec.name, "videoedit", value if default is None else default))


def _viewport(name: str) -> _Maker:
    """A maker of the view of a 3D model, which has no value of its own."""

    def make(editor: Editor, node: Node, spec: InputSpec) -> Widget:
        return node.add_widget(_Fixed(name, "load3D", ""))

    return make


def _load_3d(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    if any(widget.name == "model_file" for widget in node.widgets):
        for name, value in (
            ("upload 3d model", "upload3dmodel"),
            ("upload extra resources", "uploadExtraResources"),
            ("clear", "clear"),
        ):
            node.add_widget(Widget(name, "button", value))
    name = "viewport_state" if node.type in _VIEWPORT_CLASSES else "image"
    return node.add_widget(_Fixed(name, "load3D", ""))


def _upload(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    return node.add_widget(Widget(spec.name, "button", "image", is_sent=False))


def _audio_upload(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    return node.add_widget(Widget(spec.name, "button", "", is_sent=False))


def _audio_player(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    return node.add_widget(Widget(spec.name, "audioUI", "", is_sent=False, is_saved=False))


def _recorder(editor: Editor, node: Node, spec: InputSpec) -> Widget:
    node.add_widget(_Fixed(spec.name, "audioUI", ""))
    return node.add_widget(Widget(spec.name, "button", "", is_sent=False))


class _Fixed(Widget):
    """A widget whose saved value is not restored."""

    __slots__ = ()

    def set(self, value: Any) -> None:
        """Keep the value."""


def add_unknown_widget(node: Node, value: Any) -> None:
    """Add a widget for a saved value of a node whose class is not known."""
    name = f"UNKNOWN_{len(node.widgets)}" if node.widgets else "UNKNOWN"
    if not isinstance(value, (str, int, float)):
        value = json_text(value)
    node.add_widget(Widget(name, "text", value))


MAKERS: dict[str, _Maker] = {
    "INT": _int,
    "FLOAT": _float,
    "BOOLEAN": _plain("toggle", False),
    "STRING": _string,
    "MARKDOWN": _plain("MARKDOWN", ""),
    "COMBO": _combo,
    "IMAGEUPLOAD": _upload,
    "COLOR": _color,
    "IMAGECOMPARE": lambda editor, node, spec: node.add_widget(
        Widget(spec.name, "imagecompare", ["", ""], is_saved=False)
    ),
    "BOUNDING_BOX": _bounding_box,
    "CHART": _from_options("chart", "data", {}),
    "GALLERIA": _from_options("galleria", "images", []),
    "PAINTER": _plain("painter", ""),
    "COMPOSITOR": _plain("compositor", {}),
    "TEXTAREA": _from_options("textarea", "default", ""),
    "CURVE": _curve,
    "RANGE": _plain("range", {"min": 0.0, "max": 1.0}),
    "VIDEO_EDIT": _video_edit,
    "BOUNDING_BOXES": _plain("boundingboxes", []),
    "COLORS": _plain("colors", []),
    "PREVIEW_3D": _viewport("image"),
    "LOAD_3D": _load_3d,
    "LOAD_3D_ADVANCED": _viewport("viewport_state"),
    "AUDIO_UI": _audio_player,
    "AUDIOUPLOAD": _audio_upload,
    "AUDIO_RECORD": _recorder,
    "WEBCAM": _viewport("image"),
}
