# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""A client library for accessing Comfy Cloud API"""

from __future__ import annotations

from .client import AsyncClient, Client
from .errors import UnexpectedStatus, UnreadableBody
from .types import File, Operation, Redirect, Request

__all__ = [
    "AsyncClient",
    "Client",
    "File",
    "Operation",
    "Redirect",
    "Request",
    "UnexpectedStatus",
    "UnreadableBody",
]
