"""Which names carry secrets, and covering their values where requests are shown."""

from __future__ import annotations

from typing import Final

from comfy_cloud_emulator.state.redaction import REDACTED

_SECRET_NAMES: Final = frozenset({"x-api-key", "authorization", "cookie", "token", "api_key", "key"})
"""Headers and query parameters, in lower case."""


def redacted(name: str, value: str) -> str:
    """The value of a header or query parameter, covered if it is a secret."""
    return REDACTED if name.lower() in _SECRET_NAMES else value
