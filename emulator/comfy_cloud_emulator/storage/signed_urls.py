"""Signed URLs: addresses under which a file can be fetched for a while without a key.

A URL contains its expiry and a signature over its path and query. This module makes and checks
URLs; `application` serves them.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Final, Literal
from urllib.parse import quote, urlencode

from comfy_cloud_emulator.state.account import DEFAULT_NAME

BUCKET: Final = "emulated-outputs"
"""First path segment at the second origin, for the files of the default account."""
LIFETIME: Final = 900
"""Seconds for which a URL is valid."""

UrlCheck = Literal["good", "wrong", "expired"]


class Signer:
    """Makes and checks signed URLs with a secret. `now` returns Unix milliseconds.

    `origin` is called for each URL, because the port is known only once the server listens. URLs
    lead to `bucket`.
    """

    def __init__(
        self,
        origin: Callable[[], str],
        now: Callable[[], int],
        *,
        bucket: str = BUCKET,
        secret: bytes | None = None,
    ) -> None:
        self._origin = origin
        self._now = now
        self._bucket = bucket
        self._secret = secrets.token_bytes(32) if secret is None else secret

    def for_bucket(self, bucket: str) -> Signer:
        """A signer with the same secret for another bucket."""
        return Signer(self._origin, self._now, bucket=bucket, secret=self._secret)

    def url(self, filename: str, display_name: str, *, attachment: bool = False) -> str:
        """A URL for a stored file. `display_name` is the name offered to whoever saves it."""
        path = f"/{self._bucket}/{quote(filename)}"
        query = {
            "X-Goog-Algorithm": "GOOG4-HMAC-SHA256",
            "X-Goog-Expires": str(self._now() // 1000 + LIFETIME),
            "response-content-disposition": disposition(display_name, attachment=attachment),
        }
        signature = self._signature(path, query)
        return f"{self._origin()}{path}?{urlencode(query)}&X-Goog-Signature={signature}"

    def check(self, path: str, query: Mapping[str, str]) -> UrlCheck:
        """Whether a path (as sent) with its decoded query is valid now."""
        signed = {name: value for name, value in query.items() if name != "X-Goog-Signature"}
        given = query.get("X-Goog-Signature", "")
        if not hmac.compare_digest(given.encode(), self._signature(path, signed).encode()):
            return "wrong"
        # It was signed here, so it is a number.
        return "expired" if self._now() >= int(signed["X-Goog-Expires"]) * 1000 else "good"

    def _signature(self, path: str, query: Mapping[str, str]) -> str:
        signed = "\n".join([path, *(f"{name}={value}" for name, value in sorted(query.items()))])
        return hmac.new(self._secret, signed.encode(), sha256).hexdigest()


def bucket_of(account: str) -> str:
    """The bucket with the files of an account, by the account's name."""
    return BUCKET if account == DEFAULT_NAME else f"{BUCKET}-{account}"


def disposition(name: str, *, attachment: bool) -> str:
    """A Content-Disposition value; names beyond ASCII are added in the extended form."""
    kind = "attachment" if attachment else "inline"
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in name)
    plain = plain.replace("\\", "_").replace('"', "_")
    value = f'{kind}; filename="{plain}"'
    return value if plain == name else f"{value}; filename*=UTF-8''{quote(name, safe='')}"
