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

BUCKET: Final = "emulated-outputs"
"""First segment of every path at the second origin."""
LIFETIME: Final = 900
"""Seconds for which an address is good."""

Verdict = Literal["good", "wrong", "expired"]


class Signer:
    """Makes and checks signed addresses with a secret of its own. `now` gives Unix milliseconds.

    `origin` is asked for each address, since the port is known only once the server listens.
    """

    def __init__(self, origin: Callable[[], str], now: Callable[[], int]) -> None:
        self._origin = origin
        self._now = now
        self._secret = secrets.token_bytes(32)

    def url(self, filename: str, display_name: str, *, attachment: bool = False) -> str:
        """An address for a stored file. `display_name` is proposed to whoever saves it."""
        path = f"/{BUCKET}/{quote(filename)}"
        query = {
            "X-Goog-Algorithm": "GOOG4-HMAC-SHA256",
            "X-Goog-Expires": str(self._now() // 1000 + LIFETIME),
            "response-content-disposition": disposition(display_name, attachment=attachment),
        }
        signature = self._signature(path, query)
        return f"{self._origin()}{path}?{urlencode(query)}&X-Goog-Signature={signature}"

    def verdict(self, path: str, query: Mapping[str, str]) -> Verdict:
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


def disposition(name: str, *, attachment: bool) -> str:
    """A Content-Disposition value; names beyond ASCII go in the extended form as well."""
    kind = "attachment" if attachment else "inline"
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in name)
    plain = plain.replace("\\", "_").replace('"', "_")
    value = f'{kind}; filename="{plain}"'
    return value if plain == name else f"{value}; filename*=UTF-8''{quote(name, safe='')}"
