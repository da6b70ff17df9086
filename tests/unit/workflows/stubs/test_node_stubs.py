"""The modules that `node_stubs` writes: what is in them, and that nothing of a server is code."""

from __future__ import annotations

import ast
import inspect
import json
from typing import Any

import pytest

import comfy_cloud
from comfy_cloud import ConfigurationError, Workflow, graph_builder, node_stubs
from comfy_cloud._workflows.node_catalogue import NodeCatalogue
from comfy_cloud._workflows.validation import validate
from comfy_cloud_emulator.nodes.catalogue import catalogue

from .modules import graph_of, imported, node_classes
from .odd_classes import ATTACK, ATTACKING, ODD, TYPING, made_modules, node, required

CLASSES = catalogue().object_info()


@pytest.mark.parametrize("name", made_modules())
def test_the_modules_that_type_checkers_see_are_made_anew(name: str) -> None:
    made = made_modules()[name]
    advice = "run python -m tests.unit.workflows.stubs.odd_classes, and make types"
    assert (TYPING / f"{name}.py").read_text(encoding="utf-8") == made, advice


@pytest.mark.parametrize("optional", [False, True])
def test_every_node_of_the_emulator_is_one_that_validation_accepts(optional: bool) -> None:
    module = imported(node_stubs(CLASSES))
    made = set()
    for name, kind in node_classes(module).items():
        graph, sources = graph_of(kind, module, optional=optional)
        made.add(list(graph.values())[-1]["class_type"])
        assert Workflow(graph).graph == graph.to_dict()
        found = [each for each in validate(graph, {**CLASSES, **sources}) if each.kind != "no_output"]
        assert found == [], name
    assert made == CLASSES.keys()


@pytest.mark.parametrize("optional", [False, True])
def test_nodes_of_odd_classes_are_what_validation_accepts(optional: bool) -> None:
    module = imported(node_stubs(ODD))
    made = set()
    for name, kind in node_classes(module).items():
        graph, sources = graph_of(kind, module, optional=optional)
        made.add(list(graph.values())[-1]["class_type"])
        found = [each for each in validate(graph, {**ODD, **sources}) if each.kind != "no_output"]
        expected = {"Choices": ["not_in_list", "not_in_list"]}  # an empty list; "a" for 0.5
        assert [each.kind for each in found] == expected.get(name, []), found
    assert made == ODD.keys()


# Attacks


def test_nothing_that_a_server_says_is_code() -> None:
    """The module has the syntax of one with harmless texts: only names and constants differ."""
    harmless = json.loads(json.dumps(ATTACKING).replace(json.dumps(ATTACK)[1:-1], "text"))
    assert "text" in harmless
    hostile, plain = (ast.parse(node_stubs(classes)) for classes in (ATTACKING, harmless))
    assert shape(hostile) == shape(plain)


def shape(tree: ast.AST) -> list[str]:
    """The kinds of the nodes of a syntax tree, in order, and what is imported and called."""
    found = []
    for each in ast.walk(tree):
        called = ast.unparse(each.func) if isinstance(each, ast.Call) else ""
        names = [alias.name for alias in each.names] if isinstance(each, (ast.Import, ast.ImportFrom)) else []
        found.append(f"{type(each).__name__} {called} {names}")
    return found


def test_hostile_texts_arrive_in_the_graph_as_they_are() -> None:
    module = imported(node_stubs(ATTACKING, source=ATTACK))
    (kind,) = node_classes(module).values()
    graph, _ = graph_of(kind, module, optional=False)
    written = list(graph.values())[-1]
    assert written["class_type"] == ATTACK
    assert written["inputs"][f"a{ATTACK}"] == ATTACK
    assert written["inputs"][f"d{ATTACK}"] == {ATTACK: [ATTACK, {}]}
    full, _ = graph_of(kind, module, optional=True)
    assert {f"e{ATTACK}.{ATTACK}0", f"f{ATTACK}.{ATTACK}"} <= list(full.values())[-1]["inputs"].keys()
    assert written["inputs"][f"g{ATTACK}"] == f"h{ATTACK}"
    assert 'x"""); import os' in (kind.__doc__ or "")


