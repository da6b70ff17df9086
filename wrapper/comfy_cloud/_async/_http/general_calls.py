"""Any request of the API, and any generated operation: `cloud.request` and `cloud.call`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._late_names import names_imported_late

if TYPE_CHECKING:  # costs import time
    import httpx

    from ..._http.custom_request import GeneratedOperation, P, T
    from .session import AsyncSession


@names_imported_late(
    httpx="httpx",
    AsyncSession=".session",
    GeneratedOperation="..._http.custom_request",
    P="..._http.custom_request",
    T="..._http.custom_request",
)
class AsyncGeneralCalls:
    """What a client has for operations without a method."""

    _session: AsyncSession

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: object = None,
        content: Any = None,
        content_type: str = "application/octet-stream",
    ) -> httpx.Response:
        """Send any other request to the API, with the same key, retries, hooks and errors.

        `path` begins with a slash and is relative to the base URL, so the key never leaves its own
        server. A redirect is returned, not followed. A status of 400 or above raises the matching
        error of `comfy_cloud`.
        """
        from ..._http.custom_request import custom_request

        return await self._session.send(
            custom_request(method, path, params=params, json=json, content=content, content_type=content_type)
        )

    async def call(self, operation: GeneratedOperation[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Send any operation of the generated client: `cloud.call(get_user)`; returns its value.

        `operation` is a module of `comfy_cloud_api.api`, and the other arguments are those of its
        `build`. Key, retries, hooks and errors are those of every other method.
        """
        from ..._http.custom_request import generated_request

        return await self._session.call(generated_request(operation, *args, **kwargs), operation.parse)
