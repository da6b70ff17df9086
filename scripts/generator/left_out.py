"""Operations that no code can be made of, each with the place, the reason, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from comfy_cloud._errors.redaction import one_line

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


class NotRepresentable(Exception):
    """A part of an operation that no code can be made of; raised while the operation is planned."""

    def __init__(self, place: str, reason: str, advice: str) -> None:
        super().__init__(place, reason, advice)
        self.place = place
        self.reason = reason
        self.advice = advice
