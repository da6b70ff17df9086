# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WebSocketExecutedMessageType(OpenEnum):
    """Always `executed`; identifies this kind of message."""

    EXECUTED = "executed"
