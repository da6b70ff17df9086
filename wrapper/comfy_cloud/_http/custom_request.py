"""The requests of `cloud.request()` and `cloud.call()`: any path, any generated operation.

They are checked before they are sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ParamSpec, Protocol, TypeVar
from urllib.parse import urlencode

from comfy_cloud_api.types import Operation, Request, Response

from ..errors import ConfigurationError
from ..hooks import GENERAL_CALL

_METHOD = re.compile(r"[A-Za-z]{1,20}")
P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class GeneratedOperation(Protocol[P, T_co]):
    """A module of `comfy_cloud_api.api`: how its request is built, and its response parsed."""

    def build(self, *args: P.args, **kwargs: P.kwargs) -> Request:
        """The request."""
        ...

    def parse(self, response: Response, /) -> T_co:
        """The value of a successful response."""
        ...


def generated_request(operation: GeneratedOperation[P, object], *args: P.args, **kwargs: P.kwargs) -> Request:
    """The request of a generated operation with these arguments.

    Raises ConfigurationError for what is not the module of one.
    """
    if not all(callable(getattr(operation, name, None)) for name in ("build", "parse")):
        raise _refused(
            "call() takes a module of comfy_cloud_api.api, as in "
            "`from comfy_cloud_api.api.user import get_user; cloud.call(get_user)`; "
            f"not {str(operation)[:80]!r}"
        )
    request = operation.build(*args, **kwargs)
    if not hasattr(request, "operation") or not isinstance(getattr(request, "target", None), str):
        raise _refused(f"{str(operation)[:80]!r} is no generated operation: its build() makes no request")
    return request


def custom_request(
    method: str,
    path: str,
    *,
    params: Mapping[str, Any] | None = None,
    json: object = None,
    content: Any = None,
    content_type: str = "application/octet-stream",
) -> Request:
    """A request to a path of the server.

    Raises ConfigurationError for arguments that are not valid.
    A path such as //host or http://host could send the key to another server.
    """
    if not isinstance(method, str) or not _METHOD.fullmatch(method):
        raise _refused(f"request() takes a method such as GET or POST, not {str(method)[:80]!r}")
    if not isinstance(path, str) or not path.startswith("/") or path.startswith("//"):
        raise _refused(
            f"request() takes a path that begins with one slash, like /api/user; not {str(path)[:80]!r}"
        )
    if any(ord(character) <= 32 or ord(character) == 127 for character in path):
        raise _refused(
            "request() takes a path without spaces and control characters; encode them, "
            "e.g. as %20, or use params="
        )
    target = path
    if params:
        try:
            target += ("&" if "?" in path else "?") + urlencode(params, doseq=True)
        except (TypeError, ValueError):
            message = "request() takes params= as a dict of names to text or numbers"
            raise _refused(message) from None
    if content_type is not None and (not isinstance(content_type, str) or not content_type.isprintable()):
        raise _refused(
            "request() takes content_type= as a media type such as text/plain, "
            f"not {str(content_type)[:80]!r}"
        )
    operation = Operation(GENERAL_CALL, method.upper(), path.partition("?")[0], "optional")
    kind = content_type if json is None else None
    return Request(operation, target, json=json, content=content, content_type=kind)


def _refused(message: str) -> ConfigurationError:
    error = ConfigurationError(message)
    error.was_sent = False
    return error
