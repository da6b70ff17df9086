"""The node classes that graphs can use, with their inputs and outputs."""

from __future__ import annotations

from datetime import timedelta

from comfy_cloud_api.api.node import get_node_info
from comfy_cloud_api.models.node_info import NodeInfo

from .._workflows.node_catalogue import NodeCatalogue
from ..errors import ConfigurationError, NotFound
from ._workflows.catalogue_cache import AsyncCatalogueCache

DEFAULT_AGE = timedelta(hours=1)


class AsyncNodes:
    """`cloud.nodes`."""

    def __init__(self, cache: AsyncCatalogueCache) -> None:
        self._cache = cache

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
        return await self._cache.get(age, stale_if_error=stale_if_error)

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
