"""How the key of each operation is sent: the security schemes of a contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from comfy_cloud.contract._documents.operations import ContractOperation
from comfy_cloud.contract._documents.reader import resolved
from scripts.generator.left_out import NotRepresentable

_LOCATIONS = ("header", "query", "cookie")
_BY_TOKEN = frozenset({"oauth2", "openIdConnect"})
_ADVICE = "Give the operation a scheme of the type apiKey or http (bearer or basic) by an overlay action."


@dataclass(frozen=True)
class KeyPlace:
    """One place of a request that the key is sent in.

    Attributes:
        location: `header`, `query`, `cookie`, or `basic` for the header of HTTP Basic.
        name: Of the header, parameter or cookie.
        prefix: What comes before the key.
    """

    location: str
    name: str
    prefix: str = ""


API_KEY = KeyPlace("header", "X-API-Key")


def key_places(operation: ContractOperation, document: dict[str, Any]) -> list[KeyPlace]:
    """Where the key of an operation is sent; nothing for an operation without security.

    Of alternatives, the one with the header X-API-Key is taken, else the first that can be sent.
    Raises NotRepresentable when there is none.
    """
    requirements = operation.raw.get("security", document.get("security")) or []
    schemes = document.get("components", {}).get("securitySchemes", {})
    found: list[list[KeyPlace]] = []
    problem: NotRepresentable | None = None
    for requirement in requirements:
        if not requirement:
            continue
        try:
            found.append([_key_place(name, schemes, document) for name in requirement])
        except NotRepresentable as error:
            problem = problem or error
    if not found and problem is not None and operation.key == "required":
        raise problem
    return next((places for places in found if places == [API_KEY]), found[0] if found else [])


def _key_place(name: str, schemes: dict[str, Any], document: dict[str, Any]) -> KeyPlace:
    place = f"security.{name}"
    if name not in schemes:
        raise NotRepresentable(place, "the contract defines no such security scheme", _ADVICE)
    scheme = resolved(schemes[name], document)
    kind = scheme.get("type")
    if kind == "apiKey" and scheme.get("in") in _LOCATIONS and isinstance(scheme.get("name"), str):
        return KeyPlace(scheme["in"], scheme["name"])
    if kind in _BY_TOKEN or (kind == "http" and str(scheme.get("scheme")).lower() == "bearer"):
        return KeyPlace("header", "Authorization", "Bearer ")
    if kind == "http" and str(scheme.get("scheme")).lower() == "basic":
        return KeyPlace("basic", "Authorization")
    shown = f"{kind} {scheme.get('scheme', '')}".strip()
    raise NotRepresentable(place, f"a key cannot be sent by the scheme {shown}", _ADVICE)
