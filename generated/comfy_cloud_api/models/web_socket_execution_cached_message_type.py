# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WebSocketExecutionCachedMessageType(OpenEnum):
    """Always `execution_cached`; identifies this kind of message."""

    EXECUTION_CACHED = "execution_cached"
