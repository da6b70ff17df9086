# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WebSocketStatusMessageType(OpenEnum):
    """Always `status`; identifies this kind of message."""

    STATUS = "status"
