"""What a client tolerated: where responses differ from the contract, counted by path and kind.

Part of each response is compared with the contract (see `response_shapes`). Nothing is sent,
logged or raised because of a difference. Of a response, only paths, kinds, numbers and single
short words such as a status are kept. Messages of the websocket are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, overload

from comfy_cloud_api.types import Operation, Response, UnreadableBody, decode_json

from .._errors.redaction import redact_text
from .._lenient import media_type_in
from .forks import ForkSafeLock

if TYPE_CHECKING:
    # Imported for the first response: it costs import time, which a program may not need to spend.
    from .response_shapes import Kind, Shape

MOST_KEPT: Final = 1_000
"""Different deviations kept; further ones are counted in `Deviations.dropped` alone."""

PYTHON_TYPE_WORDS: Final[dict[type, str]] = {
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
    """One way in which responses differ from the contract.

    Attributes:
        operation: The operation, such as `GET /api/jobs`.
        path: The path in the body, such as `jobs[].status`, with `.*` for the keys of a map and
            `body` for the whole; or `status`, `header Location` and the like.
        kind: "unknown word", "missing field", "null", "type", "instant", "unknown field", "status",
            "redirect" or "content type". A contract run has more kinds.
        expected: What the contract expects there, in words.
        seen: An example of what was there, in words: kinds of values, numbers and single short
            words, never more than that.
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
    """The deviations that a client has found so far, in the order in which they were first found.

    Fields that the contract does not know are to be expected from a growing service: they are
    listed separately, in `unknown_fields`, and do not count for the length. Lists and maps of
    more than 20 elements are sampled: the first element, and every 20th from a position that
    moves by one with each response. Counts are of what was checked. Threads may share it.
    """

    def __init__(self) -> None:
        self._lock_holder = ForkSafeLock()
        self._found: dict[tuple[str, str, str], Deviation] = {}
        self._unknown: dict[tuple[str, str, str], Deviation] = {}
        self._responses = 0
        self._dropped = 0

    # What was found

    @property
    def answers(self) -> int:
        """The number of responses that were checked."""
        return self._responses

    @property
    def dropped(self) -> int:
        """The number of findings that were not kept: beyond a thousand different ones."""
        return self._dropped

    @property
    def unknown_fields(self) -> list[Deviation]:
        """Fields that the contract does not know, in objects of which it names all fields."""
        with self._lock_holder.lock:
            return list(self._unknown.values())

    def counts(self) -> dict[tuple[str, str, str], int]:
        """How often each deviation was seen, by operation, path and kind."""
        return {(found.operation, found.path, found.kind): found.count for found in self._snapshot()}

    def clear(self) -> None:
        """Forget everything."""
        with self._lock_holder.lock:
            self._found.clear()
            self._unknown.clear()
            self._responses = self._dropped = 0

    def _snapshot(self) -> list[Deviation]:
        with self._lock_holder.lock:
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
        lines = [
            f"<{len(found)} deviations in {self._responses} responses, {len(self._unknown)} unknown fields>"
        ]
        return "\n  ".join([*lines, *map(str, found)])

    # Checking responses

    def look_at_status(self, operation: Operation, response: Response) -> None:
        """Count a response; record an undocumented status and an unexpected error body."""
        with self._lock_holder.lock:
            self._responses += 1
        statuses = _documented(operation)
        if statuses is None:
            return
        status = response.status_code
        documented = statuses.get(status) or statuses.get(f"{status // 100}XX") or statuses.get("default")
        if documented is None:
            self._note_status(operation, statuses, status)
        elif status >= 400 and operation.method != "HEAD":
            self._check_error(operation, documented, status, response)

    def look_at(self, operation: Operation, response: Response, value: Any) -> None:
        """Record where the JSON value of a successful response differs from the contract."""
        shape = _shape_of(operation, response.status_code)
        if shape is None:
            return
        from .response_shapes import compare

        self._check_media_type(operation, response, ("application/json",))
        compare(shape, value, self._responses, self._note)

    def _check_error(
        self, operation: Operation, documented: tuple[tuple[str, ...], Any], status: int, response: Response
    ) -> None:
        media_types, _ = documented
        if media_types and not self._check_media_type(operation, response, media_types):
            return
        shape = _shape_of(operation, status)
        if shape is None or not response.content:
            return
        from .response_shapes import compare

        try:
            value = decode_json(response.content)
        except (UnreadableBody, RecursionError):
            self._add(shape.operation, f"{status} body", "type", shape.expected, "not JSON")
            return
        compare(shape, value, 0, self._note)

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
                seen = PYTHON_TYPE_WORDS.get(type(value), "something else")
            case "instant":
                seen = seen_form(value)
            case _:
                seen = redact_text(seen_in(value))
        self._add(shape.operation, path, kind, expected, seen)

    def _note_status(self, operation: Operation, statuses: dict[Any, Any], status: int) -> None:
        kind: Kind = "redirect" if 300 <= status < 400 else "status"
        self._add(_name(operation), "status", kind, " or ".join(map(str, statuses)), str(status))

    def _check_media_type(self, operation: Operation, response: Response, expected: Sequence[str]) -> bool:
        """Record an unexpected media type; whether it is an expected one."""
        media_type = media_type_in(response.headers.get("content-type"))
        if media_type in expected:
            return True
        from .response_shapes import shown_name

        seen = redact_text(shown_name(media_type)) if media_type else "none"
        self._add(_name(operation), "header Content-Type", "content type", " or ".join(expected), seen)
        return False

    def _add(self, operation: str, path: str, kind: Kind, expected: str, seen: str) -> None:
        key = (operation, path, kind)
        found = self._unknown if kind == "unknown field" else self._found
        with self._lock_holder.lock:
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


def _documented(operation: Operation) -> dict[Any, Any] | None:
    """The documented responses of an operation by status; None if the contract lacks it."""
    from comfy_cloud_api.responses import RESPONSES  # only now: it costs import time

    return RESPONSES.get(operation.id)


_shapes: dict[tuple[str, int], Shape | None] = {}


def _shape_of(operation: Operation, status: int) -> Shape | None:
    """The shape of the JSON of a response, made when it is first needed."""
    key = (operation.id, status)
    if key not in _shapes:
        from comfy_cloud_api.responses import SCHEMAS

        from .response_shapes import shape_of

        _, table = (_documented(operation) or {}).get(status, ((), None))
        path = "" if status < 400 else f"{status} body"
        _shapes[key] = shape_of(table, SCHEMAS, _name(operation), path)
    return _shapes[key]
