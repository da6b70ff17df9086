"""Graphs built with the modules that `nodes stubs` writes: checked like `api`, never run."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, assert_type

from comfy_cloud import AsyncComfyCloud, ComfyCloud, Job, Workflow
from comfy_cloud.graph_builder import Graph, Link, UntypedNode, titled
from tests.typing import made_nodes as nodes
from tests.typing import made_odd_nodes as odd


def builds_a_graph(cloud: ComfyCloud) -> None:
    loader = nodes.CheckpointLoaderSimple(ckpt_name="sd_xl_base_1.0.safetensors")
    assert_type(loader.model, Link[Literal["MODEL"]])
    model, clip, vae = loader.outputs
    assert_type(model, Link[Literal["MODEL"]])
    prompt = titled(nodes.CLIPTextEncode(text="a lighthouse", clip=clip), "Prompt")
    assert_type(prompt, nodes.CLIPTextEncode)
    nothing = nodes.CLIPTextEncode(text="", clip=loader.clip)
    sampled = nodes.KSampler(
        model=model,
        positive=prompt.conditioning,
        negative=nothing.conditioning,
        latent_image=nodes.EmptyLatentImage(width=512, height=512).latent,
        sampler_name="euler",
        scheduler="normal",
    )
    image = nodes.VAEDecode(samples=sampled.latent, vae=vae)
    graph = Graph(nodes.SaveImage(images=image.image))
    assert_type(cloud.run(graph, {graph.address(sampled, "seed"): 7}), Job)
    assert_type(graph.workflow(), Workflow)
    cloud.validate(graph)
    nodes.LoadImage(image=Path("photo.png"))
    nodes.LoadImage(image=b"...")

    nodes.VAEDecode(samples=sampled.latent, vae=model)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    nodes.VAEDecode(samples=sampled.latent, vae=loader.outputs[0])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    nodes.VAEDecode(samples=sampled.latent, vae=loader)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    nodes.VAEDecode(samples=sampled.latent)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # ty: ignore[missing-argument]
    nodes.CheckpointLoaderSimple(ckpt_name="none.safetensors")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    nodes.EmptyLatentImage(width="512", height=512)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    nodes.EmptyLatentImage(widht=512)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # ty: ignore[unknown-argument]
    print(image.latent)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # ty: ignore[missing-attribute]
    Graph(image.image)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]


def types_are_compared_as_servers_do(types: odd.Types, choices: odd.Choices, untyped: UntypedNode) -> None:
    both, anything, latent = types.both, untyped.outputs[0], nodes.EmptyLatentImage().latent
    odd.Dynamic(images=[both, anything], named={"a": both}, slot=odd.Dynamic.Slot(both, blur=3))
    odd.Dynamic(images=[both], slot=both)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    odd.Dynamic(images=[both], named=[both], mode=odd.Dynamic.ModeOn(mode=odd.Dynamic.ModeOnModeX(y=1)))
    odd.Types(two=both, any=latent, number=1, new=latent, only={"a": 1})
    odd.Types(two=anything, any=both, number=0.5, new=3, only=anything)
    odd.Types(two=latent, any=1, number=1, new=1, only=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    odd.Dynamic(images=[latent])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    odd.Dynamic(images=[both], mode="on")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    # Choices that stand where the type is fit equal ones only.
    takes_letters(choices.letters)
    takes_letters(anything)
    takes_letters(choices.numbers)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]
    takes_letters(choices.combo)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]


def takes_letters(letters: Link[Literal["COMBO 3554d2b8a1e3"]]) -> None:
    odd.Defaults(j=1, k=1, f=1, h=1, s="", b=True, low=1, c=letters)


async def runs_async(cloud: AsyncComfyCloud, end: nodes.SaveImage) -> None:
    await cloud.run(Graph(end))
