# Made by `comfy-cloud nodes stubs`, version 0.1.0; node classes: 7 of 121 of the emulator.
# Do not edit it: make it anew when the classes have changed.
# SHA-256 of all that follows the next line: 4d8d25f83df9a8d567175b2078adf7948f02c16f66608767cd7e309a55110350
# fmt: off
"""The node classes of a server, to build graphs with; see `comfy_cloud.graph_builder`."""

from __future__ import annotations

import typing as _t

from comfy_cloud import graph_builder as _g

CLIP: _t.TypeAlias = _g.Link[_t.Literal["CLIP"]]
CONDITIONING: _t.TypeAlias = _g.Link[_t.Literal["CONDITIONING"]]
IMAGE: _t.TypeAlias = _g.Link[_t.Literal["IMAGE"]]
LATENT: _t.TypeAlias = _g.Link[_t.Literal["LATENT"]]
MASK: _t.TypeAlias = _g.Link[_t.Literal["MASK"]]
MODEL: _t.TypeAlias = _g.Link[_t.Literal["MODEL"]]
VAE: _t.TypeAlias = _g.Link[_t.Literal["VAE"]]
SamplerName: _t.TypeAlias = _t.Literal["euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "heun", "heunpp2", "dpm_2", "dpm_2_ancestral", "lms", "dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral", "dpmpp_2s_ancestral_cfg_pp", "dpmpp_sde", "dpmpp_sde_gpu", "dpmpp_2m", "dpmpp_2m_cfg_pp", "dpmpp_2m_sde", "dpmpp_2m_sde_gpu", "dpmpp_2m_sde_heun", "dpmpp_2m_sde_heun_gpu", "dpmpp_3m_sde", "dpmpp_3m_sde_gpu", "ddpm", "lcm", "ipndm", "ipndm_v", "deis", "res_multistep", "res_multistep_cfg_pp", "res_multistep_ancestral", "res_multistep_ancestral_cfg_pp", "gradient_estimation", "gradient_estimation_cfg_pp", "er_sde", "seeds_2", "seeds_3", "sa_solver", "sa_solver_pece", "ddim", "uni_pc", "uni_pc_bh2"]
Scheduler: _t.TypeAlias = _t.Literal["simple", "sgm_uniform", "karras", "exponential", "ddim_uniform", "beta", "normal", "linear_quadratic", "kl_optimal"]


class CLIPTextEncode(_g.Node[tuple[CONDITIONING]]):
    """CLIP Text Encode (Prompt) (conditioning)."""

    def __init__(
        self,
        *,
        text: _g.String,
        clip: CLIP,
    ) -> None:
        super().__init__("CLIPTextEncode", {
            "text": text,
            "clip": clip,
        }, 1)

    @property
    def conditioning(self) -> CONDITIONING:
        """Output 0: CONDITIONING."""
        return self.outputs[0]


class CheckpointLoaderSimple(_g.Node[tuple[MODEL, CLIP, VAE]]):
    """Load Checkpoint (loaders)."""

    def __init__(
        self,
        *,
        ckpt_name: _t.Literal["dreamshaper_8.safetensors", "flux1-dev-fp8.safetensors", "hunyuan3d-dit-v2_fp16.safetensors", "sd_xl_base_1.0.safetensors", "stable-audio-open-1.0.safetensors", "v1-5-pruned-emaonly-fp16.safetensors"] | _g.Link[str],
    ) -> None:
        super().__init__("CheckpointLoaderSimple", {
            "ckpt_name": ckpt_name,
        }, 3)

    @property
    def model(self) -> MODEL:
        """Output 0: MODEL."""
        return self.outputs[0]

    @property
    def clip(self) -> CLIP:
        """Output 1: CLIP."""
        return self.outputs[1]

    @property
    def vae(self) -> VAE:
        """Output 2: VAE."""
        return self.outputs[2]


class EmptyLatentImage(_g.Node[tuple[LATENT]]):
    """Empty Latent Image (latent).

    Args:
        width: From 16 to 16384.
        height: From 16 to 16384.
        batch_size: From 1 to 4096.
    """

    def __init__(
        self,
        *,
        width: _g.Int = 512,
        height: _g.Int = 512,
        batch_size: _g.Int = 1,
    ) -> None:
        super().__init__("EmptyLatentImage", {
            "width": width,
            "height": height,
            "batch_size": batch_size,
        }, 1)

    @property
    def latent(self) -> LATENT:
        """Output 0: LATENT."""
        return self.outputs[0]


class KSampler(_g.Node[tuple[LATENT]]):
    """KSampler (sampling).

    Args:
        seed: From 0 to 18446744073709551615.
        steps: From 1 to 10000.
        cfg: From 0.0 to 100.0.
        denoise: From 0.0 to 1.0.
    """

    def __init__(
        self,
        *,
        model: MODEL,
        seed: _g.Int = 0,
        steps: _g.Int = 20,
        cfg: _g.Float = 8.0,
        sampler_name: SamplerName | _g.Link[str],
        scheduler: Scheduler | _g.Link[str],
        positive: CONDITIONING,
        negative: CONDITIONING,
        latent_image: LATENT,
        denoise: _g.Float = 1.0,
    ) -> None:
        super().__init__("KSampler", {
            "model": model,
            "seed": seed,
            "steps": steps,
            "cfg": cfg,
            "sampler_name": sampler_name,
            "scheduler": scheduler,
            "positive": positive,
            "negative": negative,
            "latent_image": latent_image,
            "denoise": denoise,
        }, 1)

    @property
    def latent(self) -> LATENT:
        """Output 0: LATENT."""
        return self.outputs[0]


class LoadImage(_g.Node[tuple[IMAGE, MASK]]):
    """Load Image (image)."""

    def __init__(
        self,
        *,
        image: _g.File | _g.Link[str],
    ) -> None:
        super().__init__("LoadImage", {
            "image": image,
        }, 2)

    @property
    def image(self) -> IMAGE:
        """Output 0: IMAGE."""
        return self.outputs[0]

    @property
    def mask(self) -> MASK:
        """Output 1: MASK."""
        return self.outputs[1]


class SaveImage(_g.Node[tuple[()]]):
    """Save Image (image)."""

    def __init__(
        self,
        *,
        images: IMAGE,
        filename_prefix: _g.String = "ComfyUI",
    ) -> None:
        super().__init__("SaveImage", {
            "images": images,
            "filename_prefix": filename_prefix,
        }, 0)


class VAEDecode(_g.Node[tuple[IMAGE]]):
    """VAE Decode (latent)."""

    def __init__(
        self,
        *,
        samples: LATENT,
        vae: VAE,
    ) -> None:
        super().__init__("VAEDecode", {
            "samples": samples,
            "vae": vae,
        }, 1)

    @property
    def image(self) -> IMAGE:
        """Output 0: IMAGE."""
        return self.outputs[0]
