"""The inputs of node classes, in the editor's order, with those that only the editor adds. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

# Classes for which the editor shows an audio player.
_WITH_PLAYER = (
    "LoadAudio",
    "SaveAudio",
    "PreviewAudio",
    "SaveAudioMP3",
    "SaveAudioOpus",
    "SaveAudioAdvanced",
)
# Classes that save files: texts such as %date:...% are filled into their file names.
SAVERS = frozenset(
    (
        "SaveImage",
        "SaveImageAdvanced",
        "SaveSVGNode",
        "SaveVideo",
        "SaveAnimatedWEBP",
        "SaveWEBM",
        "SaveAudio",
        "SaveAudioMP3",
        "SaveAudioOpus",
        "SaveAudioAdvanced",
        "SaveGLB",
        "Save3DAdvanced",
        "SaveGaussianSplat",
        "SavePointCloud",
        "SaveAnimatedPNG",
        "CLIPSave",
        "VAESave",
        "ModelSave",
        "LoraSave",
        "SaveLatent",
    )
)
# The editor's English titles where the server has others, of frontend 1.49.6.
_EDITOR_TITLES = {
    "Concat AV Latent": "LTXVConcatAVLatent",
    "Separate AV Latent": "LTXVSeparateAVLatent",
    "ByteDance Seedream 4.5 & 5.0 (Legacy)": "ByteDance Seedream 4.5 & 5.0",
    "ByteDance Seedance 2.5 Reference to Video (Legacy)": "ByteDance Seedance 2.5 Reference to Video",
    "Ideogram & Pruna P-Image": "Ideogram P-Image",
    "Topaz Image Enhance (Legacy)": "Topaz Image Enhance",
}
_UPLOADS = ("image_upload", "video_upload", "animated_image_upload")


class InputSpec(NamedTuple):
    """An input of a class: its type ("COMBO" for a list of choices) and its options."""

    name: str
    type: str
    options: Mapping[str, Any]
    choices: list[Any] | None = None
    is_optional: bool = False
    # Whether the choices stand where the type is, as in older classes.
    is_listed: bool = False

    @property
    def widget_type(self) -> str:
        """The type of widget that it has, if there is such a widget."""
        other = self.options.get("widgetType")
        return other if isinstance(other, str) and other else self.type

    @property
    def is_forced(self) -> bool:
        """Whether it is a slot although its type has a widget."""
        return bool(self.options.get("forceInput"))


class NodeClass(NamedTuple):
    """A node class. `declared` is its inputs as declared, `ordered` as the editor shows them."""

    name: str
    title: str
    declared: dict[str, InputSpec]
    ordered: list[InputSpec]
    outputs: list[tuple[str, str]]
    match_groups: list[Any]
    # Whether there are inputs that had widgets in older versions of the class.
    has_forced: bool = False


class NodeClasses:
    """The classes of a server, read when they are asked for."""

    def __init__(self, object_info: Mapping[str, Any]) -> None:
        # A catalogue of `cloud.nodes` has the plain JSON beside its models.
        raw = getattr(object_info, "raw", object_info)
        self._raw: Mapping[str, Any] = raw if isinstance(raw, Mapping) else object_info
        self._read: dict[str, NodeClass | None] = {}

    def get(self, name: str) -> NodeClass | None:
        """A class, None if the server does not have it."""
        if name not in self._read:
            raw: Any = self._raw.get(name)
            if hasattr(raw, "to_dict"):  # a model of the client
                raw = raw.to_dict()
            self._read[name] = _read_class(name, raw) if isinstance(raw, Mapping) else None
        return self._read[name]

    def add(self, made: NodeClass) -> None:
        """Add a class that only the editor knows."""
        self._read[made.name] = made

    @property
    def raw(self) -> Mapping[str, Any]:
        """The classes as the server has them."""
        return self._raw

    def names(self) -> Iterator[str]:
        """The names of all classes."""
        return (name for name, raw in self._raw.items() if isinstance(raw, Mapping))


def spec_of(name: str, raw: object, *, is_optional: bool = False) -> InputSpec | None:
    """The input that a declaration, [type, options], describes; None if it is not one."""
    parts = _list(raw)
    if not parts:
        return None
    type = parts[0]
    options = parts[1] if len(parts) > 1 and isinstance(parts[1], Mapping) else {}
    if isinstance(type, (list, tuple)):
        return InputSpec(name, "COMBO", options, list(type), is_optional, True)
    if type == "COMBO":
        listed = options.get("options")
        choices = list(listed) if isinstance(listed, (list, tuple)) else []
        return InputSpec(name, "COMBO", options, choices, is_optional)
    return InputSpec(name, type if isinstance(type, str) else "UNKNOWN", options, None, is_optional)


def specs_of(groups: object, prefix: str = "") -> list[InputSpec]:
    """The inputs of {"required": ..., "optional": ...}, required ones first."""
    found: list[InputSpec] = []
    for group in ("required", "optional"):
        members = groups.get(group) if isinstance(groups, Mapping) else None
        for name, raw in members.items() if isinstance(members, Mapping) else ():
            spec = spec_of(f"{prefix}{name}", raw, is_optional=group == "optional")
            if spec is not None:
                found.append(spec)
    return found


def _read_class(name: str, raw: Mapping[str, Any]) -> NodeClass:
    declared = {spec.name: spec for spec in specs_of(_with_additions(name, raw.get("input")))}
    title = str(raw.get("display_name") or raw.get("name") or name)
    title = _EDITOR_TITLES.get(title, title)
    types, names = _list(raw.get("output")), _list(raw.get("output_name"))
    outputs = [
        (str(names[at]) if at < len(names) and names[at] else f"output_{at}", _output_type(type))
        for at, type in enumerate(types)
    ]
    groups = _list(raw.get("output_matchtypes"))
    ordered = _ordered(declared, raw.get("input_order"))
    has_forced = any(spec.is_forced for spec in ordered)
    return NodeClass(name, title, declared, ordered, outputs, groups, has_forced)


def _output_type(type: object) -> str:
    if isinstance(type, (list, tuple)):
        return "COMBO"
    return "*" if type == "COMFY_MATCHTYPE_V3" else str(type)


def _with_additions(name: str, groups: object) -> object:
    """The declared inputs, and those that the editor adds for its own widgets."""
    required = groups.get("required") if isinstance(groups, Mapping) else None
    if not isinstance(groups, Mapping) or not isinstance(required, Mapping):
        return groups
    added = dict(required)
    if name in ("SaveGLB", "Preview3D"):
        added["image"] = ["PREVIEW_3D"]
    if name == "Load3DAdvanced":
        added["viewport_state"] = ["LOAD_3D_ADVANCED", {}]
    if name in _WITH_PLAYER:
        added["audioUI"] = ["AUDIO_UI", {}]
    audio = spec_of("audio", required.get("audio"))
    if audio is not None and audio.options.get("audio_upload") is True:
        added["upload"] = ["AUDIOUPLOAD", {}]
    for input_name, raw in required.items():
        spec = spec_of(input_name, raw)
        if spec is None or spec.type != "COMBO":
            continue
        if any(spec.options.get(option) is True for option in _UPLOADS):
            added["upload"] = ["IMAGEUPLOAD", {"imageInputName": input_name}]
            break
    return {**groups, "required": added}


def _ordered(declared: dict[str, InputSpec], order: object) -> list[InputSpec]:
    if not isinstance(order, Mapping):
        return list(declared.values())
    listed: dict[str, InputSpec] = {}
    for group in ("required", "optional"):
        for name in _list(order.get(group)):
            spec = declared.get(name) if isinstance(name, str) else None
            if spec is not None and spec.is_optional == (group == "optional"):
                listed[spec.name] = spec
    return [*listed.values(), *(spec for name, spec in declared.items() if name not in listed)]


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []
