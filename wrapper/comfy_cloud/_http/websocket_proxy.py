"""User and password of a proxy, for releases of `websockets` that send them percent-encoded.

`websockets` decodes them from 17.2 on and has no setting for it, so a private name of its modules
is replaced. If its internals differ, nothing is.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from types import ModuleType
from typing import Any
from urllib.parse import unquote


class EncodedProxy(str):
    """The URL of a proxy of this package. Those of others are read as before."""

    __slots__ = ()


def decode_proxies(client: ModuleType) -> None:
    """Make a client module of `websockets` decode user and password of each EncodedProxy."""
    parse: Any = getattr(client, "parse_proxy", None)
    with suppress(Exception):
        if parse(EncodedProxy("http://%20:@proxy")).username != "%20":
            return

        def parse_decoded(proxy: str) -> Any:
            parsed = parse(proxy)
            if not isinstance(proxy, EncodedProxy) or parsed.username is None:
                return parsed
            return replace(parsed, username=unquote(parsed.username), password=unquote(parsed.password))

        client.parse_proxy = parse_decoded  # type: ignore[attr-defined]
