"""Raises KeyboardInterrupt at a chosen moment: wherever Python could handle a signal.

Python handles signals when a function starts, after a call, and when a loop starts again. So those
are the places; anywhere else, an interruption cannot come.
"""

from __future__ import annotations

import dis
import sys
import threading
from collections.abc import Callable
from functools import cache
from types import CodeType, FrameType
from typing import Any, TypeAlias

Place: TypeAlias = tuple[CodeType, int]
_HANDLED_AFTER = ("RESUME", "CALL", "CALL_FUNCTION_EX", "CALL_KW")


@cache
def _offsets(code: CodeType) -> frozenset[int]:
    """The instructions of a function before which Python could handle a signal."""
    found: set[int] = set()
    before = ""
    for instruction in dis.get_instructions(code):
        if before in _HANDLED_AFTER:
            found.add(instruction.offset)
        before = instruction.opname
        if before.startswith("JUMP_BACKWARD"):
            found.add(int(instruction.argval))
    return frozenset(found)


def place_name(place: Place) -> str:
    code, offset = place
    line = next((last for start, end, last in code.co_lines() if start <= offset < end), None)
    return f"{code.co_filename.rpartition('/')[2]}:{line} {code.co_qualname} +{offset}"


class Interrupter:
    """Interrupts a thread at one place of the chosen functions, the first time it gets there.

    Without a place it only lists those that were reached.

    Attributes:
        places: The places that were reached so far, in order and without repetition.
        has_interrupted: Whether it came to the place.
    """

    def __init__(self, is_chosen: Callable[[CodeType], bool], place: Place | None = None) -> None:
        self._is_chosen = cache(is_chosen)
        self._place = place
        self.places: dict[Place, None] = {}
        self.has_interrupted = False

    def start(self) -> None:
        """Start with what the calling thread does next."""
        frame: FrameType | None = sys._getframe(1)
        # Python 3.12 traces instructions only if a frame has asked for them before.
        sys._getframe().f_trace_opcodes = True
        sys.settrace(self._trace)
        while frame is not None:  # functions that have started already
            self._trace(frame, "call", None)
            frame = frame.f_back

    def stop(self) -> None:
        sys.settrace(None)

    def _trace(self, frame: FrameType, event: str, _: object) -> Any:
        if not self._is_chosen(frame.f_code):
            return None
        frame.f_trace = self._trace_instructions
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self._trace_instructions

    def _trace_instructions(self, frame: FrameType, event: str, _: object) -> Any:
        if event == "opcode" and frame.f_lasti in _offsets(frame.f_code):
            place = (frame.f_code, frame.f_lasti)
            self.places[place] = None
            if place == self._place:
                self.stop()
                self.has_interrupted = True
                raise KeyboardInterrupt
        return self._trace_instructions


def outcome_within(seconds: float, function: Callable[[], object]) -> BaseException | None:
    """What a function raised in a thread of its own. Fails if it takes longer."""
    raised: list[BaseException] = []

    def call() -> None:
        try:
            function()
        except BaseException as error:  # noqa: BLE001 - returned
            raised.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), f"it hangs: nothing happened for {seconds:g} s"
    return raised[0] if raised else None
