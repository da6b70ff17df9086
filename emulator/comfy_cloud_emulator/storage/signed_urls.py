"""Addresses under which a file can be fetched without a key, for a while.

An address carries its own permission: the instant at which it ends and a signature over everything that it says. This
module makes and checks them; `storage` answers the requests.
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
"""First segment of the paths at the second origin, for the files of the default account."""
LIFETIME: Final = 900
"""Seconds for which an address is good."""

UrlCheck = Literal["good", "wrong", "expired"]


class Signer:
    """Makes and checks signed addresses with a secret of its own. `now` gives Unix milliseconds.

    `origin` is asked for each address, since the port is known only once the server listens. Addresses lead to `bucket`.
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
        """One with the same secret, whose addresses lead to another bucket."""
        return Signer(self._origin, self._now, bucket=bucket, secret=self._secret)

    def url(self, filename: str, display_name: str, *, attachment: bool = False) -> str:
        """An address for a stored file. `display_name` is proposed to whoever saves it."""
        path = f"/{self._bucket}/{quote(filename)}"
        query = {
            "X-Goog-Algorithm": "GOOG4-HMAC-SHA256",
            "X-Goog-Expires": str(self._now() // 1000 + LIFETIME),
            "response-content-disposition": disposition(display_name, attachment=attachment),
        }
        signature = self._signature(path, query)
        return f"{self._origin()}{path}?{urlencode(query)}&X-Goog-Signature={signature}"

    def verdict(self, path: str, query: Mapping[str, str]) -> UrlCheck:
        """What a path (as sent) and its decoded query are worth now."""
        told = {name: value for name, value in query.items() if name != "X-Goog-Signature"}
        given = query.get("X-Goog-Signature", "")
        if not hmac.compare_digest(given.encode(), self._signature(path, told).encode()):
            return "wrong"
        # Signed by us, so it is a number.
        return "expired" if self._now() >= int(told["X-Goog-Expires"]) * 1000 else "good"

    def _signature(self, path: str, query: Mapping[str, str]) -> str:
        told = "\n".join([path, *(f"{name}={value}" for name, value in sorted(query.items()))])
        return hmac.new(self._secret, told.encode(), sha256).hexdigest()


def bucket_of(account: str) -> str:
    """The bucket with the files of an account, by the account's name."""
    return BUCKET if account == DEFAULT_NAME else f"{BUCKET}-{account}"


def disposition(name: str, *, attachment: bool) -> str:
    """A Content-Disposition value; names beyond ASCII go in the extended form as well."""
    kind = "attachment" if attachment else "inline"
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in name)
    plain = plain.replace("\\", "_").replace('"', "_")
    value = f'{kind}; filename="{plain}"'
    return value if plain == name else f"{value}; filename*=UTF-8''{quote(name, safe='')}"
