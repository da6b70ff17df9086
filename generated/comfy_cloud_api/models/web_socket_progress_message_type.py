# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WebSocketProgressMessageType(OpenEnum):
    """Always `progress`; identifies this kind of message."""

    PROGRESS = "progress"
