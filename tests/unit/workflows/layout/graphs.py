"""Random graphs of the classes that these tests know, with every input that the editor sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.unit.workflows.conversion.classes import LETTERS, known_classes

TEXTS = st.text("ab {}|/*%\nü\U0001f600\"'<&", max_size=12)
INTEGERS = st.one_of(st.integers(-5, 5000), st.just(2**64 - 1), st.just(2**53 + 1))
FLOATS = st.floats(-100, 100, allow_nan=False)
BOX = {"x": 1, "y": 2, "width": 30, "height": 40}
CURVE = {"__type__": "CURVE", "__value__": [[0, 0], [0.5, 0.25], [1, 1]]}
# What the editor adds to a class on its own.
ADDED: dict[str, dict[str, Any]] = {"SaveGLB": {"image": ""}, "Preview3D": {"image": ""}}
# A value of each type that has a widget. Of an image comparison, the editor always sends the same.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "INT": INTEGERS,
    "FLOAT": FLOATS,
    "BOOLEAN": st.booleans(),
    "STRING": TEXTS,
    "COLOR": st.just("#00ff7f"),
    "CURVE": st.just(CURVE),
    "BOUNDING_BOX": st.just(BOX),
    "IMAGECOMPARE": st.just({"__value__": ["", ""]}),
}
CLASSES = sorted(known_classes())


class Outputs:
    """The outputs of the nodes that were drawn already, by type."""

    def __init__(self) -> None:
        self._by_type: dict[str, list[list[Any]]] = {}

    def add(self, id: str, class_type: str) -> None:
        for slot, type in enumerate(known_classes()[class_type].get("output", ())):
            self._by_type.setdefault(str(type), []).append([id, slot])

    def of(self, types: str) -> list[list[Any]]:
        listed = [link for type in types.split(",") for link in self._by_type.get(type, ())]
        return [link for found in self._by_type.values() for link in found] if types == "*" else listed


NUMBERS = st.integers(0, 300).map(str)
# Of the paths, some contradict others: "12:3" is a node, or the host of "12:3:4".
PATHS = ["12:3", "12:3:4", "12:5", "13:5", "14:15:6", "14:7", "2:1", "12:007", "x:1"]
IDS = st.one_of(NUMBERS, st.sampled_from([*PATHS, "x", "007", "-1"]))


@st.composite
def graphs(draw: st.DrawFn, ids_from: st.SearchStrategy[str] = IDS) -> dict[str, Any]:
    count = draw(st.integers(1, 9))
    ids = draw(st.lists(ids_from, min_size=count, max_size=count, unique=True))
    outputs = Outputs()
    graph: dict[str, Any] = {}
    for id in ids:
        class_type = draw(st.sampled_from(CLASSES))
        inputs = dict(drawn_inputs(draw, known_classes()[class_type]["input"], "", outputs))
        title = draw(st.one_of(st.just(""), TEXTS))
        graph[id] = {"class_type": class_type, "inputs": inputs | ADDED.get(class_type, {})}
        if title:
            graph[id]["_meta"] = {"title": title}
        outputs.add(id, class_type)
    return graph


def drawn_inputs(
    draw: st.DrawFn, groups: dict[str, Any], prefix: str, outputs: Outputs
) -> Iterator[tuple[str, Any]]:
    declared = {**groups.get("required", {}), **groups.get("optional", {})}
    for name, (type, *rest) in declared.items():
        options = rest[0] if rest else {}
        path = f"{prefix}{name}"
        if type == "COMFY_DYNAMICCOMBO_V3":
            chosen = draw(st.sampled_from(options["options"]))
            yield path, chosen["key"]
            yield from drawn_inputs(draw, chosen["inputs"], f"{path}.", outputs)
        elif type == "COMFY_AUTOGROW_V3":
            ((inner, *_),) = options["template"]["input"]["required"].values()
            for letter in LETTERS[: draw(st.integers(0, 5))]:
                if links := outputs.of(inner):
                    yield f"{path}.{letter}", draw(st.sampled_from(links))
        elif isinstance(type, list) or type == "COMBO":
            choices = type if isinstance(type, list) else options.get("options", [])
            yield path, draw(st.sampled_from([*choices, "not listed.safetensors"]))
        else:
            links = outputs.of("IMAGE" if type == "COMFY_MATCHTYPE_V3" else type)
            has_widget = type in VALUES and not options.get("forceInput")
            if links and draw(st.sampled_from([True, not has_widget])):
                yield path, draw(st.sampled_from(links))
            elif has_widget:
                yield path, draw(VALUES[type])
