# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WebSocketExecutingMessageType(OpenEnum):
    """Always `executing`; identifies this kind of message."""

    EXECUTING = "executing"
