"""`cloud.workflows` over real sockets."""

from __future__ import annotations

import pytest

from comfy_cloud import AsyncComfyCloud, NotFound
from comfy_cloud_emulator import Emulator, Fault


async def test_templates_and_subgraphs(cloud: AsyncComfyCloud) -> None:
    assert isinstance(await cloud.workflows.templates(), dict)
    subgraphs = await cloud.workflows.subgraphs()
    name, info = next(iter(subgraphs.items()))
    subgraph = await cloud.workflows.subgraph(name)
    assert info.name == subgraph.name
    assert subgraph.data


async def test_a_subgraph_that_is_not_there(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    with pytest.raises(NotFound):
        await cloud.workflows.subgraph("nothing")
    empty_emulator.faults.add(Fault("status", status=200, body="null", content_type="application/json"))
    with pytest.raises(NotFound, match="nothing"):
        await cloud.workflows.subgraph("nothing")
