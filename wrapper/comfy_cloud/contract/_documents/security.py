"""Where the API key of an operation is, by the security schemes of a contract. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from .reader import resolved

_LOCATIONS = ("header", "query", "cookie")
_BY_TOKEN = frozenset({"oauth2", "openIdConnect"})


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """One place of a request that the key is sent in.

    Attributes:
        location: `header`, `query`, `cookie`, or `basic` for the header of HTTP Basic.
        name: Of the header, parameter or cookie.
        prefix: What comes before the key.
    """

    location: Literal["header", "query", "cookie", "basic"]
    name: str
    prefix: str = ""

    def __str__(self) -> str:
        if self.location == "basic":
            return f"header {self.name} with Basic"
        kind = "query parameter" if self.location == "query" else self.location
        return f"{kind} {self.name}" + (f" with {self.prefix.strip()}" if self.prefix else "")


Alternatives = tuple[tuple[KeyPlace | None, ...], ...]
"""Each alternative has the places that a request fills together; an empty one needs no key.

None stands for a scheme that this package cannot send or check, such as mutual TLS.
"""

API_KEY: Final = KeyPlace("header", "X-API-Key")


def place_of(scheme: Any) -> KeyPlace | None:
    """The place of a security scheme; None for one that no key is sent by."""
    if not isinstance(scheme, dict):
        return None
    kind, location, name = scheme.get("type"), scheme.get("in"), scheme.get("name")
    if kind == "apiKey" and location in _LOCATIONS and isinstance(name, str):
        return KeyPlace(location, name)
    word = str(scheme.get("scheme")).lower()
    if kind in _BY_TOKEN or (kind == "http" and word == "bearer"):
        return KeyPlace("header", "Authorization", "Bearer ")
    if kind == "http" and word == "basic":
        return KeyPlace("basic", "Authorization")
    return None


def places_by_scheme(document: dict[str, Any]) -> dict[str, KeyPlace | None]:
    """The places of all security schemes of a contract, by their names."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    return {name: place_of(resolved(scheme, document)) for name, scheme in schemes.items()}


def alternatives(security: Any, places: dict[str, KeyPlace | None]) -> Alternatives:
    """What `security` of an operation or a contract allows, in its order.

    Two schemes that write the same header are one place.
    """
    return tuple(
        tuple(dict.fromkeys(places.get(name) for name in requirement)) for requirement in security or ()
    )


def places_to_send(found: Alternatives) -> tuple[KeyPlace, ...]:
    """Where to send a key: by the header X-API-Key if that is enough, else as comes first.

    Empty when the operation takes no key, or none that can be sent.
    """
    sendable = [places for each in found if each and (places := _known(each)) is not None]
    return next((places for places in sendable if places == (API_KEY,)), sendable[0] if sendable else ())


def _known(places: Iterable[KeyPlace | None]) -> tuple[KeyPlace, ...] | None:
    known = tuple(places)
    return None if None in known else tuple(place for place in known if place is not None)
