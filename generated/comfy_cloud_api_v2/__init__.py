# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""A client library for accessing Comfy API v2"""

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
