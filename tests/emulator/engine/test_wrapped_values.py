"""Values in {"__value__": ...}, as editors write lists: the value in it counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator

from ..workflows import Json, job, plain, submit


@pytest.fixture(params=[None, "comfyui", "comfyui_new"])
def start(request: pytest.FixtureRequest) -> Callable[[], Emulator]:
    return lambda: Emulator(time="virtual", **({"quirks": request.param} if request.param else {}))


def graph(**changes: Any) -> Json:
    made = plain()
    for node in made.values():
        for name in changes.keys() & node["inputs"].keys():
            node["inputs"][name] = changes[name]
    return made


@pytest.mark.parametrize(
    "changes",
    [
        {"width": {"__value__": 32}},
        {"filename_prefix": {"__value__": "own"}},
        {"width": {"__value__": "32"}, "height": {"__value__": 48}},
    ],
)
def test_the_value_counts(start: Callable[[], Emulator], changes: Json) -> None:
    with start() as emulator:
        with httpx.Client(base_url=emulator.url, headers={"X-API-Key": emulator.key}) as client:
            id = submit(client, graph(**changes))
        emulator.time.advance(600)
        assert [(found.id, found.status) for found in emulator.store.jobs()] == [(id, "completed")]


def test_a_wrong_value_is_a_fault_of_the_graph() -> None:
    with Emulator(time="virtual") as emulator:
        with httpx.Client(base_url=emulator.url, headers={"X-API-Key": emulator.key}) as client:
            id = submit(client, graph(width={"__value__": "many"}))
            emulator.time.advance(600)
            assert job(client, id)["status"] == "failed"
