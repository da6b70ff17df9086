"""A change between two versions of a contract, and a text report of changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_MOST_NAMED = 4


@dataclass(frozen=True)
class Change:
    """One difference between two versions of a contract.

    Attributes:
        kind: The kind of change, in words with hyphens, such as `operation-removed`.
        breaking: Whether a program that uses this client may have to be changed.
        where: The operation or schema, and the place in it.
        text: What changed there.
        operations: The operationIds concerned, sorted; empty when it concerns none in particular.
    """

    kind: str
    breaking: bool
    where: str
    text: str
    operations: tuple[str, ...] = ()


def methods_touched(change: Change, methods: Mapping[str, Sequence[str]]) -> list[str]:
    """The client's methods that a change concerns, sorted.

    `methods` has the methods that call each operation, as `methods_by_operation()` returns them.
    """
    return sorted({method for operation in change.operations for method in methods.get(operation, ())})


def report(changes: list[Change], methods: Mapping[str, Sequence[str]] | None = None) -> str:
    """The changes as text, breaking ones first: one line each, with the methods concerned."""
    if not changes:
        return "No operation, parameter, field or status has changed."
    lines = []
    for title, chosen in (
        ("Breaking", [change for change in changes if change.breaking]),
        ("Not breaking", [change for change in changes if not change.breaking]),
    ):
        if chosen:
            lines.append(f"{title} ({len(chosen)}):")
            lines += [f"  {change.where}: {change.text}{_named(change, methods or {})}" for change in chosen]
    return "\n".join(lines)


def _named(change: Change, methods: Mapping[str, Sequence[str]]) -> str:
    touched = methods_touched(change, methods)
    if not touched:
        return ""
    more = f" and {len(touched) - _MOST_NAMED} more" if len(touched) > _MOST_NAMED else ""
    return f" [{', '.join(touched[:_MOST_NAMED])}{more}]"
