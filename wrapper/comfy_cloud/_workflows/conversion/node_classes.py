"""Node classes as the editor reads them: with its own titles, and inputs that it adds. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from comfy_cloud_catalogue.declarations import (
    COMBO,
    UPLOADS_OF_IMAGES,
    InputSpec,
    in_order,
    input_spec,
    input_specs,
    output_specs,
)
from comfy_cloud_catalogue.dynamic import MATCH_TYPE

from ...errors import ConfigurationError

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


def check_classes(object_info: Mapping[str, Any], function: str) -> None:
    """Raise ConfigurationError, which names the function, for node classes that are not a dict."""
    if not isinstance(object_info, Mapping):
        raise ConfigurationError(
            f"{function} takes the node classes of a server, such as cloud.nodes.all(), not a "
            f"{type(object_info).__name__}"
        )


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


def _read_class(name: str, raw: Mapping[str, Any]) -> NodeClass:
    declared = {spec.name: spec for spec in input_specs(_with_additions(name, raw.get("input")))}
    title = str(raw.get("display_name") or raw.get("name") or name)
    title = _EDITOR_TITLES.get(title, title)
    given = output_specs(raw) or []
    outputs = [
        (spec.name or f"output_{at}", "*" if spec.type == MATCH_TYPE else spec.type)
        for at, spec in enumerate(given)
    ]
    groups = [spec.match_group for spec in given]
    ordered = in_order(declared, raw.get("input_order"))
    has_forced = any(spec.is_forced for spec in ordered)
    return NodeClass(name, title, declared, ordered, outputs, groups, has_forced)


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
    audio = input_spec("audio", required.get("audio"))
    if audio is not None and audio.options.get("audio_upload") is True:
        added["upload"] = ["AUDIOUPLOAD", {}]
    for input_name, raw in required.items():
        spec = input_spec(input_name, raw)
        if spec is None or spec.type != COMBO:
            continue
        if any(spec.options.get(option) is True for option in UPLOADS_OF_IMAGES):
            added["upload"] = ["IMAGEUPLOAD", {"imageInputName": input_name}]
            break
    return {**groups, "required": added}
