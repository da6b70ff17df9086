"""The node classes that graphs can use, with their inputs and outputs."""

from __future__ import annotations

from datetime import timedelta

from comfy_cloud_api.api.node import get_node_info
from comfy_cloud_api.models.node_info import NodeInfo

from .._workflows.node_catalogue import NodeCatalogue
from .._workflows.stubs.limits import MAX_CHOICES
from ..errors import ConfigurationError, NotFound
from ._workflows.catalogue_cache import AsyncCatalogueCache

DEFAULT_AGE = timedelta(hours=1)


class AsyncNodes:
    """`cloud.nodes`: the node classes that graphs can use, with their inputs and outputs.

    `all` returns a `NodeCatalogue`, which is cached on disk; `get` returns one class;
    `stubs` writes typed Python for them.
    """

    def __init__(self, cache: AsyncCatalogueCache) -> None:
        self._cache = cache

    async def all(
        self, *, max_age: timedelta | float = DEFAULT_AGE, stale_if_error: bool = False
    ) -> NodeCatalogue:
        """Every node class by its name (GET /api/object_info).

        The result is a mapping of `NodeInfo`, each decoded on first access. The response has
        several megabytes, so a copy is cached on disk per server and used until it is too old.

        Args:
            max_age: The maximum age of a cached copy: a timedelta or seconds. With 0 the server is
                always asked.
            stale_if_error: When the request fails, use a cached copy of any age; its `is_stale` is
                True.

        Raises:
            ConfigurationError: `max_age` is negative.
            Unauthorized, Forbidden: The key is missing or wrong, or its plan has no API access.
        """
        age = max_age.total_seconds() if isinstance(max_age, timedelta) else float(max_age)
        if not age >= 0:
            raise ConfigurationError(f"max_age must be 0 or more seconds, not {max_age}")
        return await self._cache.get(age, stale_if_error=stale_if_error)

    async def get(
        self, name: str, *, max_age: timedelta | float = DEFAULT_AGE, stale_if_error: bool = False
    ) -> NodeInfo:
        """One node class, such as KSampler (GET /api/object_info; Comfy Cloud has no single ones).

        The other arguments are those of `all`. Raises NotFound, with similar names in its message,
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

    async def stubs(
        self,
        *classes: str,
        max_choices: int = MAX_CHOICES,
        max_age: timedelta | float = DEFAULT_AGE,
        stale_if_error: bool = False,
    ) -> str:
        """The text of a Python module with a class for each node class (GET /api/object_info).

        Save it as a file such as nodes.py: see `node_stubs`, which does the same without a server.

        Args:
            classes: The names of the classes to write; by default all of them.
            max_choices: The longest list of choices that becomes a Literal.
            max_age: As for `all`, and so is `stale_if_error`.

        Raises:
            ConfigurationError: The server has no class of such a name, or a number is negative.
        """
        from .._workflows.stubs.module import node_stubs

        nodes = await self.all(max_age=max_age, stale_if_error=stale_if_error)
        return node_stubs(nodes, classes=classes or None, max_choices=max_choices, source=self._cache.host)
