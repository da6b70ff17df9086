# Made from wrapper/comfy_cloud/_async/_workflows/catalogue_cache.py by `make unasync`. Do not edit.
"""The cache of a server's node catalogue, in memory and on disk.

The catalogue itself is in `_workflows.node_catalogue`.
"""

from __future__ import annotations

from comfy_cloud_api.api.node import get_node_info
from comfy_cloud_api.types import UnreadableBody

from ..._http.concurrency import in_thread
from ..._workflows.catalogue_file import CatalogueFile
from ..._workflows.node_catalogue import NodeCatalogue
from ...errors import ComfyCloudError
from .._http.session import Session


class CatalogueCache:
    """The catalogue of one server, shared by everything in a client that needs node classes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._file = CatalogueFile(session.settings.base_url)
        self._fetched: tuple[NodeCatalogue, float] | None = None

    @property
    def host(self) -> str:
        """The host of the server, without anything else that its URL has."""
        return self._session.settings.origin[1]

    def get(self, max_age: float, *, stale_if_error: bool) -> NodeCatalogue:
        """The catalogue, at most `max_age` seconds old (GET /api/object_info).

        See `Nodes.all`.
        """
        now = self._session.runtime.now().timestamp()
        if self._fetched is not None and 0 <= now - self._fetched[1] < max_age:
            return self._fetched[0]
        copy = in_thread(self._file.read) if max_age or stale_if_error else None
        if copy is not None and 0 <= now - copy[1] < max_age:
            try:
                return self._keep(NodeCatalogue.from_bytes(copy[0]), copy[1])
            except UnreadableBody:
                copy = None
        try:
            return self._fetch(now)
        except ComfyCloudError:
            if copy is None or not stale_if_error:
                raise
            try:
                return NodeCatalogue.from_bytes(copy[0], is_stale=True)
            except UnreadableBody:
                pass
            raise

    def known(self) -> NodeCatalogue | None:
        """The catalogue in memory or on disk, however old; None without one. Sends no request."""
        if self._fetched is not None:
            return self._fetched[0]
        copy = in_thread(self._file.read)
        try:
            return None if copy is None else self._keep(NodeCatalogue.from_bytes(copy[0]), copy[1])
        except UnreadableBody:
            return None

    def _fetch(self, now: float) -> NodeCatalogue:
        content: list[bytes] = []

        def parse(response: object) -> NodeCatalogue:
            content.append(response.content)  # type: ignore[attr-defined]
            return NodeCatalogue.from_bytes(content[0])

        found = self._session.call(get_node_info.build(), parse)
        in_thread(self._file.write, content[0], now)
        return self._keep(found, now)

    def _keep(self, catalogue: NodeCatalogue, written: float) -> NodeCatalogue:
        self._fetched = (catalogue, written)
        return catalogue
