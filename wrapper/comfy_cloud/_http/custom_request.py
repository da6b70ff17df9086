"""The request of `cloud.request()`: any method and path of the API, checked before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from comfy_cloud_api.types import Operation, Request

from ..errors import ConfigurationError


def custom_request(
    method: str,
    path: str,
    *,
    params: Mapping[str, Any] | None = None,
    json: object = None,
    content: Any = None,
    content_type: str = "application/octet-stream",
) -> Request:
    """A request to a path of the server. Raises ConfigurationError for a path that is not valid.

    A path such as //host or http://host could send the key to another server.
    """
    if not path.startswith("/") or path.startswith("//"):
        raise ConfigurationError(
            f"request() takes a path that begins with one slash, like /api/user; not {path[:80]!r}"
        )
    if any(ord(character) <= 32 or ord(character) == 127 for character in path):
        raise ConfigurationError(
            "request() takes a path without spaces and control characters; encode them, "
            "e.g. as %20, or use params="
        )
    target = path
    if params:
        target += ("&" if "?" in path else "?") + urlencode(params, doseq=True)
    operation = Operation("request", method.upper(), path.partition("?")[0], "optional")
    return Request(operation, target, json=json, content=content, content_type=content_type)
