# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""The errors that generated code defines."""

from __future__ import annotations

from .types import UnexpectedStatus, UnreadableBody

__all__ = ["UnexpectedStatus", "UnreadableBody"]
