"""Operations that no code can be made of, each with the place, the reason, and what to do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from comfy_cloud._errors.redaction import one_line
from comfy_cloud.contract._documents.normalised import METHODS
from comfy_cloud.contract._documents.operations import LEFT_OUT
from comfy_cloud.contract._documents.reader import resolved

_MOST_CHARACTERS = 600


@dataclass(frozen=True)
class LeftOut:
    """An operation that is not in the generated package.

    Attributes:
        operation: The operationId, or method and path if it has none.
        http: Method and path.
        place: Where in the operation: such as `parameters.filter` or `requestBody`.
        reason: What cannot be represented.
        advice: What to do about it.
    """

    operation: str
    http: str
    place: str
    reason: str
    advice: str

    def __str__(self) -> str:
        text = f"{self.operation} ({self.http}) is left out: at {self.place}: {self.reason}. {self.advice}"
        return one_line(text, _MOST_CHARACTERS)


def marked(document: dict[str, Any], left_out: Collection[LeftOut]) -> dict[str, Any]:
    """The contract with a mark on each operation that is left out, and on no other."""
    why = {each.http: one_line(f"at {each.place}: {each.reason}", _MOST_CHARACTERS) for each in left_out}

    def operation(method: str, path: str, raw: Any) -> Any:
        if method not in METHODS or not isinstance(raw, dict):
            return raw
        kept = {key: value for key, value in raw.items() if key != LEFT_OUT}
        reason = why.get(f"{method.upper()} {path}")
        return kept if reason is None else {**kept, LEFT_OUT: reason}

    paths = {}
    for path, entry in document["paths"].items():
        item = resolved(entry, document)
        whole = {key: operation(key, path, raw) for key, raw in item.items()}
        paths[path] = entry if whole == item else whole  # which may be a reference
    return {**document, "paths": paths}


def without_left_out(document: dict[str, Any], left_out: Collection[LeftOut]) -> dict[str, Any]:
    """The contract without the operations that are left out."""
    missing = {each.http for each in left_out}
    paths = {}
    for path, entry in document["paths"].items():
        if any(f"{method.upper()} {path}" in missing for method in METHODS):
            item = resolved(entry, document)
            paths[path] = {key: raw for key, raw in item.items() if f"{key.upper()} {path}" not in missing}
        else:
            paths[path] = entry
    return {**document, "paths": paths}


class NotRepresentable(Exception):
    """A part of an operation that no code can be made of; raised while the operation is planned."""

    def __init__(self, place: str, reason: str, advice: str) -> None:
        super().__init__(place, reason, advice)
        self.place = place
        self.reason = reason
        self.advice = advice
