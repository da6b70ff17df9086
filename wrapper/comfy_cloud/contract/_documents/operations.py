"""The operations of a contract, each with what its path and the whole contract add to it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from .normalised import METHODS as METHODS
from .normalised import operations_in
from .security import Alternatives, alternatives, places_by_scheme

LEFT_OUT: Final = "x-left-out"
"""Marks an operation of a merged contract that no code is made of; its value is the reason."""


@dataclass(frozen=True, eq=False, slots=True)
class ContractOperation:
    """One operation of a contract.

    Attributes:
        id: The operationId; the method and path where the contract gives none.
        method: The HTTP method, in capitals.
        path: The path template, such as `/api/jobs/{job_id}`.
        tag: The first tag.
        key: Whether the operation takes an API key: "required", "optional" or "unused".
        security: Where the key is sent, by the security schemes: one of these alternatives.
        parameters: By name and location (`query`, `path`, ...), those of the path included.
        raw: The operation's entry in the contract, normalised: with the parameters of its path, and
            without references outside of schemas.
    """

    id: str
    method: str
    path: str
    tag: str
    key: Literal["required", "optional", "unused"]
    security: Alternatives
    parameters: dict[tuple[str, str], dict[str, Any]] = field(repr=False)
    raw: dict[str, Any] = field(repr=False)

    @property
    def http(self) -> str:
        """Method and path, such as `GET /api/jobs`."""
        return f"{self.method} {self.path}"

    @property
    def left_out(self) -> str | None:
        """Why no code is made of the operation; None when code is made of it."""
        reason = self.raw.get(LEFT_OUT)
        return None if reason is None else str(reason)

    @property
    def changes_something(self) -> bool:
        """Whether the operation may change something on the server: anything but GET and HEAD."""
        return self.method not in ("GET", "HEAD")


def operations_of(document: dict[str, Any]) -> list[ContractOperation]:
    """Every operation, in the order of the contract."""
    found = []
    places = places_by_scheme(document)
    for_all = document.get("security")
    allowed_for_all = alternatives(for_all, places)
    for path, entry in document.get("paths", {}).items():
        for method, raw in operations_in(path, entry, document):
            found.append(
                ContractOperation(
                    id=raw.get("operationId", f"{method.upper()} {path}"),
                    method=method.upper(),
                    path=path,
                    tag=next(iter(raw.get("tags", [])), "default"),
                    key=_key_use(raw.get("security", for_all)),
                    security=alternatives(raw["security"], places) if "security" in raw else allowed_for_all,
                    parameters={(given["name"], given["in"]): given for given in raw.get("parameters", [])},
                    raw=raw,
                )
            )
    return found


def _key_use(security: Any) -> Literal["required", "optional", "unused"]:
    if not security:
        return "unused"
    return "optional" if {} in security else "required"
