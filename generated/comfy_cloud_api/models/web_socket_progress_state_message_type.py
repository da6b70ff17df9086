# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WebSocketProgressStateMessageType(OpenEnum):
    """Always `progress_state`; identifies this kind of message."""

    PROGRESS_STATE = "progress_state"
