"""The summary columns of `jobs`, from the facts of a graph."""

from __future__ import annotations

from typing import Any

from comfy_cloud.mirror.facts import graph_facts
from comfy_cloud.mirror.records import JobRecord
from comfy_cloud.mirror.summaries import summary

GRAPH: dict[str, Any] = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "base.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["1", 1]}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["1", 1]}},
    "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 832, "height": 1216, "batch_size": 1}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 1024, "height": 64, "batch_size": 1}},
    "6": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 2**64 - 1, "model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0],
            "latent_image": ["4", 0],
        },
    },
}  # fmt: skip


def record(graph: dict[str, Any] | None, *names: tuple[str, str | None]) -> JobRecord:
    outputs = [
        ("9", "images", "image", stored, shown, "", "output", None, None, None, None, None)
        for stored, shown in names
    ]
    facts = None if graph is None else graph_facts(graph)
    return JobRecord("a", "completed", 1, 2, 3, None, (None,) * 4, None, outputs, [], facts, True)


def test_all_of_a_graph() -> None:
    found = summary(record(GRAPH, ("0ff.png", "fox.png"), ("1ff.png", None)))
    model, seed = "base.safetensors", "18446744073709551615"
    assert found == ("a fox", "blurry", model, model, seed, 832, 1216, "fox.png, 1ff.png")


def test_without_details_only_the_files_are_known() -> None:
    assert summary(record(None, ("0ff.png", None))) == (*[None] * 7, "0ff.png")


def test_an_empty_graph() -> None:
    assert summary(record({})) == (None,) * 8
