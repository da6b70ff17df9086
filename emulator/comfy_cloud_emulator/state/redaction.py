"""The user's keys in `extra_data`: left out where jobs are listed, covered where they are kept."""

from __future__ import annotations

from typing import Final

from .json_values import Json

REDACTED: Final = "[REDACTED]"
_SECRETS: Final = frozenset({"api_key_comfy_org", "auth_token_comfy_org"})


def without_secrets(extra_data: Json) -> Json:
    """extra_data without the user's keys: what lists and the history show."""
    return {key: value for key, value in extra_data.items() if key not in _SECRETS}


def with_redacted_secrets(extra_data: Json) -> Json:
    """extra_data with the user's keys covered: what is kept and what the job detail shows."""
    return {key: REDACTED if key in _SECRETS else value for key, value in extra_data.items()}
