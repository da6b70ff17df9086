# Made from tests/_async/test_workflows.py by `make unasync`. Do not edit.
"""`cloud.workflows` over real sockets."""

from __future__ import annotations

import pytest

from comfy_cloud import NotFound
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client


def test_templates_and_subgraphs(empty_emulator: Emulator, time: FakeTime) -> None:
    with client(empty_emulator, time) as cloud:
        assert isinstance(cloud.workflows.templates(), dict)
        subgraphs = cloud.workflows.subgraphs()
        name, info = next(iter(subgraphs.items()))
        subgraph = cloud.workflows.subgraph(name)
    assert info.name == subgraph.name
    assert subgraph.data


def test_a_subgraph_that_is_not_there(empty_emulator: Emulator, time: FakeTime) -> None:
    with client(empty_emulator, time) as cloud:
        with pytest.raises(NotFound):
            cloud.workflows.subgraph("nothing")
        empty_emulator.faults.add(Fault("status", status=200, body="null", content_type="application/json"))
        with pytest.raises(NotFound, match="nothing"):
            cloud.workflows.subgraph("nothing")