@pytest.mark.parametrize(
    "text", ["\ud800", "\0", "\n", "\\", '"""', "#", "\u2028", "x" * 100_000, "\\N{DIGIT ONE}"]
)
def test_single_hostile_texts(text: str) -> None:
    declared = node(
        input=required(**{text: [text, {"tooltip": text}], "a": [[text], {"default": text}]}),
        output=[text, [text]],
        output_name=[text, text],
        description=text,
        category=text,
        display_name=text,
    )
    written = node_stubs({text: declared}, source=text)
    assert written.isascii()
    module = imported(written)
    (kind,) = node_classes(module).values()
    link = graph_builder.UntypedNode("A", {}).outputs[0]
    (python, _) = inspect.signature(kind).parameters
    made = kind(**{python: link, "a": text})  # type: ignore[call-arg]
    assert [*graph_builder.Graph(made).values()][-1] == {
        "class_type": text, "inputs": {text: ["1", 0], "a": text}
    }  # fmt: skip


def test_deep_and_endless_declarations() -> None:
    option: dict[str, Any] = {"key": "a", "inputs": {}}
    for _ in range(50):
        option = {"key": "a", "inputs": required(x=["COMFY_DYNAMICCOMBO_V3", {"options": [option]}])}
    deep = {"Deep": node(input=required(x=["COMFY_DYNAMICCOMBO_V3", {"options": [option]}]))}
    assert node_stubs(deep).count("class X") == 12


# What is in a module


def test_the_same_classes_in_any_order_give_the_same_text() -> None:
    text = node_stubs(CLASSES)
    assert node_stubs(dict(reversed(CLASSES.items()))) == text
    assert node_stubs(NodeCatalogue.from_bytes(json.dumps(CLASSES).encode())) == text
    assert node_stubs(NodeCatalogue(CLASSES)) == text


def test_the_first_lines() -> None:
    first, *_ = node_stubs(CLASSES, classes=["KSampler", "KSampler"], source="cloud.example").splitlines()
    count = len(CLASSES)
    maker = f"# Made by `comfy-cloud nodes stubs`, version {comfy_cloud.__version__}; "
    assert first == f"{maker}node classes: 1 of {count} of cloud.example."


def test_classes_are_selected_by_name() -> None:
    module = imported(node_stubs(CLASSES, classes=["VAEDecode", "KSampler"]))
    assert list(node_classes(module)) == ["KSampler", "VAEDecode"]
    assert list(node_classes(imported(node_stubs(CLASSES, classes="KSampler")))) == ["KSampler"]
    # Which types have widgets is decided by all classes.
    assert "vae: VAE,\n" in node_stubs(CLASSES, classes=["VAEDecode"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": ["KSamplr"]}, "no node class 'KSamplr' among these; did you mean KSampler"),
        ({"classes": []}, "There are no node classes to write"),
        ({"max_choices": -1}, "max_choices must be 0 or more, not -1"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        node_stubs(CLASSES, **arguments)


def test_what_is_no_catalogue() -> None:
    with pytest.raises(ConfigurationError, match="no node classes to write"):
        node_stubs({"error": "not found", "code": 404})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("most", "annotation"),
    [(11, "str | _g.Link[str]"), (12, "Many | _g.Link[str]"), (0, "str | _g.Link[str]")],
)
def test_long_lists_of_choices_take_any_text(most: int, annotation: str) -> None:
    text = node_stubs(ODD, max_choices=most)
    assert f"        many: {annotation},\n" in text


def test_thousands_of_models_and_classes_take_little_room() -> None:
    models = [f"folder/model-{number}.safetensors" for number in range(2000)]
    declared = node(input=required(name=[models]))
    classes = {f"Loader{number}": declared for number in range(50)}
    assert len(node_stubs(classes)) < 20_000
    # One name for equal lists.
    assert node_stubs(classes, max_choices=2000).count("model-7.safetensors") == 1


def test_documentation_names_limits_and_states() -> None:
    module = imported(node_stubs(ODD, classes=["Optional"]))
    assert inspect.getdoc(module.Optional) == (
        "Optional. A partner service, billed by use. Deprecated. Experimental.\n\n"
        "Args:\n    steps: How many. From 1 to 9."
    )
