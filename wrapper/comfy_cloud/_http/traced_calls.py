"""What a trace is told of a call: nothing that may be private or secret."""

from __future__ import annotations

from urllib.parse import urlsplit

from comfy_cloud_api.types import Request

from .._errors.redaction import redact_text
from ..tracing import CallInfo


def call_info(request: Request, base_url: str) -> CallInfo:
    """The operation, and the URL without user, password, query and fragment."""
    url = urlsplit(base_url)
    path = url.path + request.target.partition("?")[0].partition("#")[0]
    operation = request.operation
    address = f"{url.scheme}://{url.netloc.rpartition('@')[2]}{path}"
    return CallInfo(operation.id, operation.method, redact_text(operation.path), redact_text(address))
