"""What a client tolerated: where answers of the server were not as the contract has them, counted by place and kind.

A look at part of each answer (see `answer_shapes`) finds them; nothing is sent, logged or raised on account of it, and
nothing is kept of an answer but places, kinds, numbers, and single short words such as a status. Messages of the websocket
are not looked at.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, overload

from comfy_cloud_api.types import Operation, Response

from .._errors.redaction import redact_text

if TYPE_CHECKING:
    # Imported by the first answer: a program that only makes a client need not pay for it.
    from .response_shapes import Kind, Shape

MOST_KEPT: Final = 1_000
"""Different deviations kept; further ones are counted in `Deviations.dropped` alone."""

_TYPE_WORDS: Final[dict[type, str]] = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number with a fraction",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Deviation:
    """One way in which answers differ from the contract.

    Attributes:
        operation: The operation, such as `GET /api/jobs`.
        path: The place in the body, such as `jobs[].status`, with `.*` for the keys of a map and `body` for the whole;
            or `status`, or `header Location`, or what else was looked at.
        kind: "unknown word", "missing field", "null", "type", "instant", "unknown field", "status", "redirect" or
            "content type"; a contract run has more.
        expected: What belongs there, in words.
        seen: An example of what was there, in words: kinds of values, numbers and single short words, never more of it.
        count: How often it was seen.
    """

    operation: str
    path: str
    kind: str
    expected: str
    seen: str
    count: int = 1

    def __str__(self) -> str:
        times = f" ({self.count} times)" if self.count != 1 else ""
        return f"{self.operation} {self.path}: expected {self.expected}; seen {self.seen}{times}"


class Deviations(Sequence[Deviation]):
    """The deviations that a client has met, a list that grows: in the order in which they were first met.

    Fields that the contract does not know are expected of a service that grows; they stand apart in `unknown_fields` and
    do not count for the length. Of lists and maps of more than 20 elements the first is looked at, and every 20th from a place
    that moves by one with each answer: the counts are of what was looked at. Threads may share it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str, str], Deviation] = {}
        self._unknown: dict[tuple[str, str, str], Deviation] = {}
        self._answers = 0
        self._dropped = 0

    # What was found

    @property
    def answers(self) -> int:
        """How many answers were looked at."""
        return self._answers

    @property
    def dropped(self) -> int:
        """How many findings were not kept, since there were a thousand different ones."""
        return self._dropped

    @property
    def unknown_fields(self) -> list[Deviation]:
        """Fields that the contract does not know, in places where it names all of them."""
        with self._lock:
            return list(self._unknown.values())

    def counts(self) -> dict[tuple[str, str, str], int]:
        """How often each was seen, by operation, path and kind."""
        return {(found.operation, found.path, found.kind): found.count for found in self._snapshot()}

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._found.clear()
            self._unknown.clear()
            self._answers = self._dropped = 0

    def _snapshot(self) -> list[Deviation]:
        with self._lock:
            return list(self._found.values())

    @overload
    def __getitem__(self, index: int) -> Deviation: ...
    @overload
    def __getitem__(self, index: slice) -> list[Deviation]: ...

    def __getitem__(self, index: int | slice) -> Deviation | list[Deviation]:
        return self._snapshot()[index]

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Deviation]:
        return iter(self._snapshot())

    def __repr__(self) -> str:
        found = self._snapshot()
        lines = [f"<{len(found)} deviations in {self._answers} answers, {len(self._unknown)} unknown fields>"]
        return "\n  ".join([*lines, *map(str, found)])

    # Looking at answers

    def look_at_status(self, operation: Operation, answer: Response) -> None:
        """Count an answer, and note a status that its operation does not have, and an error body of another shape."""
        with self._lock:
            self._answers += 1
        statuses = _answers_of(operation)
        if statuses is None:
            return
        status = answer.status_code
        documented = statuses.get(status) or statuses.get(f"{status // 100}XX") or statuses.get("default")
        if documented is None:
            self._note_status(operation, statuses, status)
        elif status >= 400 and operation.method != "HEAD":
            self._look_at_error(operation, documented, status, answer)

    def look_at(self, operation: Operation, answer: Response, value: Any) -> None:
        """Note what is wrong with the JSON value of a successful answer."""
        shape = _shape_of(operation, answer.status_code)
        if shape is None:
            return
        from .response_shapes import look

        content_type = answer.headers.get("content-type") or ""
        if not content_type.startswith("application/json"):
            self._note_content_type(operation, content_type)
        look(shape, value, self._answers, self._note)

    def _look_at_error(
        self, operation: Operation, documented: tuple[tuple[str, ...], Any], status: int, answer: Response
    ) -> None:
        media_types, _ = documented
        content_type = str(answer.headers.get("content-type") or "")
        if media_types and content_type.partition(";")[0].strip().lower() not in media_types:
            self._note_content_type(operation, content_type, media_types)
            return
        shape = _shape_of(operation, status)
        if shape is None or not answer.content:
            return
        import orjson

        from .response_shapes import look

        try:
            value = orjson.loads(answer.content)
        except ValueError:
            self._add(shape.operation, f"{status} body", "type", shape.expected, "no JSON")
            return
        look(shape, value, 0, self._note)

    def _note(self, shape: Shape, kind: Kind, value: Any) -> None:
        from .response_shapes import seen_form, seen_in, shown_name

        path, expected = shape.path or "body", shape.expected
        match kind:
            case "missing field" | "unknown field":
                name = redact_text(shown_name(value))
                path = f"{shape.path}.{name}" if shape.path else name
                if kind == "missing field":
                    expected, seen = "a field that is always there", "nothing"
                else:
                    expected, seen = "no such field", "one"
            case "type":
                seen = _TYPE_WORDS.get(type(value), "something else")
            case "instant":
                seen = seen_form(value)
            case _:
                seen = redact_text(seen_in(value))
        self._add(shape.operation, path, kind, expected, seen)

    def _note_status(self, operation: Operation, statuses: dict[Any, Any], status: int) -> None:
        kind: Kind = "redirect" if 300 <= status < 400 else "status"
        self._add(_name(operation), "status", kind, " or ".join(map(str, statuses)), str(status))

    def _note_content_type(
        self, operation: Operation, content_type: str, media_types: Sequence[str] = ("application/json",)
    ) -> None:
        from .response_shapes import shown_name

        seen = redact_text(shown_name(content_type.partition(";")[0].strip())) if content_type else "none"
        self._add(_name(operation), "header Content-Type", "content type", " or ".join(media_types), seen)

    def _add(self, operation: str, path: str, kind: Kind, expected: str, seen: str) -> None:
        key = (operation, path, kind)
        found = self._unknown if kind == "unknown field" else self._found
        with self._lock:
            known = found.get(key)
            if known is not None:
                # The first example stays.
                found[key] = Deviation(*key, known.expected, known.seen, known.count + 1)
            elif len(self._found) + len(self._unknown) < MOST_KEPT:
                found[key] = Deviation(*key, expected, seen)
            else:
                self._dropped += 1


def _name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _answers_of(operation: Operation) -> dict[Any, Any] | None:
    """The documented answers of an operation by status; None for what the contract does not have, such as `cloud.request`."""
    from comfy_cloud_api.responses import RESPONSES  # only now: no answer has come before

    return RESPONSES.get(operation.id)


_shapes: dict[tuple[str, int], Shape | None] = {}


def _shape_of(operation: Operation, status: int) -> Shape | None:
    """The shape of the JSON of an answer, made when it is first asked for."""
    key = (operation.id, status)
    if key not in _shapes:
        from comfy_cloud_api.responses import SCHEMAS

        from .response_shapes import shape_of

        _, table = (_answers_of(operation) or {}).get(status, ((), None))
        path = "" if status < 400 else f"{status} body"
        _shapes[key] = shape_of(table, SCHEMAS, _name(operation), path)
    return _shapes[key]
