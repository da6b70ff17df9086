"""Workflows of the editor, and node classes, that multiply: a graph or a refusal in bounded time.

`python -m tests.attacks.hostile_conversions` tries larger ones, and any values in any place.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from time import process_time
from typing import Any

from comfy_cloud import ConfigurationError, convert_workflow
from tests.unit.workflows.conversion.classes import known_classes
from tests.unit.workflows.conversion.test_edge_cases import CASES

Document = dict[str, Any]
Hostile = tuple[Document, Document]
# What the slowest may take on a slow machine; it would be minutes, hours or more without a bound.
MOST_SECONDS = 30.0
VALUES: list[Any] = [
    None, True, 0, -1, 4, 2, 2**53, 2**70, 10**400, 1e308, 1e-320, float("nan"), float("inf"), "", "x",
    "\ud800", "__proto__", "constructor", "-1", "-10", "-20", [], {}, [[]], [None], {"a": 1}, "*", [[1, 0]],
    "KSampler", "Reroute", "PrimitiveNode", "workflow>x", "1:2", ["a", "b"], "INT", "COMBO",
    "COMFY_AUTOGROW_V3", "COMFY_DYNAMICCOMBO_V3", "COMFY_MATCHTYPE_V3", (1, 2), "9" * 5000, b"x", {1: 2},
    "%date:yyyy%", "{a|{b|c}}", "%A.b%", "1e999",
]  # fmt: skip
CLASSES: Document = {
    "Text": {
        "input": {"required": {"text": ["STRING", {"dynamicPrompts": True}], "model": ["MODEL"]}},
        "output": ["MODEL"],
    },
    "SaveImage": {"input": {"required": {"filename_prefix": ["STRING", {}]}}, "output": []},
    "CustomCombo": {"input": {"required": {"choice": ["COMBO", {"options": []}]}}, "output": ["STRING"]},
}


def node(id: object, type: str, values: Any = None, **more: Any) -> Document:
    return {"id": id, "type": type, "inputs": [], "outputs": [], "widgets_values": values, **more}


def slot(name: str, link: int | None = None, **more: Any) -> Document:
    return {"name": name, "type": "*", "link": link, **more}


def workflow(nodes: list[Any], links: list[Any] | None = None, **more: Any) -> Document:
    return {"version": 0.4, "nodes": nodes, "links": links or [], **more}


def within(nodes: list[Any], *inner: Document) -> Document:
    """A workflow whose subgraph has these nodes."""
    definition = {"id": "s", "name": "s", "nodes": list(inner), "links": [], "inputs": [], "outputs": []}
    return workflow(nodes, definitions={"subgraphs": [definition]})


def growing(depth: int, names: int = 1) -> Document:
    """A class with groups that grow in one another."""
    type: list[Any] = ["IMAGE"]
    for _ in range(depth):
        inputs = {"required": {f"v{at}": type for at in range(names)}}
        type = ["COMFY_AUTOGROW_V3", {"template": {"input": inputs, "prefix": "v", "min": 100}}]
    return {"Grow": {"input": {"required": {"a": type}}, "output": []}}


def chain(n: int, type: str, mode: int) -> Document:
    """Many nodes that use the end of one long chain."""
    half = n // 2
    links: list[Any] = [[at, at, 0, at + 1, 0, "*"] for at in range(1, half)]
    links += [[10**6 + at, half, 0, half + at, 0, "*"] for at in range(1, half)]
    passing = [
        node(at, type, mode=mode, inputs=[slot("", at - 1 or None)], outputs=[{"type": "*", "links": [at]}])
        for at in range(1, half + 1)
    ]
    passing[-1]["outputs"][0]["links"] = [10**6 + at for at in range(1, half)]
    users = [node(half + at, "Other", inputs=[slot("a", 10**6 + at)]) for at in range(1, half)]
    return workflow([*passing, *users], links)


def groups(n: int) -> Document:
    """Group nodes of group nodes of group nodes."""
    made: Document = {"g0": {"nodes": [{"type": "Text"}] * n, "links": []}}
    for at in (1, 2):
        made[f"g{at}"] = {"nodes": [{"type": f"workflow>g{at - 1}"}] * n, "links": []}
    return workflow([node(at, "workflow>g2") for at in range(n)], extra={"groupNodes": made})


def one_to_one(n: int, *, is_named: bool) -> Document:
    """One node with many inputs, all connected."""
    ids = list(range(1, n + 1))
    inputs = [slot(f"a{at}", at if is_named else None) for at in ids]
    links = [[at, 1, 0, 2, at - 1, "*"] for at in ids]
    origin = node(1, "Other", outputs=[{"name": "o", "type": "*", "links": ids if is_named else []}])
    return workflow([origin, node(2, "Other", inputs=inputs)], links)


def wide(n: int) -> Document:
    inputs = {f"a{at}": ["INT", {}] for at in range(n)}
    return {"Wide": {"input": {"required": inputs}, "output": []}}


# Each makes a workflow and node classes of a size.
SHAPES: dict[str, Callable[[int], Hostile]] = {
    "comments without end": lambda n: (workflow([node(1, "Text", ["/*" * n])]), CLASSES),
    "open braces": lambda n: (workflow([node(1, "Text", ["{" * n])]), CLASSES),
    "a long text in many names": lambda n: (
        workflow([node(1, "SaveImage", ["%A.text%" * n]), node(2, "Text", ["x" * 8 * n], title="A")]),
        CLASSES,
    ),
    "inputs without widgets": lambda n: (
        workflow([node(1, "Text", inputs=[slot(f"a{k}", widget={"name": f"b{k}"}) for k in range(n)])]),
        CLASSES,
    ),
    "many links to one node": lambda n: (one_to_one(n, is_named=True), CLASSES),
    "many links of the table": lambda n: (one_to_one(n, is_named=False), CLASSES),
    "many users of a chain of reroutes": lambda n: (chain(n, "Reroute", 0), CLASSES),
    "many users of a bypassed chain": lambda n: (chain(n, "Other", 4), CLASSES),
    "many choices": lambda n: (
        workflow([node(1, "CustomCombo", ["a", 0, *(f"o{k}" for k in range(n))])]),
        CLASSES,
    ),
    "groups in groups": lambda n: (groups(max(n // 20, 50)), CLASSES),
    "long ids of hosts": lambda n: (
        within([node("h" * 100 * n, "s")], *(node(k, "Other") for k in range(n))),
        CLASSES,
    ),
    "long values in many hosts": lambda n: (
        within([node(k, "s") for k in range(n)], node(10**7, "Text", [[1] * n])),
        CLASSES,
    ),
    "one id of many nodes": lambda n: (
        workflow(
            [node(7, "Other", outputs=[{"type": "*", "links": [k]}]) for k in range(n)],
            [[k, 7, 0, 7, 0, "*"] for k in range(n)],
        ),
        CLASSES,
    ),
    "many values of an unknown class in many hosts": lambda n: (
        within([node(k, "s") for k in range(max(n // 80, 1))], node(10**7, "Unknown", list(range(n)))),
        CLASSES,
    ),
    "groups that grow in one another": lambda n: (workflow([node(1, "Grow")]), growing(4)),
    "a group that grows widely": lambda n: (workflow([node(1, "Grow")]), growing(1, n)),
    "many nodes of a wide class": lambda n: (workflow([node(k, "Wide") for k in range(n)]), wide(n)),
    "types of many names": lambda n: (
        workflow(
            [
                node(1, "Other", outputs=[{"type": ",".join(f"a{k}" for k in range(n)), "links": [1]}]),
                node(2, "Other", mode=4, inputs=[slot("a", 1)], outputs=[{"type": "b,c", "links": [2]}]),
                node(3, "Other", inputs=[slot("m", 2, type=",".join(f"b{k}" for k in range(n)))]),
            ],
            [[1, 1, 0, 2, 0, "*"], [2, 2, 0, 3, 0, "*"]],
        ),
        CLASSES,
    ),
    "many unknown classes": lambda n: (
        workflow([node(k, f"Unknown class {k}") for k in range(n)]),
        {f"Unknown class {k}x": {"input": {}} for k in range(n)},
    ),
}


@dataclass
class ConversionReport:
    """What became of the tries."""

    tries: int = 0
    refused: int = 0
    failures: list[str] = field(default_factory=list)

    def attempt(self, name: str, ui: Document, classes: Document, *, strict: bool = False) -> None:
        """Convert; anything but a graph or a ConfigurationError in time is a failure."""
        self.tries += 1
        started = process_time()
        try:
            found = convert_workflow(ui, classes, strict=strict, now=datetime(2026, 11, 1), random=_half)
            texts = found.warnings
        except ConfigurationError as error:
            self.refused += 1
            texts = [str(error)]
        except Exception as error:  # noqa: BLE001 - whatever is raised is judged
            self.failures.append(f"{name}: {type(error).__name__}: {error}"[:200])
            return
        seconds = process_time() - started
        if seconds > MOST_SECONDS:
            self.failures.append(f"{name}: {seconds:.0f} s")
        if any(ord(character) < 32 for text in texts for character in text):
            self.failures.append(f"{name}: a control character in {texts!r}"[:200])


def _half() -> float:
    return 0.5


def replaced(chance: random.Random) -> Iterator[tuple[str, Document, Document]]:
    """Recorded workflows and their node classes with other values in some places, without end."""
    known = known_classes()
    while True:
        name = chance.choice(sorted(CASES))
        ui = copy.deepcopy(CASES[name]["ui"])
        words = repr(ui)
        classes = {key: copy.deepcopy(value) for key, value in known.items() if repr(key) in words}
        for document in (ui, classes):
            for _ in range(chance.randint(0, 3)):
                _replace(document, chance)
        yield name, ui, classes


def _replace(document: Any, chance: random.Random) -> None:
    """Put another value somewhere: deeper with each step."""
    while isinstance(document, (dict, list)) and document:
        key = chance.choice(list(document) if isinstance(document, dict) else range(len(document)))
        below = document[key]
        if not isinstance(below, (dict, list)) or not below or chance.random() < 0.1:
            document[key] = copy.deepcopy(chance.choice(VALUES))
            return
        document = below


def main() -> None:
    """All shapes, and any values; print the rows."""
    shapes, values = ConversionReport(), ConversionReport()
    for name, make in SHAPES.items():
        for size in (1_000, 8_000, 40_000):
            shapes.attempt(f"{name}, {size}", *make(size))
    source = replaced(random.Random(1))
    for number in range(10_000):
        values.attempt(*next(source), strict=number % 3 == 0)
    for title, report in {"multiplying workflows": shapes, "values in workflows": values}.items():
        print(f"{title} | {report.tries} | {report.tries - len(report.failures)}")
        for failure in report.failures[:20]:
            print(f"  {failure!a}")


if __name__ == "__main__":
    main()
