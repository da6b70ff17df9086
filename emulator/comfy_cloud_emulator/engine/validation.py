"""Checking a graph against the node catalogue, as a worker does before it runs one.

Finds which output nodes can run, and describes the errors of the others in ComfyUI's form. Files
that the graph names are checked only with a `file_check`; otherwise the node that needs a missing
file fails.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

from comfy_cloud_catalogue.declarations import COMBO, InputSpec, output_specs
from comfy_cloud_catalogue.dynamic import DYNAMIC_COMBO
from comfy_cloud_catalogue.value_types import WIDGET_TYPES, fits, have_common_type
from comfy_cloud_emulator.nodes.catalogue import Catalogue, Input, NodeClass
from comfy_cloud_emulator.state.json_values import Json, is_array, is_object

from .graph import dependents, in_cycles, in_order, link_of, reached, unwrapped

FileCheck = Callable[[NodeClass, Input, Any], Json | None]
"""Returns the error of a plain value that names a missing file, or None.

For servers that check files at submission.
"""

EXCEPTION: Final = "exception_during_validation"
"""The error of a node that a server cannot validate to the end."""


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """The result of a validation.

    - `targets`: the output nodes that can run
    - `error`: why none can, or None
    - `node_errors`: the errors by node id, also when other branches can run
    """

    targets: tuple[str, ...] = ()
    error: Json | None = None
    node_errors: Json = field(default_factory=dict[str, Any])

    @property
    def body(self) -> Json:
        """The refusal as a response body: `error` and `node_errors`."""
        return {"error": self.error, "node_errors": self.node_errors}


def refusal(type: str, message: str, details: str = "", **extra_info: Any) -> Json:
    """An `error` object."""
    return {"type": type, "message": message, "details": details, "extra_info": extra_info}


def check(
    graph: Json,
    catalogue: Catalogue,
    *,
    wanted: Collection[str] | None = None,
    run_unknown: bool = False,
    file_check: FileCheck | None = None,
) -> ValidationResult:
    """Validate a graph.

    `wanted` limits the run to these output nodes; `run_unknown` accepts unknown classes.
    """
    for node_id, node in graph.items():
        problem = _node_form(node_id, node, catalogue, run_unknown)
        if problem is not None:
            return ValidationResult(error=problem)
    outputs = [
        node_id
        for node_id, node in graph.items()
        if _saves(node, catalogue) and (wanted is None or node_id in wanted)
    ]
    if not outputs:
        return ValidationResult(error=refusal("prompt_no_outputs", "Prompt has no outputs"))
    return _judge(graph, catalogue, outputs, file_check)


def _judge(
    graph: Json, catalogue: Catalogue, outputs: list[str], file_check: FileCheck | None
) -> ValidationResult:
    needed = reached(graph, outputs)
    unordered = needed.difference(in_order(graph, needed))
    cycles = in_cycles(graph, unordered)
    problems: dict[str, list[Json]] = {}
    for node_id in [node_id for node_id in graph if node_id in needed]:
        found = _node_problems(node_id, graph, catalogue, file_check)
        if not found and node_id in cycles:
            found = [refusal("dependency_cycle", "The graph has a cycle", node_id)]
        if found:
            problems[node_id] = found
    needing = dependents(graph, needed)
    outputs_of = {node_id: _reachable(node_id, needing, outputs) for node_id in problems}
    unsound = {output for found in outputs_of.values() for output in found}
    sound = [output for output in outputs if output not in unsound]
    node_errors: Json = {
        node_id: {
            "errors": found,
            "dependent_outputs": outputs_of[node_id],
            "class_type": graph[node_id]["class_type"],
        }
        for node_id, found in problems.items()
    }
    if sound:
        return ValidationResult(tuple(sound), node_errors=node_errors)
    error = refusal("prompt_outputs_failed_validation", "Prompt outputs failed validation")
    return ValidationResult(error=error, node_errors=node_errors)


def _reachable(start: str, following: Mapping[str, list[str]], wanted: list[str]) -> list[str]:
    """Those of the wanted nodes that a start leads to."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        node_id = waiting.pop()
        if node_id not in found:
            found.add(node_id)
            waiting.extend(following[node_id])
    return [node_id for node_id in wanted if node_id in found]


def _node_form(node_id: str, node: object, catalogue: Catalogue, run_unknown: bool) -> Json | None:
    details = f"Node ID '#{node_id}'"
    if not is_object(node) or not isinstance(node.get("class_type"), str):
        return refusal("invalid_prompt", "A node lacks its class_type", details)
    if not is_object(node.get("inputs", {})):
        return refusal("invalid_prompt", "The inputs of a node are not an object", details)
    if catalogue.get(node["class_type"]) is None and not run_unknown:
        name = node["class_type"]
        return refusal("missing_node_type", f"Node class {name} is not known here", details, class_type=name)
    return None


def _saves(node: Json, catalogue: Catalogue) -> bool:
    node_class = catalogue.get(node["class_type"])
    return node_class is not None and node_class.saves


