"""The user's keys in `extra_data`: removed where jobs are listed, redacted where they are kept."""

from __future__ import annotations

from typing import Final

from .json_values import Json

REDACTED: Final = "[REDACTED]"
_SECRETS: Final = frozenset({"api_key_comfy_org", "auth_token_comfy_org"})


def without_secrets(extra_data: Json) -> Json:
    """extra_data without the user's keys, for lists and the history."""
    return {key: value for key, value in extra_data.items() if key not in _SECRETS}


def with_redacted_secrets(extra_data: Json) -> Json:
    """extra_data with the user's keys redacted, for the store and the job detail."""
    return {key: REDACTED if key in _SECRETS else value for key, value in extra_data.items()}
