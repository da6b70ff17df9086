"""How long nodes take, in emulated milliseconds, and in how many steps they report progress.

Rough figures of a data-centre GPU. What matters is that samplers take longest and report steps.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from comfy_cloud_emulator.state.json_values import Json

from .graph import unwrapped


class Effort(NamedTuple):
    """A node's work: `steps` of `step_ms` each. With one step no progress is reported."""

    steps: int
    step_ms: int

    @property
    def total_ms(self) -> int:
        """Milliseconds of all steps."""
        return self.steps * self.step_ms


QUICK: Final = Effort(1, 20)
_SAMPLERS: Final = frozenset({"KSampler", "KSamplerAdvanced", "SamplerCustom", "SamplerCustomAdvanced"})
_BY_CLASS: Final[dict[str, Effort]] = {
    "CheckpointLoaderSimple": Effort(1, 1_800),
    "ImageOnlyCheckpointLoader": Effort(1, 1_800),
    "UNETLoader": Effort(1, 2_200),
    "VAELoader": Effort(1, 300),
    "CLIPTextEncode": Effort(1, 250),
    "VAEDecode": Effort(1, 500),
    "VAEEncode": Effort(1, 400),
    "VAEDecodeTiled": Effort(4, 400),
    "VAEDecodeAudio": Effort(1, 900),
    "VAEDecodeHunyuan3D": Effort(8, 700),
    "ImageUpscaleWithModel": Effort(4, 600),
    "LoadImage": Effort(1, 150),
    "SaveImage": Effort(1, 200),
    "PreviewImage": Effort(1, 120),
    "SaveVideo": Effort(1, 1_500),
    "SaveWEBM": Effort(1, 1_500),
    "VHS_VideoCombine": Effort(1, 1_500),
    "SaveAudio": Effort(1, 300),
    "SaveGLB": Effort(1, 400),
    "VoxelToMesh": Effort(1, 800),
}
SAMPLER_STEP_MS: Final = 120
DEFAULT_STEPS: Final = 20
MOST_STEPS: Final = 200
"""A sampler reports at most this many steps; more are reported as fewer, longer ones."""


def effort(node: Json) -> Effort:
    """The work of one node of a graph."""
    class_type = node["class_type"]
    if class_type in _SAMPLERS:
        requested = _whole(unwrapped(node.get("inputs", {}).get("steps")), DEFAULT_STEPS)
        reported = min(max(1, requested), MOST_STEPS)
        return Effort(reported, max(1, requested) * SAMPLER_STEP_MS // reported)
    if class_type.endswith("Loader"):
        return _BY_CLASS.get(class_type, Effort(1, 600))
    return _BY_CLASS.get(class_type, QUICK)


def has_preview(node: Json) -> bool:
    """Whether the node sends preview images while it works."""
    return node["class_type"] in _SAMPLERS


def _whole(value: Any, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default
