"""Jobs that would take more memory or time than a machine has: they fail, and the rest goes on."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.engine import graph, run, work
from comfy_cloud_emulator.engine.events import EventHub, JsonEvent
from comfy_cloud_emulator.engine.work import NodeCache, NodeResult
from comfy_cloud_emulator.routes.websocket.broadcast import Broadcast
from tests.emulator.workflows import Json, job, submit

OUT_OF_MEMORY = "Workflow execution failed due to insufficient memory (OOM).\n"


def node(class_type: str, **inputs: Any) -> Json:
    return {"class_type": class_type, "inputs": inputs}


def empty(width: int, height: int, count: int = 1) -> Json:
    return node("EmptyImage", width=width, height=height, batch_size=count, color=0)


def ended(emulator: Emulator, client: httpx.Client, workflow: Json) -> Json:
    id = submit(client, workflow)
    emulator.time.advance(100_000)
    return job(client, id)


def test_a_run_holds_a_bounded_number_of_pixels(
    emulator: Emulator, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (run.MOST_PIXELS, work.CACHED_PIXELS) == (134_217_728, 67_108_864)
    monkeypatch.setattr(run, "MOST_PIXELS", 250)
    workflow: Json = {}
    for number in range(9):
        workflow[str(number)] = empty(10, 10)
        workflow[str(number)]["inputs"]["color"] = number
        workflow[f"end {number}"] = node("PreviewAny", source=[str(number), 0])
    # Each image is dropped once its last node has run.
    assert ended(emulator, client, workflow)["status"] == "completed"
    workflow["last"] = node("ImageBatch", image1=["0", 0], image2=["1", 0])
    workflow["end"] = node("PreviewAny", source=["last", 0])
    found = ended(emulator, client, workflow)
    assert found["execution_error"]["exception_message"] == OUT_OF_MEMORY


def test_the_node_cache_holds_a_bounded_number_of_pixels() -> None:
    cache = NodeCache()
    for number in range(5):
        cache.put(str(number), NodeResult(pixels=30_000_000))
    assert [number for number in range(5) if cache.get(str(number))] == [3, 4]
    cache.put("3", NodeResult(pixels=30_000_000))
    cache.put("small", NodeResult(pixels=7_000_000))
    assert cache.get("4") is not None
    cache.put("huge", NodeResult(pixels=70_000_000))
    assert cache.get("huge") is None
    assert cache.get("small") is not None


@pytest.mark.parametrize("size", [{"batch_size": 60_000_000}, {"batch_size": 5_000}, {"length": 2**60}])
def test_a_batch_has_a_bounded_number_of_images(
    emulator: Emulator, client: httpx.Client, size: dict[str, int]
) -> None:
    # An input that the class does not have is not validated, but sizes a placeholder.
    loader = node("VAELoader", vae_name="ae.safetensors", width=1, height=1, **size)
    workflow = {"1": loader, "2": node("VAEDecode", samples=["3", 0], vae=["1", 0])}
    workflow["3"] = node("EmptyLatentImage", width=16, height=16, batch_size=1)
    workflow["3"]["inputs"] |= {"batch_size": 1}
    workflow["4"] = node("SaveImage", images=["2", 0], filename_prefix="a")
    workflow["2"]["inputs"] |= {"width": 1, "height": 1} | size
    found = ended(emulator, client, workflow)
    assert found["execution_error"]["exception_message"] == OUT_OF_MEMORY


def test_a_chain_that_doubles_a_text_runs_out_of_memory(emulator: Emulator, client: httpx.Client) -> None:
    workflow = {"0": node("PrimitiveString", value="a" * 1_000)}
    for number in range(1, 60):
        pair = {name: [str(number - 1), 0] for name in ("string_a", "string_b")}
        workflow[str(number)] = node("StringConcatenate", **pair, delimiter="")
    workflow["end"] = node("PreviewAny", source=["59", 0])
    found = ended(emulator, client, workflow)
    assert found["execution_error"]["exception_message"] == OUT_OF_MEMORY
    assert found["execution_error"]["node_id"] == "13"


def test_the_workflow_is_not_written_into_thousands_of_files(
    emulator: Emulator, client: httpx.Client
) -> None:
    workflow = {"1": empty(1, 1, 4_096), "2": node("SaveImage", images=["1", 0], filename_prefix="a")}
    workflow["1"]["_meta"] = {"title": "a" * 100_000}
    found = ended(emulator, client, workflow)
    assert found["execution_error"]["exception_message"] == OUT_OF_MEMORY
    assert len(emulator.files) == 0


def chain(length: int) -> Json:
    workflow = {"0": empty(8, 8)}
    for number in range(1, length):
        workflow[str(number)] = node("ImageInvert", image=[str(number - 1), 0])
    return dict(reversed(workflow.items())) | {"end": node("PreviewImage", images=[str(length - 1), 0])}


@pytest.mark.parametrize("quirks", ["live", "published", "comfyui", "comfyui_new"])
def test_a_chain_of_thousands_of_nodes_runs(connect: Any, now: float, quirks: str) -> None:
    with Emulator(clock=lambda: now, quirks=quirks) as emulator:
        client = connect(emulator)
        id = submit(client, chain(1_200))
        emulator.time.advance(100_000)
        assert emulator.store.get(id).status == "completed"


def in_order_slowly(workflow: Json, nodes: set[str]) -> list[str]:
    """The definition: again and again the first node that needs no other one."""
    order: list[str] = []
    while True:
        left = [each for each in workflow if each in nodes and each not in order]
        ready = [
            each
            for each in left
            if all(
                link.source in order or link.source not in nodes for _, link in graph.links(workflow[each])
            )
        ]
        if not ready:
            return order
        order.append(ready[0])


def test_the_order_and_the_cycles_are_those_of_their_definitions() -> None:
    import random

    draw = random.Random(4)
    for _ in range(300):
        names = [str(number) for number in range(draw.randint(1, 9))]
        workflow = {
            name: node("A", **{f"i{each}": [draw.choice(names), 0] for each in range(draw.randint(0, 2))})
            for name in names
        }
        nodes = set(draw.sample(names, draw.randint(1, len(names))))
        assert graph.in_order(workflow, nodes) == in_order_slowly(workflow, nodes)
        inside = {name: workflow[name] for name in nodes}
        assert graph.in_cycles(workflow, nodes) == {
            name
            for name in nodes
            if name in graph.reached(inside, [link.source for _, link in graph.links(workflow[name])])
        }


def test_ordering_takes_no_longer_per_node_in_a_large_graph() -> None:
    counted: dict[int, int] = {}

    class Counted(dict[str, Any]):
        reads = 0

        def __getitem__(self, name: str) -> Any:
            Counted.reads += 1
            return super().__getitem__(name)

    for length in (200, 2_000):
        Counted.reads = 0
        workflow = Counted(chain(length))
        assert len(graph.in_order(workflow, set(workflow))) == length + 1
        assert graph.in_cycles(workflow, set(workflow)) == set()
        counted[length] = Counted.reads
    assert counted[2_000] < 15 * counted[200]


async def test_a_websocket_far_behind_the_events_of_a_large_graph_is_dropped() -> None:
    hub, dropped = EventHub(), list[str]()
    broadcast = Broadcast(hub)
    slow = broadcast.join(lambda: dropped.append("slow"))
    fast = broadcast.join(lambda: dropped.append("fast"))
    nodes = {str(number): {} for number in range(100_000)}  # about 25 MB as JSON
    for _ in range(9):
        hub.publish(JsonEvent("progress_state", {"nodes": nodes}))
        await fast.next()
    assert dropped == []
    for _ in range(9):
        hub.publish(JsonEvent("progress_state", {"nodes": nodes}))
        await fast.next()
    assert dropped == ["slow"]
    assert slow.position == 0
