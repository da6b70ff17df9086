# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""The errors that generated code defines."""

from __future__ import annotations

from .types import UnexpectedStatus, UnreadableBody

__all__ = ["UnexpectedStatus", "UnreadableBody"]
