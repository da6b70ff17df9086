"""What the mirror finds in a graph: prompts by links, models, LoRAs, seeds, sizes, digests."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud.mirror.facts import graph_facts
from comfy_cloud.mirror.facts.found import unpacked
from comfy_cloud.mirror.facts.values import typed_value


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def text(words: str) -> dict[str, Any]:
    return node("CLIPTextEncode", text=words, clip=["1", 1])


BASE = {
    "1": node("CheckpointLoaderSimple", ckpt_name="a.safetensors"),
    "2": text("a fox"),
    "3": text("blurry"),
}


def prompts(graph: dict[str, Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for prompt in graph_facts(graph).prompts:
        found.setdefault(prompt.role, set()).add(prompt.text)
    return found


PLAIN = {"positive": {"a fox"}, "negative": {"blurry"}}
SAMPLERS: dict[str, tuple[dict[str, Any], dict[str, set[str]]]] = {
    "KSampler": ({"9": node("KSampler", positive=["2", 0], negative=["3", 0], model=["1", 0])}, PLAIN),
    "crossed": (
        {"9": node("KSamplerAdvanced", positive=["3", 0], negative=["2", 0])},
        {"positive": {"blurry"}, "negative": {"a fox"}},
    ),
    "any class": ({"9": node("Whatever Sampler", positive=["2", 0], negative=["3", 0])}, PLAIN),
    "ControlNet": (
        {
            "8": node("ControlNetApplyAdvanced", positive=["2", 0], negative=["3", 0], strength=1.0),
            "9": node("KSampler", positive=["8", 0], negative=["8", 1], model=["1", 0]),
        },
        PLAIN,
    ),
    "ControlNet, crossed behind it": (
        {
            "8": node("ControlNetApplyAdvanced", positive=["2", 0], negative=["3", 0]),
            "9": node("KSampler", positive=["8", 1], negative=["8", 0], model=["1", 0]),
        },
        {"positive": {"blurry"}, "negative": {"a fox"}},
    ),
    "a sampler that passes both on": (
        {
            "8": node("KSampler (Efficient)", model=["1", 0], positive=["2", 0], negative=["3", 0]),
            "9": node("KSampler (Efficient)", model=["8", 0], positive=["8", 1], negative=["8", 2]),
        },
        PLAIN,
    ),
    "combined": (
        {
            "4": text("at night"),
            "8": node("ConditioningCombine", conditioning_1=["2", 0], conditioning_2=["4", 0]),
            "9": node("KSampler", positive=["8", 0], negative=["3", 0]),
        },
        {"positive": {"a fox", "at night"}, "negative": {"blurry"}},
    ),
    "CFGGuider": (
        {
            "8": node("CFGGuider", model=["1", 0], positive=["2", 0], negative=["3", 0], cfg=4),
            "9": node("SamplerCustomAdvanced", guider=["8", 0], noise=["7", 0]),
        },
        PLAIN,
    ),
    "BasicGuider": (
        {
            "7": node("FluxGuidance", conditioning=["2", 0], guidance=3.5),
            "8": node("BasicGuider", model=["1", 0], conditioning=["7", 0]),
            "9": node("SamplerCustomAdvanced", guider=["8", 0]),
        },
        {"positive": {"a fox"}, "text": {"blurry"}},
    ),
    "zeroed out": (
        {
            "8": node("ConditioningZeroOut", conditioning=["2", 0]),
            "9": node("KSampler", positive=["2", 0], negative=["8", 0]),
        },
        {"positive": {"a fox"}, "text": {"blurry"}},
    ),
    "a text over links": (
        {
            "4": node("StringConcatenate", string_a="a red", string_b=["5", 0], delimiter=", "),
            "5": node("PrimitiveStringMultiline", value="panda"),
            "6": node("CLIPTextEncode", text=["4", 0], clip=["1", 1]),
            "9": node("KSampler", positive=["6", 0], negative=["3", 0]),
        },
        {"positive": {"a red", "panda"}, "negative": {"blurry"}, "text": {"a fox"}},
    ),
    "a reroute": (
        {
            "8": {"class_type": "Reroute", "inputs": {"": ["2", 0]}},
            "9": node("KSampler", positive=["8", 0], negative=["3", 0]),
        },
        PLAIN,
    ),
    "Flux": (
        {
            "4": node("CLIPTextEncodeFlux", clip=["1", 0], clip_l="short", t5xxl="a long text", guidance=3.5),
            "9": node("SamplerCustom", positive=["4", 0], negative=["3", 0]),
        },
        {"positive": {"short", "a long text"}, "negative": {"blurry"}, "text": {"a fox"}},
    ),
    "texts in the sampler": (
        {"9": node("EasyPipe", positive="a fox", negative="blurry", ckpt_name="b.ckpt")},
        {"positive": {"a fox"}, "negative": {"blurry"}, "text": {"a fox", "blurry"}},
    ),
    "a node of a partner": (
        {"9": node("KlingTextToVideo", prompt="a fox", negative_prompt="blurry", mode="pro mode")},
        {"positive": {"a fox"}, "negative": {"blurry"}, "text": {"a fox", "blurry"}},
    ),
    "one text for both": (
        {"9": node("KSampler", positive=["2", 0], negative=["2", 0])},
        {"positive": {"a fox"}, "negative": {"a fox"}, "text": {"blurry"}},
    ),
    "a cycle": (
        {
            "7": node("ControlNetApplyAdvanced", positive=["8", 0], negative=["3", 0]),
            "8": node("ControlNetApplyAdvanced", positive=["7", 0], negative=["3", 0]),
        },
        {"negative": {"blurry"}, "text": {"a fox"}},
    ),
}


@pytest.mark.parametrize("name", SAMPLERS)
def test_prompts_are_found_through_links(name: str) -> None:
    more, expected = SAMPLERS[name]
    assert prompts(BASE | more) == expected


def test_a_title_does_not_decide() -> None:
    graph = BASE | {"9": node("KSampler", positive=["2", 0], negative=["3", 0])}
    graph["2"] = graph["2"] | {"_meta": {"title": "negative prompt"}}
    assert prompts(graph) == PLAIN
    assert graph_facts(graph).nodes["2"].title == "negative prompt"


def test_models_and_loras() -> None:
    graph = {
        "1": node("CheckpointLoaderSimple", ckpt_name="sd/a.safetensors"),
        "2": node(
            "LoraLoader", lora_name="b.safetensors", strength_model=0.8, strength_clip=1, model=["1", 0]
        ),
        "3": node("LoraLoaderModelOnly", lora_name="c.pt", strength_model=0.5),
        "4": node("DualCLIPLoader", clip_name1="l.safetensors", clip_name2="t5.gguf", type="flux"),
        "5": node("VAELoader", vae_name="ae.sft"),
        "6": node("UNETLoader", unet_name="flux.safetensors", weight_dtype="default"),
        "7": node("ControlNetLoader", control_net_name="canny.pth"),
        "8": node("Some Loader", thing="x.bin"),
        "9": node(
            "Power Lora Loader (rgthree)",
            lora_1={"on": True, "lora": "d.safetensors", "strength": 0.7},
            lora_2={"on": False, "lora": "e.safetensors", "strength": 1},
        ),
        "10": node(
            "LoRA Stacker", lora_name_1="None", lora_name_2="f.safetensors", model_str_2=0.3, clip_str_2=0.4
        ),
        "11": node("UpscaleModelLoader", model_name="4x.pth"),
        "12": node("SaveImage", filename_prefix="not a model"),
    }
    facts = graph_facts(graph)
    assert {(m.node_id, m.name, m.kind, m.model) for m in facts.models} == {
        ("1", "ckpt_name", "checkpoint", "sd/a.safetensors"),
        ("2", "lora_name", "lora", "b.safetensors"),
        ("3", "lora_name", "lora", "c.pt"),
        ("4", "clip_name1", "clip", "l.safetensors"),
        ("4", "clip_name2", "clip", "t5.gguf"),
        ("5", "vae_name", "vae", "ae.sft"),
        ("6", "unet_name", "unet", "flux.safetensors"),
        ("7", "control_net_name", "controlnet", "canny.pth"),
        ("8", "thing", "model", "x.bin"),
        ("9", "lora_1.lora", "lora", "d.safetensors"),
        ("10", "lora_name_2", "lora", "f.safetensors"),
        ("11", "model_name", "upscale", "4x.pth"),
    }
    assert {(lora.lora, lora.strength_model, lora.strength_clip) for lora in facts.loras} == {
        ("b.safetensors", 0.8, 1.0),
        ("c.pt", 0.5, None),
        ("d.safetensors", 0.7, 0.7),
        ("f.safetensors", 0.3, 0.4),
    }


def test_seeds_and_sizes() -> None:
    graph = {
        "1": node("KSampler", seed=2**64 - 1),
        "2": node("RandomNoise", noise_seed=["3", 0]),
        "3": node("PrimitiveInt", value=7),
        "4": node("EmptyLatentImage", width=["3", 0], height=64.0, batch_size=2),
        "5": node("GPT Image", size="1024x1536", seed="12"),
        "6": node("ImageScale", width=-1, height=2**40),
        "7": node("KSampler", seed=["7", 0]),
    }
    facts = graph_facts(graph)
    assert [(s.node_id, s.seed) for s in facts.seeds] == [
        ("1", "18446744073709551615"),
        ("2", "7"),
        ("5", "12"),
    ]
    assert [tuple(size) for size in facts.sizes] == [("4", 7, 64, 2), ("5", 1024, 1536, None)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2**64 - 1, ("integer", "18446744073709551615", float(2**64))),
        (0.1, ("number", "0.1", 0.1)),
        (1e400, ("number", "Infinity", None)),
        (10**400, ("integer", str(10**400), None)),
        (True, ("boolean", "true", None)),
        (None, ("null", "null", None)),
        ("a\x00\n\ud800", ("text", "a\x00\n\ud800", None)),
        ({"b": [1.0]}, ("json", '{"b":[1.0]}', None)),
    ],
)
def test_values_are_exact(value: Any, expected: tuple[Any, ...]) -> None:
    assert tuple(typed_value(value)) == expected


def sampled(seed: int = 1, order: int = 1, prefix: str = "") -> dict[str, Any]:
    graph = {
        f"{prefix}1": node("CheckpointLoaderSimple", ckpt_name="a.ckpt"),
        f"{prefix}2": node("CLIPTextEncode", text="x", clip=[f"{prefix}1", 1]),
        f"{prefix}9": node("KSampler", seed=seed, positive=[f"{prefix}2", 0], model=[f"{prefix}1", 0]),
    }
    return dict(list(graph.items())[::order])


def test_the_digest_of_a_graph_is_that_of_classes_and_wiring() -> None:
    digest = graph_facts(sampled()).graph_digest
    assert len(digest) == 40
    for same in (sampled(seed=2), sampled(order=-1), sampled(prefix="7")):
        assert graph_facts(same).graph_digest == digest
    other_slot = sampled() | {"9": node("KSampler", seed=1, positive=["2", 1], model=["1", 0])}
    other_class = sampled() | {"9": node("KSamplerX", seed=1, positive=["2", 0], model=["1", 0])}
    one_more = sampled() | {"3": node("CheckpointLoaderSimple", ckpt_name="a.ckpt")}
    others = [graph_facts(graph).graph_digest for graph in (other_slot, other_class, one_more)]
    assert len({digest, *others}) == 4


def test_one_source_for_two_differs_from_one_each() -> None:
    users = {"3": node("A", x=["1", 0]), "4": node("B", x=["2", 0])}
    pair = {"1": node("S"), "2": node("S")}
    shared = graph_facts(pair | users | {"4": node("B", x=["1", 0])})
    assert shared.graph_digest != graph_facts(pair | users).graph_digest


def test_the_digest_of_inputs_counts_each_value() -> None:
    first = graph_facts(sampled(seed=2**64 - 1)).inputs_digest
    assert graph_facts(sampled(seed=2**64 - 2)).inputs_digest != first
    assert graph_facts(sampled(seed=2**64 - 1, order=-1)).inputs_digest == first


def test_keys_are_left_out() -> None:
    facts = graph_facts({"1": node("Partner", api_key="comfyui-0123456789abcdef", prompt="a fox")})
    assert b"0123456789" not in unpacked_text(facts.packed)
    assert "0123456789" not in repr(facts)


def unpacked_text(packed: bytes) -> bytes:
    return repr(unpacked(packed)).encode()


def long_chain(count: int) -> dict[str, Any]:
    graph = {str(n): node("ConditioningCombine", conditioning_1=[str(n - 1), 0]) for n in range(1, count)}
    return graph | {"0": text("a fox"), "k": node("KSampler", positive=[str(count - 1), 0])}


def all_to_all(count: int) -> dict[str, Any]:
    """A cycle in which each of a few hundred nodes is linked to each."""
    side = int(count**0.5)
    links = {f"conditioning_{n}": [str(n), 0] for n in range(side)}
    return {str(n): node("KSampler", positive=[str(n - 1), 0], **links) for n in range(side)}


def large_text(count: int) -> dict[str, Any]:
    return {"1": node("CLIPTextEncode", text=" x" * count * 20, clip=["1", 0])}


def many_samplers(count: int) -> dict[str, Any]:
    return {str(n): node("KSampler", positive=[str(n - 1), 0], negative=["0", 0]) for n in range(count)}


@pytest.mark.parametrize("make", [long_chain, all_to_all, large_text, many_samplers])
def test_hostile_graphs_take_linear_time(make: Callable[[int], dict[str, Any]]) -> None:
    small, large = make(500), make(5_000)
    times = []
    for graph in (small, large):
        began = time.process_time()
        graph_facts(graph)
        times.append(time.process_time() - began)
    assert times[1] < 40 * max(times[0], 0.01)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
NAMES = st.sampled_from(
    ["positive", "negative", "text", "conditioning", "seed", "width", "lora_name", "guider"]
)
IDS = st.sampled_from("1234")
NODES = st.fixed_dictionaries(
    {
        "class_type": st.sampled_from(["A", "B", "ConditioningZeroOut"]) | JSON,
        "inputs": st.dictionaries(NAMES, st.tuples(IDS, st.integers(0, 2)).map(list) | JSON) | JSON,
    }
)


@given(st.dictionaries(IDS, NODES | JSON), st.randoms())
def test_any_graph_can_be_read(graph: dict[str, Any], chance: random.Random) -> None:
    facts = graph_facts(graph)
    shuffled = list(graph.items())
    chance.shuffle(shuffled)
    again = graph_facts(dict(shuffled))
    assert again.graph_digest == facts.graph_digest
    assert set(again.prompts) == set(facts.prompts)
    keys = [(prompt.node_id, prompt.name, prompt.role) for prompt in facts.prompts]
    assert len(keys) == len(set(keys))
    assert len(facts.packed) > 0
