"""The node classes that graphs can use, with their inputs and outputs, kept in memory and on disk for a while.

What the catalogue is, and its copy on disk, is in `node_catalogue`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from comfy_cloud_api.api.node import get_node_info
from comfy_cloud_api.models.node_info import NodeInfo
from comfy_cloud_api.types import UnreadableBody

from .._http.concurrency import async_in_thread
from .._workflows.node_catalogue import CatalogueFile, NodeCatalogue
from ..errors import ComfyCloudError, ConfigurationError, NotFound

if TYPE_CHECKING:
    from .client import AsyncComfyCloud

DEFAULT_AGE = timedelta(hours=1)


class AsyncNodes:
    """`cloud.nodes`."""

    def __init__(self, cloud: AsyncComfyCloud) -> None:
        self._cloud = cloud
        self._file = CatalogueFile(cloud.settings.base_url)
        self._known: tuple[NodeCatalogue, float] | None = None

    async def all(
        self, *, max_age: timedelta | float = DEFAULT_AGE, stale_if_error: bool = False
    ) -> NodeCatalogue:
        """Every node class by its name (GET /api/object_info): a mapping of `NodeInfo`, each decoded when asked for.

        Several megabytes, so a copy is kept on disk per server and used while it is young enough.

        Args:
            max_age: How old a copy may be: a timedelta or seconds. 0 asks the server in any case.
            stale_if_error: When the server cannot be asked, take a copy of any age; its `is_stale` is True then.

        Raises:
            ConfigurationError: `max_age` is negative.
            Unauthorized, Forbidden: The key is missing, wrong, or its plan has no API access.
        """
        age = max_age.total_seconds() if isinstance(max_age, timedelta) else float(max_age)
        if not age >= 0:
            raise ConfigurationError(f"max_age must be 0 or more seconds, not {max_age}")
        now = self._cloud._runtime.now().timestamp()
        if self._known is not None and 0 <= now - self._known[1] < age:
            return self._known[0]
        copy = await async_in_thread(self._file.read) if age or stale_if_error else None
        if copy is not None and 0 <= now - copy[1] < age:
            try:
                return self._remember(NodeCatalogue.from_bytes(copy[0]), copy[1])
            except UnreadableBody:
                copy = None
        try:
            return await self._fetch(now)
        except ComfyCloudError:
            if copy is None or not stale_if_error:
                raise
            try:
                return NodeCatalogue.from_bytes(copy[0], is_stale=True)
            except UnreadableBody:
                pass
            raise

    async def get(
        self, name: str, *, max_age: timedelta | float = DEFAULT_AGE, stale_if_error: bool = False
    ) -> NodeInfo:
        """One node class (GET /api/object_info, since Comfy Cloud does not tell single ones).

        `name` is its class, such as KSampler; the other arguments are those of `all`. Raises NotFound, with similar names,
        when the server has no such class.
        """
        nodes = await self.all(max_age=max_age, stale_if_error=stale_if_error)
        if name in nodes:
            return nodes[name]
        similar = nodes.similar(name)
        advice = f"; did you mean {', '.join(similar)}?" if similar else ""
        operation = get_node_info.OPERATION
        raise NotFound(
            f"There is no node class {name!r} on this server{advice}",
            status=404,
            code="NOT_FOUND",
            method=operation.method,
            path=operation.path,
        )

    async def _fetch(self, now: float) -> NodeCatalogue:
        content: list[bytes] = []

        def parse(response: object) -> NodeCatalogue:
            content.append(response.content)  # type: ignore[attr-defined]
            return NodeCatalogue.from_bytes(content[0])

        found = await self._cloud._call(get_node_info.build(), parse)
        await async_in_thread(self._file.write, content[0], now)
        return self._remember(found, now)

    def _remember(self, catalogue: NodeCatalogue, written: float) -> NodeCatalogue:
        self._known = (catalogue, written)
        return catalogue
