"""Defaults that are arguments' defaults as well; it imports nothing."""

from __future__ import annotations

DEFAULT_MAX_RESPONSE_BYTES = 256 * 2**20
"""The largest response that is read, in bytes."""
