"""`cloud.nodes.stubs()`: the module is written for this server, and its graphs run there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from comfy_cloud import AsyncComfyCloud, ConfigurationError, node_stubs
from comfy_cloud.graph_builder import Graph
from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.nodes.catalogue import catalogue
from tests.clock import FakeTime
from tests.unit.workflows.stubs.modules import imported

from .clients import client

IMAGES = {"input": {"required": {"image": ["IMAGE"]}}, "prefix": "image", "min": 2}
GROUP = ["COMFY_AUTOGROW_V3", {"template": IMAGES}]
WEIGHT = {"required": {"weight": ["FLOAT", {"default": 0.5, "min": 0, "max": 1}]}}
MODE = ["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "even"}, {"key": "weighted", "inputs": WEIGHT}]}]


async def test_a_graph_of_the_written_classes_runs(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    text = await cloud.nodes.stubs()
    nodes = imported(text)
    loader = nodes.CheckpointLoaderSimple(ckpt_name="dreamshaper_8.safetensors")
    prompt = nodes.CLIPTextEncode(text="a lighthouse", clip=loader.clip).conditioning
    sampled = nodes.KSampler(
        model=loader.model,
        positive=prompt,
        negative=prompt,
        latent_image=nodes.EmptyLatentImage(width=64, height=64).latent,
        sampler_name="euler",
        scheduler="normal",
    )
    image = nodes.VAEDecode(samples=sampled.latent, vae=loader.vae).image
    graph = Graph(nodes.SaveImage(images=image))
    assert await cloud.validate(graph) == []
    job = await cloud.run(graph, {graph.address(sampled, "steps"): 2})
    assert len(job.outputs) == 1
    (submission,) = empty_emulator.submissions
    expected = graph.to_dict()
    expected["4"]["inputs"]["steps"] = 2
    assert submission.graph == expected


async def test_options_and_groups_run(start_emulator: Callable[..., Emulator], time: FakeTime) -> None:
    """Inputs that unfold, on an emulator that has such a class."""
    declared = {
        **catalogue().object_info(),
        "Mix": {
            "input": {"required": {"images": GROUP, "mode": MODE}},
            "output": ["IMAGE"],
            "output_name": ["mixed"],
            "name": "Mix",
        },
    }
    emulator = start_emulator(object_info=declared)
    async with client(emulator, time) as cloud:
        nodes = imported(await cloud.nodes.stubs())
        red, blue = (nodes.EmptyImage(width=64, height=64, color=color).image for color in (0xFF0000, 0xFF))
        mixed = nodes.Mix(images=[red, blue], mode=nodes.Mix.ModeWeighted(weight=0.25)).mixed
        graph = Graph(nodes.SaveImage(images=mixed))
        assert await cloud.validate(graph) == []
        job = await cloud.run(graph)
    assert len(job.outputs) == 1
    assert emulator.submissions[-1].graph["3"]["inputs"] == {
        "images.image0": ["1", 0],
        "images.image1": ["2", 0],
        "mode": "weighted",
        "mode.weight": 0.25,
    }


async def test_the_header_names_the_host_and_nothing_else(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        text = await cloud.nodes.stubs("KSampler", "VAEDecode")
        classes = await cloud.nodes.all()
    assert text == node_stubs(classes, classes=["KSampler", "VAEDecode"], source="127.0.0.1")
    assert f"Node classes: 2 of {len(classes)} of 127.0.0.1.\n" in text
    assert empty_emulator.key not in text
    assert "http" not in text.partition('"""')[0]


async def test_wrong_names_and_numbers(cloud: AsyncComfyCloud) -> None:
    with pytest.raises(ConfigurationError, match=r"no node class 'KSamplr'.*did you mean KSampler"):
        await cloud.nodes.stubs("KSamplr")
    with pytest.raises(ConfigurationError, match="max_choices must be 0 or more"):
        await cloud.nodes.stubs(max_choices=-1)
    with pytest.raises(ConfigurationError, match="max_age must be 0 or more"):
        await cloud.nodes.stubs(max_age=-1)
