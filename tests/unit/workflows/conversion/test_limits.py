"""Large and deep workflows."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest

from comfy_cloud import ConfigurationError, convert_workflow
from tests.unit.workflows.conversion.classes import known_classes
from tests.unit.workflows.conversion.workflows import node, subgraph, workflow


def nested(depth: int) -> dict[str, object]:
    """A node in as many subgraphs."""
    inner = [subgraph(f"s{at}", [node(1, f"s{at + 1}")]) for at in range(depth - 1)]
    last = subgraph(f"s{depth - 1}", [node(1, "EmptyLatentImage", [64, 64, 1])])
    return workflow([node(1, "s0")], [], *inner, last)


def test_a_thousand_subgraphs_in_each_other() -> None:
    (id,) = convert_workflow(nested(1000), known_classes()).graph
    assert id.count(":") == 1000


def test_more_are_refused_with_the_node() -> None:
    with pytest.raises(ConfigurationError, match=r"The subgraphs around node \d+ .* nested too deeply"):
        convert_workflow(nested(1001), known_classes())


@pytest.fixture(params=[gc.enable, gc.disable])
def collector(request: pytest.FixtureRequest) -> Iterator[Callable[[], None]]:
    """Switches the garbage collector on or off; it is on again afterwards."""
    yield request.param
    gc.enable()


def test_the_garbage_collector_is_as_it_was(collector: Callable[[], None]) -> None:
    """It is paused for a conversion, also for one that fails."""
    collector()
    before = gc.isenabled()
    convert_workflow(nested(1), known_classes())
    assert gc.isenabled() is before
    with pytest.raises(ConfigurationError):
        convert_workflow(nested(1001), known_classes())
    assert gc.isenabled() is before
