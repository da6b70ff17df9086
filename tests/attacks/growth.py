"""Feed every pure rule with inputs that grow, and find those whose time grows faster than they.

`python -m tests.attacks.growth` prints the rules. Time is that of the processor; a rule is measured
at n, 4n and 16n, and again when it looks bad, so that a busy machine does not decide.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from time import process_time
from types import SimpleNamespace
from typing import Any

from comfy_cloud._errors.bodies import ErrorBody, by_node, message_in, node_reasons
from comfy_cloud._errors.from_response import error_from_response
from comfy_cloud._errors.job_errors import job_failed_from
from comfy_cloud._errors.redaction import clean, one_line, redact, redact_key, redact_text
from comfy_cloud._files.byte_ranges import content_info
from comfy_cloud._files.file_types import split_name
from comfy_cloud._files.names import NameTemplate, distinct, safe_name
from comfy_cloud._http.content_decoding import BodyDecoder, only_accepted
from comfy_cloud._http.custom_request import custom_request
from comfy_cloud._http.response_shapes import seen_in
from comfy_cloud._jobs.comfy_history import ComfyHistoryWalk
from comfy_cloud._jobs.entries import ComfyHistoryEntry
from comfy_cloud._jobs.event_reader import SeenEvents, read_event
from comfy_cloud._jobs.events import JobStarted
from comfy_cloud._jobs.job_filter import in_order
from comfy_cloud._jobs.outputs import find_outputs, find_preview, find_texts
from comfy_cloud._jobs.queue_items import entries_of, read_queue
from comfy_cloud._jobs.states import status_from_history, status_from_word, timeline
from comfy_cloud._lenient import id_in, ids_in, media_type_in, number_in
from comfy_cloud._settings.fields import base_url_from, secret_from
from comfy_cloud._settings.origins import origin_of
from comfy_cloud._submission.graph_identity import exact_digest, graph_digest, is_same_graph
from comfy_cloud._workflows.loading import load_graph
from comfy_cloud._workflows.local_files import files_in
from comfy_cloud._workflows.near_names import nearest
from comfy_cloud._workflows.validation import validate
from comfy_cloud._workflows.workflow import Workflow
from comfy_cloud.asset_filters import hash_text, tag_list
from comfy_cloud.hashing import hash_hex, hash_in_name
from comfy_cloud.pages import CursorWalk, OffsetWalk
from comfy_cloud.times import epoch_ms, parse_instant, parse_when, retry_after_seconds

NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEY = "comfyui-0123456789abcdef"
SMALLEST = 1000
# Times below this are noise, of which nothing can be said.
NOISE = 0.02
# What four times the input may take: four times, a little for logarithms and caches, and noise.
ALLOWED = 7.0

# Text of n characters that a careless rule could stumble over.
TEXTS: dict[str, Callable[[int], str]] = {
    "letters": lambda n: "a" * n,
    "digits": lambda n: "9" * n,
    "spaces": lambda n: " " * n,
    "a word after spaces": lambda n: " " * n + "x",
    "line breaks": lambda n: "a\n" * (n // 2),
    "quotes": lambda n: "'\"" * (n // 2),
    "backslashes": lambda n: "\\" * n,
    "open brackets": lambda n: "[" * n,
    "braces": lambda n: "{}" * (n // 2),
    "slashes": lambda n: "/" * n,
    "dots": lambda n: "." * n,
    "commas": lambda n: "," * n,
    "signs": lambda n: "-+" * (n // 2),
    "per cent": lambda n: "%" * n,
    "keys cut short": lambda n: "comfyui-" * (n // 8),
    "bearers": lambda n: "bearer " * (n // 7),
    "secret fields": lambda n: '"token": "' * (n // 10),
    "secret parameters": lambda n: "?api_key=" * (n // 9),
    "wide characters": lambda n: "\uff41" * n,
    "combining marks": lambda n: "a" + "\u0301" * n,
    "surrogates": lambda n: "\ud800" * n,
    "times": lambda n: "2026-11-01T00:00:00" * (n // 19),
    "numbers and words": lambda n: "1 day " * (n // 6),
}
TEXT_RULES: dict[str, Callable[[str], object]] = {
    "parse_instant": parse_instant,
    "epoch_ms": epoch_ms,
    "parse_when": lambda text: parse_when(text, NOW, UTC),
    "retry_after_seconds": lambda text: retry_after_seconds(text, NOW),
    "safe_name": safe_name,
    "split_name": split_name,
    "NameTemplate": lambda text: NameTemplate(text).path_for({}),
    "redact_text": redact_text,
    "redact_key": lambda text: redact_key(text.encode("utf-8", "replace"), KEY),
    "clean": clean,
    "one_line": lambda text: one_line(text, 200),
    "ErrorBody": lambda text: ErrorBody(text, 500),
    "error_from_response": lambda text: str(
        error_from_response(
            status=400,
            headers={"retry-after": text, "x-request-id": text, "date": text, "content-type": text},
            body=json.dumps({"error": {"message": text, "type": text}, "details": text}).encode(),
            method="GET",
            path="/a",
        )
    ),
    "an error page": lambda text: error_from_response(
        status=502, headers={}, body=text.encode("utf-8", "replace"), method="GET", path="/a"
    ),
    "job_failed_from": lambda text: str(
        job_failed_from("a", {"exception_message": text, "traceback": [text]})
    ),
    "content_info": lambda text: content_info(206, {"content-range": text, "etag": text}, 0),
    "content_info, length": lambda text: content_info(200, {"content-length": text}, 0),
    "media_type_in": media_type_in,
    "id_in": id_in,
    "number_in": number_in,
    "status_from_word": status_from_word,
    "read_event": lambda text: read_event(json.dumps({"type": text, "data": {"node": text}})),
    "read_event, damaged": read_event,
    "custom_request": lambda text: custom_request("GET", "/" + text, params={"a": text}),
    "base_url_from": lambda text: base_url_from("https://" + text),
    "origin_of": lambda text: origin_of("https://" + text),
    "secret_from": lambda text: secret_from(text, "key"),
    "load_graph": load_graph,
    "hash_hex": hash_hex,
    "hash_in_name": hash_in_name,
    "hash_text": hash_text,
    "nearest": lambda text: nearest(text, ["KSampler", "SaveImage"]),
    "seen_in": seen_in,
    "BodyDecoder": lambda text: BodyDecoder(text, None),
    "only_accepted": lambda text: only_accepted([(b"Accept-Encoding", text.encode("utf-8", "replace"))]),
}


def _graph(n: int) -> dict[str, Any]:
    """A chain of n nodes."""
    nodes: dict[str, Any] = {"0": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}}
    for number in range(1, n):
        inputs = {"images": [f"{number - 1}", 0], "text": "./a"}
        nodes[f"{number}"] = {"class_type": "SaveImage", "inputs": inputs, "_meta": {"title": "same"}}
    return nodes


def _entry(number: int) -> ComfyHistoryEntry:
    status = {"status_str": "success", "completed": True, "messages": []}
    return ComfyHistoryEntry(
        f"{number}", {"prompt": [number, f"{number}", {}, {}, []], "outputs": {}, "status": status}
    )


def _waiting_entries(n: int) -> None:
    """Windows of two jobs that had all waited at the same time."""
    walk, latest = ComfyHistoryWalk(2), 2 * n - 2
    while (query := walk.next_request()) is not None:
        start = latest if query.offset is None else query.offset
        end = min(start + (query.max_items or 0), 2 * n)
        walk.feed([_waiting_entry(number) for number in range(start, end)])


def _waiting_entry(number: int) -> Any:
    ended = datetime(2026, 11, 1, 12, tzinfo=UTC)
    return SimpleNamespace(id=number, created_ms=number, finished_at=ended)


def _outputs(n: int) -> dict[str, Any]:
    return {f"{number}": {"images": [{"filename": "a.png"}], "text": ["same"]} for number in range(n)}


def _offset_walk(n: int) -> None:
    walk = OffsetWalk[int](200, identity=str, instant=lambda number: -float(number))
    while (request := walk.next_request()) is not None:
        walk.feed(range(n)[request[0] : request[0] + request[1]])


def _one_page(n: int) -> None:
    walk = OffsetWalk[int](n, identity=str, instant=lambda number: None)
    walk.feed(range(n))


def _cursor_walk(n: int) -> None:
    walk = CursorWalk[int]("GET /a", identity=str)
    for number in range(n // 10):
        walk.feed([number], f"{number}", True)


def _seen_events(n: int) -> None:
    seen = SeenEvents()
    for number in range(n):
        seen.is_repeat(JobStarted(type="execution_start", job_id=f"{number}"))


def _inputs(n: int) -> None:
    workflow = Workflow.load(_graph(n))
    workflow.set_inputs({f"{number}.text": "b" for number in range(1, n)})


def _bad_links(n: int) -> dict[str, Any]:
    return {f"{number}": {"class_type": "A", "inputs": {"a": ["none", 0]}} for number in range(n)}


# Rules for lists and objects of n parts.
_LIST_RULES: dict[str, Callable[[int], object]] = {
    "distinct, equal names": lambda n: distinct([PurePath("a.png")] * n),
    "distinct, taken names": lambda n: distinct(
        [PurePath(f"a_{number}.png") for number in range(n)] + [PurePath("a.png")] * n
    ),
    "distinct, other case": lambda n: distinct([PurePath("a.png"), PurePath("A.PNG")] * (n // 2)),
    "redact": lambda n: redact([{"token": "a", "b": ["c"]}] * n),
    "redact, many fields": lambda n: redact({f"field {number}": "a" for number in range(n)}),
    "message_in": lambda n: message_in([{"message": "a"}] * n),
    "by_node": lambda n: by_node([{"node_id": number} for number in range(n)]),
    "node_reasons": lambda n: list(node_reasons({f"{number}": {"errors": [{}]} for number in range(n)})),
    "an error with many nodes": lambda n: str(
        error_from_response(
            status=400,
            headers={},
            body=json.dumps(
                {"node_errors": {f"{k}": {"errors": [{"message": "a"}]} for k in range(n)}}
            ).encode(),
            method="GET",
            path="/a",
        )
    ),
    "find_outputs": lambda n: find_outputs(_outputs(n)),
    "find_texts": lambda n: find_texts(_outputs(n)),
    "find_preview": lambda n: find_preview({"filename": "a", "more": ["b"] * n}),
    "ids_in": lambda n: ids_in([f"{number}" for number in range(n)]),
    "timeline": lambda n: timeline({"messages": [["execution_start", {"timestamp": 1}]] * n}),
    "status_from_history": lambda n: status_from_history({"messages": [["x", {}]] * n}),
    "read_queue": lambda n: entries_of(
        read_queue([], [[number, f"{number}", {}, {}, []] for number in range(n)])
    ),
    "in_order": lambda n: in_order({"sort_by": "create_time", "sort_order": "asc"}, map(_entry, range(n))),
    "ComfyHistoryWalk": lambda n: ComfyHistoryWalk(n).feed([_entry(number) for number in range(n)]),
    "ComfyHistoryWalk, waiting": _waiting_entries,
    "seen_in": lambda n: seen_in({f"{number}": [number] for number in range(n)}),
    "tag_list": lambda n: tag_list("tags", [f"{number}" for number in range(n)]),
    "graph_digest": lambda n: graph_digest(_graph(n)),
    "exact_digest": lambda n: exact_digest(_graph(n)),
    "is_same_graph": lambda n: is_same_graph(_graph(n), _graph(n)),
    "load_graph": lambda n: load_graph(_graph(n)),
    "load_graph, bad links": lambda n: load_graph(_bad_links(n)),
    "load_graph, text": lambda n: load_graph(json.dumps(_graph(n))),
    "set_inputs": _inputs,
    "files_in": lambda n: files_in(_graph(n)),
    "validate": lambda n: validate(_graph(n), {}),
    "validate, one class": lambda n: validate(
        _graph(n), {"SaveImage": SimpleNamespace(input={"required": {"images": ["IMAGE"]}}, output=["IMAGE"])}
    ),  # type: ignore[dict-item]
    "nearest": lambda n: nearest("KSampler", [f"KSampler {number}" for number in range(n)]),
    "OffsetWalk": lambda n: _offset_walk(20 * n),
    "OffsetWalk, one page": _one_page,
    "CursorWalk": _cursor_walk,
    "SeenEvents": _seen_events,
    "NameTemplate": lambda n: NameTemplate("{name}" * n).path_for({"name": "a"}),
}


@dataclass(frozen=True)
class Growth:
    """The seconds that a rule took for inputs of the sizes n, 4n and 16n."""

    rule: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]

    @property
    def is_flat(self) -> bool:
        """Whether the time per item stays flat, as far as it can be told from noise."""
        first, second, third = self.seconds
        return third < NOISE or third <= ALLOWED * max(second, NOISE / 16) or third <= 4 * ALLOWED * first


def rules() -> Iterator[tuple[str, Callable[[int], Callable[[], object]]]]:
    """Every rule with every input that it can have, by name."""
    for name, rule in TEXT_RULES.items():
        for shape, text in TEXTS.items():
            yield f"{name}: {shape}", lambda n, rule=rule, text=text: _call(rule, text(n))  # type: ignore[misc]
    for name, make in _LIST_RULES.items():
        yield f"{name}: list", lambda n, make=make: _call(make, n)  # type: ignore[misc]


def _call(rule: Callable[[Any], object], value: Any) -> Callable[[], object]:
    return lambda: rule(value)


def growth_of(name: str, make: Callable[[int], Callable[[], object]], smallest: int = SMALLEST) -> Growth:
    """Measure a rule, and again when its time does not look flat."""
    sizes = (smallest, 4 * smallest, 16 * smallest)
    found = Growth(name, sizes, tuple(_seconds(make(size)) for size in sizes))
    for _ in range(3):
        if found.is_flat:
            break
        again = tuple(_seconds(make(size)) for size in sizes)
        found = Growth(name, sizes, tuple(map(min, found.seconds, again)))
    return found


def _seconds(call: Callable[[], object]) -> float:
    gc.disable()  # it runs more often and longer the more objects there are
    try:
        started = process_time()
        with suppress(Exception):  # a clear error is a good end, too
            call()
        return process_time() - started
    finally:
        gc.enable()


def main() -> None:
    """Print a row for each rule that grows too fast, and one for all."""
    found = [growth_of(name, make) for name, make in rules()]
    bad = [growth for growth in found if not growth.is_flat]
    print(f"inputs that grow | {len(found)} | {len(found) - len(bad)}")
    for growth in bad:
        times = ", ".join(
            f"{size}: {taken:.3f} s" for size, taken in zip(growth.sizes, growth.seconds, strict=True)
        )
        print(f"    {growth.rule}: {times}")


if __name__ == "__main__":
    main()
