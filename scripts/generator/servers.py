"""The server of a contract: the address that generated clients have unless they are given another.

A contract may give it with variables, which have defaults, or relative to where the contract was
published. Pure.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

_ORIGIN = "https://cloud.comfy.org"
_VARIABLE = re.compile(r"\{([^{}]*)\}")
# What makes an address absolute, and what a relative one consists of.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


def server_url(document: dict[str, Any]) -> str | None:
    """The address of the first server, None when that is no text.

    Variables have their defaults. A relative address, also the `/` of a contract without servers,
    is one of the service's origin.
    """
    return _url((document.get("servers") or [{"url": "/"}])[0])


def has_own_server(servers: Any, document: dict[str, Any]) -> bool:
    """Whether the servers of an operation or a path are others than that of the whole contract."""
    given = servers if isinstance(servers, list) else []
    return bool(given) and server_url(document) not in [_url(server) for server in given]


def _url(server: Any) -> str | None:
    given = server.get("url") if isinstance(server, dict) else None
    if not isinstance(given, str):
        return None
    variables = server.get("variables")
    texts = _defaults(variables if isinstance(variables, dict) else {})
    url = _VARIABLE.sub(lambda found: texts.get(found[1], found[0]), given)
    return url if _SCHEME.match(url) else urljoin(_ORIGIN, url)


def _defaults(variables: dict[str, Any]) -> dict[str, str]:
    return {
        name: str(variable["default"])
        for name, variable in variables.items()
        if isinstance(variable, dict) and "default" in variable
    }
