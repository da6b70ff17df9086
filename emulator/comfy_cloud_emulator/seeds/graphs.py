"""Small workflow graphs in API format, of ComfyUI's own nodes, with random prompts and seeds.

One function per sort of work. Each returns a graph that a ComfyUI with the named models would run;
nothing here runs it. Node ids are consecutive numbers; links are [node id, output].
"""

from __future__ import annotations

from random import Random
from typing import Any, Final

from comfy_cloud_emulator.state.json_values import Json

SUBJECTS: Final = (
    "a lighthouse on a basalt cliff",
    "a ceramic fox on a windowsill",
    "an orange tram climbing a steep street",
    "a greenhouse full of ferns",
    "two cranes standing in shallow water",
    "a clockmaker's bench with scattered gears",
    "a paper boat in a rain gutter",
    "a mountain hut under the milky way",
    "a bowl of persimmons, oil on canvas",
    "an empty swimming pool at noon",
)
MOODS: Final = (
    "soft morning light",
    "heavy fog, muted colours",
    "golden hour, long shadows",
    "overcast, fine grain",
    "neon reflections on wet ground",
    "studio light, plain background",
)
UNWANTED: Final = "blurry, low contrast, watermark, text"
IMAGE_SIZES: Final = ((1024, 1024), (832, 1216), (1216, 832), (768, 1344), (1344, 768))

LinkValue = list[Any]


class _Graph:
    """Collects nodes."""

    def __init__(self) -> None:
        self.nodes: Json = {}

    def add(self, class_type: str, **inputs: Any) -> str:
        node_id = str(len(self.nodes) + 1)
        self.nodes[node_id] = {"class_type": class_type, "inputs": inputs, "_meta": {"title": class_type}}
        return node_id


def prompt_text(rng: Random) -> str:
    """A prompt."""
    return f"{rng.choice(SUBJECTS)}, {rng.choice(MOODS)}"


def output_node(graph: Json) -> str:
    """Id of the node that saves the result: the last one of every graph made here."""
    return next(reversed(graph))


def text_to_image(rng: Random) -> Json:
    """An image from a prompt, with an SDXL checkpoint."""
    graph = _Graph()
    width, height = rng.choice(IMAGE_SIZES)
    checkpoint = graph.add("CheckpointLoaderSimple", ckpt_name="sd_xl_base_1.0.safetensors")
    latent = graph.add("EmptyLatentImage", width=width, height=height, batch_size=1)
    sampled = _sampled(graph, rng, checkpoint, [latent, 0])
    decoded = graph.add("VAEDecode", samples=[sampled, 0], vae=[checkpoint, 2])
    graph.add("SaveImage", images=[decoded, 0], filename_prefix="ComfyUI")
    return graph.nodes


def image_to_image(rng: Random, image: str) -> Json:
    """An image from an image; `image` is the stored name of the input."""
    graph = _Graph()
    checkpoint = graph.add("CheckpointLoaderSimple", ckpt_name="dreamshaper_8.safetensors")
    loaded = graph.add("LoadImage", image=image)
    encoded = graph.add("VAEEncode", pixels=[loaded, 0], vae=[checkpoint, 2])
    sampled = _sampled(graph, rng, checkpoint, [encoded, 0], denoise=round(rng.uniform(0.4, 0.8), 2))
    decoded = graph.add("VAEDecode", samples=[sampled, 0], vae=[checkpoint, 2])
    graph.add("SaveImage", images=[decoded, 0], filename_prefix="img2img")
    return graph.nodes


def upscale(rng: Random, image: str) -> Json:
    """A larger version of an image."""
    graph = _Graph()
    loaded = graph.add("LoadImage", image=image)
    model = graph.add(
        "UpscaleModelLoader", model_name=rng.choice(("4x-UltraSharp.pth", "RealESRGAN_x4plus.pth"))
    )
    larger = graph.add("ImageUpscaleWithModel", upscale_model=[model, 0], image=[loaded, 0])
    graph.add("SaveImage", images=[larger, 0], filename_prefix="upscaled")
    return graph.nodes


def text_to_video(rng: Random) -> Json:
    """A short video from a prompt, with Wan 2.1."""
    graph = _Graph()
    model = graph.add("UNETLoader", unet_name="wan2.1_t2v_1.3B_fp16.safetensors", weight_dtype="default")
    clip = graph.add(
        "CLIPLoader", clip_name="umt5_xxl_fp8_e4m3fn_scaled.safetensors", type="wan", device="default"
    )
    vae = graph.add("VAELoader", vae_name="wan_2.1_vae.safetensors")
    shifted = graph.add("ModelSamplingSD3", model=[model, 0], shift=8.0)
    wanted = graph.add("CLIPTextEncode", text=prompt_text(rng), clip=[clip, 0])
    unwanted = graph.add("CLIPTextEncode", text=UNWANTED, clip=[clip, 0])
    latent = graph.add("EmptyHunyuanLatentVideo", width=832, height=480, length=33, batch_size=1)
    sampled = _sampler(graph, rng, [shifted, 0], [wanted, 0], [unwanted, 0], [latent, 0], cfg=6.0)
    decoded = graph.add("VAEDecode", samples=[sampled, 0], vae=[vae, 0])
    video = graph.add("CreateVideo", images=[decoded, 0], fps=16.0)
    graph.add("SaveVideo", video=[video, 0], filename_prefix="video/ComfyUI", format="auto", codec="auto")
    return graph.nodes