def _node_problems(
    node_id: str, graph: Mapping[str, Json], catalogue: Catalogue, file_check: FileCheck | None
) -> list[Json]:
    node = graph[node_id]
    node_class = catalogue.get(node["class_type"])
    if node_class is None:
        return []
    inputs = node.get("inputs", {})
    problems: list[Json] = []
    for name, expected in node_class.inputs_for(inputs).items():
        if expected.type == DYNAMIC_COMBO:
            # The node itself fails when the choice is missing or unknown.
            continue
        if name in inputs:
            problem = _input_problem(expected, inputs[name], graph, catalogue, node_class)
            if problem is None and file_check is not None and not is_array(inputs[name]):
                problem = file_check(node_class, expected, unwrapped(inputs[name]))
        elif expected.required:
            part = name if node_class.expand is None else name.rpartition(".")[2]
            problem = about(expected, "required_input_missing", "Required input is missing", part)
        else:
            problem = None
        if problem is None:
            continue
        if problem["type"] == EXCEPTION:  # it hides the other errors
            return [problem]
        problems.append(problem)
    return problems


def _input_problem(
    expected: Input, value: Any, graph: Mapping[str, Json], catalogue: Catalogue, node_class: NodeClass
) -> Json | None:
    if is_array(value):
        return _link_problem(expected, value, graph, catalogue)
    if expected.type not in WIDGET_TYPES:
        if node_class.is_foreign:
            # Node packs have widgets of their own types. Without a widget, the node itself fails.
            return _open_value_problem(expected, unwrapped(value))
        if expected.type == "*":
            return None
        return about(
            expected, "bad_linked_input", "Bad linked input, must be a length-2 list", expected.name, value
        )
    return _value_problem(expected, unwrapped(value))


def _link_problem(
    expected: Input, value: list[Any], graph: Mapping[str, Json], catalogue: Catalogue
) -> Json | None:
    link = link_of(value)
    if link is None or link.source not in graph:
        return about(
            expected,
            "bad_linked_input",
            "Bad linked input, it names no output of a node",
            expected.name,
            value,
        )
    source: NodeClass | None = catalogue.get(graph[link.source]["class_type"])
    if source is None:
        return None
    if not 0 <= link.slot < len(source.outputs):
        return about(expected, "bad_linked_input", "Bad linked input, no such output", expected.name, value)
    given: Any = source.outputs[link.slot]
    if expected.is_listed:
        output = (output_specs(source.info) or ())[link.slot]
        given = given if output.choices is None else output.choices
        takes: Any = list(expected.choices or expected.files or ())
        is_fitting = fits(output, InputSpec(expected.name, COMBO, {}, takes, is_listed=True))
    else:
        takes = expected.type
        is_fitting = have_common_type(given, takes)
    if not is_fitting:
        return about(
            expected,
            "return_type_mismatch",
            "Return type mismatch between linked nodes",
            f"{expected.name}, received_type({given}) mismatch input_type({takes})",
            value,
            received_type=given,
            linked_node=value,
        )
    return None


def _value_problem(expected: Input, value: Any) -> Json | None:
    if expected.type == COMBO:
        if expected.choices is None:
            return None
        is_several = expected.options.get("multiselect") and is_array(value)
        wrong = [each for each in (value if is_several else [value]) if each not in expected.choices]
        if wrong:
            details = f"{expected.name}: {', '.join(map(repr, wrong))}"
            return about(expected, "value_not_in_list", "Value not in list", details, value)
        return None
    try:
        number = _converted(expected.type, value)
    except (TypeError, ValueError, OverflowError):
        return about(
            expected,
            "invalid_input_type",
            f"Failed to convert an input value to a {expected.type} value",
            f"{expected.name}, {value}",
            value,
        )
    return None if number is None else _limit_problem(expected, value, number)


def _open_value_problem(expected: Input, value: Any) -> Json | None:
    """The error of a plain value of a type that no widget is known for.

    A server compares it with the limits, whatever it is.
    """
    for end in ("min", "max"):
        limit = expected.options.get(end)
        try:
            _ = _is_number(limit) and value < limit
        except TypeError as error:
            return about(expected, EXCEPTION, "Validating the node raised an exception", str(error), value)
    return _limit_problem(expected, value, value)


def _limit_problem(expected: Input, value: Any, number: Any) -> Json | None:
    """The error of a number beyond the limits of its input; other values have no limits."""
    if not _is_number(number):
        return None
    least, most = expected.options.get("min"), expected.options.get("max")
    if _is_number(least) and number < least:
        message = f"Value {number} smaller than min of {least}"
        return about(expected, "value_smaller_than_min", message, expected.name, value)
    if _is_number(most) and number > most:
        message = f"Value {number} bigger than max of {most}"
        return about(expected, "value_bigger_than_max", message, expected.name, value)
    return None


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _converted(type: str, value: Any) -> int | float | None:
    """The number to compare with the bounds, or None for types without any.

    Raises what a failed conversion raises. Anything can be converted to STRING and BOOLEAN.
    """
    match type:
        case "INT":
            return int(value)
        case "FLOAT":
            return float(value)
        case _:
            return None


def about(expected: Input, type: str, message: str, details: str, value: Any = None, **more: Any) -> Json:
    """The error of one input."""
    config = [expected.type, expected.options] if expected.options else None
    extra = {"input_name": expected.name, "input_config": config, "received_value": value, **more}
    return {"type": type, "message": message, "details": details, "extra_info": extra}
