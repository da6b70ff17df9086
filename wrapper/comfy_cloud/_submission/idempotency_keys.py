"""Idempotency keys: which are valid, and the nonce that a key becomes.

The nonce is a digest of the server, the user on a self-hosted server, and the key. So the same key
has the same nonce in every process and on every machine, and neither the server nor a store sees
the text of the key. It is not a secret: who guesses the key can compute the nonce. The API key is
not part of it, since a new API key must not make an old order run again.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from .._settings.config import Settings

REQUEST_FIELD = "comfy_cloud_request"
"""The field of `extra_data` with the digest of what a key was used for."""

MOST_CHARACTERS = 1000
_PERSON = b"comfy-cloud key"
# As many as a UUID has, so that the nonce can be an Idempotency-Key of API v2.
_NONCE_BYTES = 16


class SubmissionKey(NamedTuple):
    """The nonce of an idempotency key, and the digest of what it is used for."""

    nonce: str
    request: str


def key_from(value: object) -> str | None:
    """An idempotency key; None if there is none.

    Raises ConfigurationError for anything but text, and for text that is blank or too long.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise ConfigurationError(
            f"idempotency_key must be text, such as 'order-17', not {type(value).__name__}"
        )
    if not value.strip():
        raise ConfigurationError("idempotency_key must not be blank; leave it out if there is none")
    if len(value) > MOST_CHARACTERS:
        raise ConfigurationError(
            f"idempotency_key has {len(value):,} characters, and {MOST_CHARACTERS:,} are the most"
        )
    return value


def nonce_of(key: str, settings: Settings) -> str:
    """The nonce of a key: 32 hex digits."""
    return _digest(key, settings.base_url, settings.comfy_user or "")


def nonce_of_variant(nonce: str, variant: str, occurrence: int) -> str:
    """The nonce of one variant of a map, whose key has `nonce`.

    `variant` is the digest of the variant, and `occurrence` how many like it came before.
    """
    return _digest(nonce, variant, str(occurrence))


def _digest(*parts: str) -> str:
    digest = blake2b(digest_size=_NONCE_BYTES, person=_PERSON)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