def text_to_audio(rng: Random) -> Json:
    """Audio from a prompt, with Stable Audio."""
    graph = _Graph()
    checkpoint = graph.add("CheckpointLoaderSimple", ckpt_name="stable-audio-open-1.0.safetensors")
    clip = graph.add("CLIPLoader", clip_name="t5-base.safetensors", type="stable_audio", device="default")
    sound = rng.choice(("rain on a tin roof", "a slow upright bass line", "a distant harbour bell"))
    wanted = graph.add("CLIPTextEncode", text=sound, clip=[clip, 0])
    unwanted = graph.add("CLIPTextEncode", text="", clip=[clip, 0])
    latent = graph.add("EmptyLatentAudio", seconds=rng.choice((12.0, 30.0, 47.6)), batch_size=1)
    sampled = _sampler(graph, rng, [checkpoint, 0], [wanted, 0], [unwanted, 0], [latent, 0], cfg=4.98)
    decoded = graph.add("VAEDecodeAudio", samples=[sampled, 0], vae=[checkpoint, 2])
    graph.add("SaveAudioMP3", audio=[decoded, 0], filename_prefix="audio/ComfyUI", quality="V0")
    return graph.nodes


def image_to_model(rng: Random, image: str) -> Json:
    """A 3D model from an image, with Hunyuan3D."""
    graph = _Graph()
    checkpoint = graph.add("ImageOnlyCheckpointLoader", ckpt_name="hunyuan3d-dit-v2_fp16.safetensors")
    loaded = graph.add("LoadImage", image=image)
    seen = graph.add("CLIPVisionEncode", clip_vision=[checkpoint, 1], image=[loaded, 0], crop="center")
    conditioned = graph.add("Hunyuan3Dv2Conditioning", clip_vision_output=[seen, 0])
    latent = graph.add("EmptyLatentHunyuan3Dv2", resolution=3072, batch_size=1)
    sampled = _sampler(graph, rng, [checkpoint, 0], [conditioned, 0], [conditioned, 1], [latent, 0], cfg=5.5)
    voxel = graph.add(
        "VAEDecodeHunyuan3D",
        samples=[sampled, 0],
        vae=[checkpoint, 2],
        num_chunks=8000,
        octree_resolution=256,
    )
    mesh = graph.add("VoxelToMesh", voxel=[voxel, 0], algorithm="surface net", threshold=0.6)
    graph.add("SaveGLB", mesh=[mesh, 0], filename_prefix="mesh/ComfyUI")
    return graph.nodes


def text_to_text(rng: Random) -> Json:
    """Two strings joined and shown."""
    graph = _Graph()
    first = graph.add("PrimitiveStringMultiline", value=rng.choice(SUBJECTS))
    second = graph.add("PrimitiveStringMultiline", value=rng.choice(MOODS))
    joined = graph.add("StringConcatenate", string_a=[first, 0], string_b=[second, 0], delimiter=", ")
    graph.add("PreviewAny", source=[joined, 0])
    return graph.nodes


def _sampled(graph: _Graph, rng: Random, checkpoint: str, latent: LinkValue, *, denoise: float = 1.0) -> str:
    wanted = graph.add("CLIPTextEncode", text=prompt_text(rng), clip=[checkpoint, 1])
    unwanted = graph.add("CLIPTextEncode", text=UNWANTED, clip=[checkpoint, 1])
    return _sampler(graph, rng, [checkpoint, 0], [wanted, 0], [unwanted, 0], latent, denoise=denoise)


def _sampler(
    graph: _Graph,
    rng: Random,
    model: LinkValue,
    positive: LinkValue,
    negative: LinkValue,
    latent: LinkValue,
    *,
    cfg: float = 7.0,
    denoise: float = 1.0,
) -> str:
    return graph.add(
        "KSampler",
        model=model,
        positive=positive,
        negative=negative,
        latent_image=latent,
        # Below 2**53, so that no JSON parser rounds it.
        seed=rng.randrange(2**53),
        steps=rng.choice((20, 25, 30)),
        cfg=cfg,
        sampler_name=rng.choice(("euler", "dpmpp_2m", "uni_pc")),
        scheduler=rng.choice(("normal", "karras", "simple")),
        denoise=denoise,
    )
