"""Hypothesis draws a rule and a unit of text, list, object or number; the unit is repeated.

The work per unit must stay flat. In the suite the work is the number of lines that run, which is
the same on every machine. `python -m tests.attacks.growing_inputs` draws more, and also measures
the time of the processor, which shows what C code does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePath
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from comfy_cloud._errors.bodies import ErrorBody, by_node, message_in, node_reasons
from comfy_cloud._errors.job_errors import job_failed_from
from comfy_cloud._errors.redaction import redact
from comfy_cloud._files.names import distinct
from comfy_cloud._http.response_shapes import seen_in
from comfy_cloud._jobs.event_reader import read_event
from comfy_cloud._jobs.outputs import find_outputs, find_preview, find_texts
from comfy_cloud._jobs.queue_items import entries_of, read_queue
from comfy_cloud._jobs.states import status_from_history, timeline
from comfy_cloud._lenient import id_in, ids_in, media_type_in, number_in
from comfy_cloud._submission.graph_identity import exact_digest, graph_digest, is_same_graph
from comfy_cloud._workflows.loading import load_graph
from comfy_cloud._workflows.local_files import files_in
from comfy_cloud._workflows.near_names import nearest
from comfy_cloud._workflows.validation import validate
from comfy_cloud.asset_filters import tag_list
from comfy_cloud.times import epoch_ms, parse_instant
from tests.attacks.growth import TEXT_RULES, TEXTS, growth_of

COUNTED_SIZES = (8, 32, 128)
TIMED_SIZE = 500
# Lines per unit that are always fine: a rule may begin to do something from a certain size on.
FEW_LINES = 30.0

# What takes anything that a response, or a caller, may contain.
_VALUE_RULES: dict[str, Callable[[Any], object]] = {
    "parse_instant": parse_instant,
    "epoch_ms": epoch_ms,
    "id_in": id_in,
    "ids_in": ids_in,
    "number_in": number_in,
    "media_type_in": media_type_in,
    "seen_in": seen_in,
    "redact": redact,
    "message_in": message_in,
    "by_node": by_node,
    "node_reasons": lambda value: list(node_reasons(value)),
    "ErrorBody": lambda value: str(ErrorBody({"error": value, "details": value}, 400)),
    "job_failed_from": lambda value: str(
        job_failed_from("a", {"exception_message": value, "traceback": value})
    ),
    "read_event": lambda value: read_event(json.dumps({"type": "executed", "data": value})),
    "find_outputs": find_outputs,
    "find_texts": find_texts,
    "find_preview": find_preview,
    "read_queue": lambda value: entries_of(read_queue(value, value)),
    "status_from_history": lambda value: status_from_history({"messages": value}),
    "timeline": lambda value: timeline({"messages": value}),
    "graph_digest": graph_digest,
    "exact_digest": exact_digest,
    "is_same_graph": lambda value: is_same_graph(value, value),
    "load_graph": load_graph,
    "files_in": files_in,
    "validate": lambda value: validate(value, {}),
    "tag_list": lambda value: tag_list("tags", value),
    "nearest": lambda value: nearest("KSampler", value),
    "distinct": lambda value: distinct([PurePath(str(part)[:20]) for part in value]),
}
# Words that rules look for, beside what Hypothesis makes up.
_WORDS = st.sampled_from(
    [shape(20)[:8] for shape in TEXTS.values()]
    + ["2026-11-01", "Bearer ", "comfyui-", "api_key=", "bytes 0-", "&#", "<!--", "{name", "\x1b[", "0x"]
)
_KEYS = st.sampled_from(
    ["images", "filename", "text", "error", "message", "token", "errors", "class_type", "inputs", "0"]
)
_TEXT = _WORDS | st.text(max_size=6)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**15) | st.floats() | _TEXT,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(_KEYS | _TEXT, parts, max_size=3),
    max_leaves=6,
)


@dataclass(frozen=True)
class Case:
    """A rule and its input for each number of units."""

    rule: str
    unit: str
    call: Callable[[Any], object]
    grown: Callable[[int], Any]

    def of(self, count: int) -> Callable[[], object]:
        value = self.grown(count)
        return lambda: self.call(value)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    if draw(st.booleans()):
        name = draw(st.sampled_from(sorted(TEXT_RULES)))
        before, unit, after = draw(_TEXT), draw(_TEXT.filter(len)), draw(_TEXT)
        shown = f"{before!r} + {unit!r} * n + {after!r}"
        return Case(name, shown, TEXT_RULES[name], lambda n: before + unit * n + after)
    name = draw(st.sampled_from(sorted(_VALUE_RULES)))
    part = draw(_JSON)
    grown: dict[str, Callable[[int], Any]] = {
        f"[{part!r}] * n": lambda n: [part] * n,
        f"n fields of {part!r}": lambda n: {f"{number}": part for number in range(n)},
        f"a list of n fields of {part!r}": lambda n: [{f"{number}": part for number in range(n)}],
        f"field with [{part!r}] * n": lambda n: {"0": {"inputs": [part] * n, "errors": [part] * n}},
        "digits": lambda n: 7 * 10**n,
    }
    shown = draw(st.sampled_from(list(grown)))
    return Case(name, shown, _VALUE_RULES[name], grown[shown])


def lines_of(call: Callable[[], object]) -> int:
    """How many lines of Python run."""
    count = 0

    def count_lines(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return count_lines

    with _traced_by(count_lines), suppress(Exception):  # a clear error is a good end, too
        call()
    return count


@contextmanager
def _traced_by(function: Callable[[FrameType, str, Any], Any]) -> Iterator[None]:
    before = sys.gettrace()
    sys.settrace(function)
    try:
        yield
    finally:
        sys.settrace(before)


def lines_per_unit(case: Case, sizes: tuple[int, ...] = COUNTED_SIZES) -> list[float]:
    with suppress(Exception):  # modules are imported by the first call, caches filled
        case.of(sizes[0])()
    return [lines_of(case.of(size)) / size for size in sizes]


def is_flat(per_unit: list[float]) -> bool:
    *_, middle, last = per_unit
    return last <= max(FEW_LINES, 2 * middle)


def main() -> None:
    """Print the row of each measure, and the cases that are not flat."""
    for title, problem_of in {"lines": _lines_problem, "time": _time_problem}.items():
        found = [problem_of(case) for case in drawn_cases(1000)]
        problems = [problem for problem in found if problem]
        print(f"made-up inputs that grow, {title} | {len(found)} | {len(found) - len(problems)}")
        for problem in problems[:5]:
            print("   ", problem)


def drawn_cases(count: int) -> list[Case]:
    drawn: list[Case] = []
    quietly = settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    quietly(given(case=cases())(lambda case: drawn.append(case)))()
    return drawn


def _lines_problem(case: Case) -> str | None:
    per_unit = lines_per_unit(case)
    return None if is_flat(per_unit) else f"{case.rule}: {case.unit}: {per_unit} lines per unit"


def _time_problem(case: Case) -> str | None:
    found = growth_of(case.rule, case.of, TIMED_SIZE)
    return None if found.is_flat else f"{case.rule}: {case.unit}: {found.seconds} s"


if __name__ == "__main__":
    main()
