"""Workflows that want much of the emulator."""

from __future__ import annotations

from typing import Any


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def empty(width: int, height: int, count: int = 1, color: int = 0) -> dict[str, Any]:
    return node("EmptyImage", width=width, height=height, batch_size=count, color=color)


def saved(source: str, prefix: str = "a") -> dict[str, Any]:
    return node("SaveImage", images=[source, 0], filename_prefix=prefix)


def chain(length: int) -> dict[str, Any]:
    """A long chain of nodes, in an order against its links."""
    graph = {"0": empty(8, 8)}
    for number in range(1, length):
        graph[str(number)] = node("ImageFlip", image=[str(number - 1), 0], flip_method="x-axis: vertically")
    return dict(reversed(graph.items())) | {"end": saved(str(length - 1))}


def cycle(length: int) -> dict[str, Any]:
    graph = chain(length)
    graph["0"] = node("ImageInvert", image=[str(length - 1), 0])
    return graph


def doubling(length: int) -> dict[str, Any]:
    graph = {"0": node("PrimitiveString", value="a" * 1_000)}
    for number in range(1, length):
        both = {name: [str(number - 1), 0] for name in ("string_a", "string_b")}
        graph[str(number)] = node("StringConcatenate", **both, delimiter="")
    return graph | {"end": node("PreviewAny", source=[str(length - 1), 0])}


def batches(count: int) -> dict[str, Any]:
    """Nodes that need all of the images at the end."""
    graph: dict[str, Any] = {"batch 1": node("ImageBatch", image1=["0", 0], image2=["1", 0])}
    for number in range(2, count):
        pair = {"image1": [f"batch {number - 1}", 0], "image2": [str(number), 0]}
        graph[f"batch {number}"] = node("ImageBatch", **pair)
    return graph | {"end": saved(f"batch {count - 1}")}
