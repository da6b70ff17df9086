# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WebSocketExecutionInterruptedMessageType(OpenEnum):
    """Always `execution_interrupted`; identifies this kind of message."""

    EXECUTION_INTERRUPTED = "execution_interrupted"
