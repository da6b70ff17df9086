# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WebSocketExecutionStartMessageType(OpenEnum):
    """Always `execution_start`; identifies this kind of message."""

    EXECUTION_START = "execution_start"
