"""`cloud.nodes.stubs()`: the module is written for this server, and its graphs run there."""

from __future__ import annotations

import pytest

from comfy_cloud import ConfigurationError, node_stubs
from comfy_cloud.graph_builder import Graph
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime
from tests.unit.workflows.stubs.modules import imported

from .clients import client


async def test_a_graph_of_the_written_classes_runs(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
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


async def test_the_header_names_the_host_and_nothing_else(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        text = await cloud.nodes.stubs("KSampler", "VAEDecode")
        classes = await cloud.nodes.all()
    assert text == node_stubs(classes, classes=["KSampler", "VAEDecode"], source="127.0.0.1")
    assert f"node classes: 2 of {len(classes)} of 127.0.0.1.\n" in text
    assert empty_emulator.key not in text
    assert "http" not in text.partition('"""')[0]


async def test_wrong_names_and_numbers(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        with pytest.raises(ConfigurationError, match=r"no node class 'KSamplr'.*did you mean KSampler"):
            await cloud.nodes.stubs("KSamplr")
        with pytest.raises(ConfigurationError, match="max_choices must be 0 or more"):
            await cloud.nodes.stubs(max_choices=-1)
        with pytest.raises(ConfigurationError, match="max_age must be 0 or more"):
            await cloud.nodes.stubs(max_age=-1)
