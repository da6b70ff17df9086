"""Where the key of an operation is sent, by the security schemes of a contract."""

from __future__ import annotations

from typing import Any

from comfy_cloud.contract._documents.operations import ContractOperation
from comfy_cloud.contract._documents.reader import resolved
from comfy_cloud.contract._documents.security import API_KEY as API_KEY
from comfy_cloud.contract._documents.security import KeyPlace as KeyPlace
from comfy_cloud.contract._documents.security import place_of, places_to_send
from scripts.generator.left_out import NotRepresentable

_ADVICE = "Give the operation a scheme of the type apiKey or http (bearer or basic) by an overlay action."


def key_places(operation: ContractOperation, document: dict[str, Any]) -> list[KeyPlace]:
    """Where the key of an operation is sent; nothing for an operation without security.

    Of alternatives, the one with the header X-API-Key is taken, else the first that can be sent.
    Raises NotRepresentable when there is none.
    """
    found = places_to_send(operation.security)
    if not found and operation.key == "required":
        raise _not_sendable(operation, document)
    return list(found)


def _not_sendable(operation: ContractOperation, document: dict[str, Any]) -> NotRepresentable:
    """The error for the first scheme that no key is sent by."""
    requirements = operation.raw.get("security", document.get("security")) or []
    schemes = document.get("components", {}).get("securitySchemes", {})
    name = next(
        name
        for requirement, places in zip(requirements, operation.security, strict=True)
        if None in places
        for name in requirement
        if name not in schemes or place_of(resolved(schemes[name], document)) is None
    )
    place = f"security.{name}"
    if name not in schemes:
        return NotRepresentable(place, "the contract defines no such security scheme", _ADVICE)
    scheme = resolved(schemes[name], document)
    shown = f"{scheme.get('type')} {scheme.get('scheme', '')}".strip()
    return NotRepresentable(place, f"a key cannot be sent by the scheme {shown}", _ADVICE)
