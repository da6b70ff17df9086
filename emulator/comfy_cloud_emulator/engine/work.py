"""The work of nodes: tasks, results, the interface of what executes them, and the node cache.

`node_execution` implements the interface.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from comfy_cloud_emulator.state.json_values import Json

CACHED_NODES: Final = 512
"""Results kept; the least recently used are dropped first."""
CACHED_PIXELS: Final = 64 << 20
"""Pixels of all results kept."""
MOST_PIXELS: Final = 128 << 20
"""Pixels of all results that one run may hold at a time, as in a machine's memory."""


@dataclass(frozen=True, slots=True)
class NodeTask:
    """One node to execute.

    `inputs` holds plain values, and the results of linked nodes instead of links.

    `key` is equal whenever the result would be; `extra_data` is what was submitted beside the
    graph.
    """

    job_id: str
    node_id: str
    class_type: str
    inputs: Json = field(repr=False)
    key: str
    graph: Mapping[str, Json] = field(repr=False)
    extra_data: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What a node produced: a value per output, and what it shows in the job's outputs, or None.

    `pixels` is the number of pixels of the images among the values.
    """

    values: tuple[Any, ...] = field(default=(), repr=False)
    shown: Json | None = None
    text: str | None = None
    """Text that the node shows while it works."""
    pixels: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """Something that takes real time, such as computing an image; done without locks."""

    do: Callable[[], Any]


class NodeExecutor(Protocol):
    """Executes single nodes."""

    def execute(self, task: NodeTask) -> NodeResult:
        """Execute a node. Raises `NodeFailure`, or any other exception, to fail the job."""
        ...

    def preview(self, key: str, fraction: float) -> bytes:
        """A JPEG of a node's unfinished work, from 0.0 to 1.0."""
        ...


class NodeCache:
    """The results of earlier runs by key."""

    def __init__(self) -> None:
        self._made: OrderedDict[str, NodeResult] = OrderedDict()
        self._pixels = 0

    def get(self, key: str) -> NodeResult | None:
        """The result of this key, or None."""
        made = self._made.get(key)
        if made is not None:
            self._made.move_to_end(key)
        return made

    def put(self, key: str, made: NodeResult) -> None:
        """Keep a result, unless it alone is too large."""
        self._drop(self._made.pop(key, None))
        if made.pixels > CACHED_PIXELS:
            return
        self._made[key] = made
        self._pixels += made.pixels
        while len(self._made) > CACHED_NODES or self._pixels > CACHED_PIXELS:
            self._drop(self._made.popitem(last=False)[1])

    def _drop(self, made: NodeResult | None) -> None:
        self._pixels -= 0 if made is None else made.pixels

    def clear(self) -> None:
        """Drop all results."""
        self._made.clear()
        self._pixels = 0
