"""Checking a graph against the node classes of a server, before it is submitted.

The service checks most of this only when the job runs. Here the messages also say what the server
leaves out: similar names, the missing model, the cycle. Whatever a server accepts passes: numbers
as text, unknown inputs, nodes that no output depends on. There is one exception: an input that
chooses among options (COMFY_DYNAMICCOMBO_V3) is accepted with any value or none, but then the node
fails. Files to be uploaded are not checked, and rules that exist only in a node's own code cannot
be.

Pure: nothing here contacts a server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal, TypeAlias

from comfy_cloud_catalogue.declarations import UNREADABLE, InputSpec, NodeFacts, output_specs
from comfy_cloud_catalogue.dynamic import DYNAMIC_COMBO, choices_of, is_unknown_dynamic
from comfy_cloud_catalogue.unfolding import node_inputs
from comfy_cloud_catalogue.value_types import fits, names_model

from .file_values import is_file_value
from .graph import is_link
from .link_cycles import find_cycle, sources
from .near_names import nearest

__all__ = ["Problem", "ProblemKind", "validate"]

ProblemKind: TypeAlias = Literal[
    "unknown_class",
    "missing_input",
    "wrong_type",
    "out_of_range",
    "not_in_list",
    "missing_model",
    "bad_link",
    "type_mismatch",
    "cycle",
    "no_output",
]

_MAX_LISTED = 6


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a server will refuse a graph.

    `node_id` and `class_type` are None if it concerns the graph as a whole, `input` is None if it
    concerns a node as a whole. `suggestions` are values or names that would be valid, the most
    similar first.
    """

    node_id: str | None
    class_type: str | None
    input: str | None
    kind: ProblemKind
    message: str
    suggestions: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = "" if self.node_id is None else f"node {self.node_id} ({self.class_type})"
        where += f", {self.input}" if self.input is not None else ""
        hint = f" Nearest: {', '.join(self.suggestions)}" if self.suggestions else ""
        return f"{where}: {self.message}.{hint}" if where else f"{self.message}.{hint}"


@dataclass(frozen=True, slots=True)
class _Location:
    """The node, and perhaps the input, that is being checked."""

    node_id: str
    class_type: str
    input: str | None = None

    def problem(self, kind: ProblemKind, message: str, suggestions: Iterable[str] = ()) -> Problem:
        return Problem(self.node_id, self.class_type, self.input, kind, message, tuple(suggestions))


def validate(graph: Mapping[str, Any], object_info: Mapping[str, NodeFacts]) -> list[Problem]:
    """Every reason why a server with these node classes would refuse the graph.

    Args:
        graph: A graph in API format, such as `Workflow.graph`.
        object_info: The response to GET /api/object_info: node classes by name, as plain mappings
            or as models.

    Of nodes that no output depends on, only the class is checked, as servers do. If there is no
    output, all nodes are checked.
    """
    nodes = {str(node_id): node for node_id, node in graph.items() if isinstance(node, Mapping)}
    facts = {node_id: _facts_of(node, object_info) for node_id, node in nodes.items()}
    problems = [
        Problem(str(node_id), None, None, "unknown_class", "This is not a node: it has no class_type")
        for node_id, node in graph.items()
        if not isinstance(node, Mapping)
    ]
    problems += [
        _unknown_class(node_id, nodes[node_id], object_info)
        for node_id, known in facts.items()
        if known is None
    ]
    outputs = [node_id for node_id, known in facts.items() if known is not None and known.get("output_node")]
    if not outputs and not problems:
        message = "No node saves or shows anything; add one that does, such as SaveImage or PreviewImage"
        problems.append(Problem(None, None, None, "no_output", message))
    needed = _needed(nodes, outputs) if outputs else nodes
    for node_id in nodes:
        known = facts[node_id]
        if known is not None and node_id in needed:
            problems += _node_problems(node_id, nodes[node_id], known, facts)
    problems += _cycles(nodes)
    return problems


def missing_models(graph: Mapping[str, Any], object_info: Mapping[str, NodeFacts]) -> list[Problem]:
    """Every input that names a model which a server with these node classes does not have."""
    problems: list[Problem] = []
    for node_id, node in graph.items():
        inputs = _inputs_of(node)
        named = [name for name, value in inputs.items() if names_model(value)]
        known = _facts_of(node, object_info) if named else None
        specified = node_inputs(known, inputs) if known is not None else {}
        for name in named:
            spec = specified.get(name)
            if spec is not None and spec.choices is not None:
                location = _Location(node_id, str(node["class_type"]), name)
                problems += _choice_problems(location, inputs[name], spec, spec.choices)
    return [problem for problem in problems if problem.kind == "missing_model"]


def _facts_of(node: Mapping[str, Any], object_info: Mapping[str, NodeFacts]) -> NodeFacts | None:
    name = node.get("class_type")
    found: Any = object_info.get(name) if isinstance(name, str) else None
    return found if hasattr(found, "get") else None


def _unknown_class(node_id: str, node: Mapping[str, Any], object_info: Mapping[str, NodeFacts]) -> Problem:
    name = node.get("class_type")
    if not isinstance(name, str):
        return Problem(node_id, None, None, "unknown_class", "This is not a node: it has no class_type")
    message = f"The server has no node class {name!r}; a node pack may not be installed there"
    return _Location(node_id, name).problem("unknown_class", message, nearest(name, object_info))


def _inputs_of(node: Mapping[str, Any]) -> Mapping[str, Any]:
    inputs = node.get("inputs")
    return inputs if isinstance(inputs, Mapping) else {}


def _needed(nodes: Mapping[str, Mapping[str, Any]], outputs: list[str]) -> set[str]:
    found, waiting = set(outputs), list(outputs)
    while waiting:
        for source in sources(nodes[waiting.pop()]):
            if source in nodes and source not in found:
                found.add(source)
                waiting.append(source)
    return found


def _cycles(nodes: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    found = find_cycle(nodes)
    if found is not None:
        node_id, message = found
        yield _Location(node_id, str(nodes[node_id].get("class_type"))).problem("cycle", message)


def _node_problems(
    node_id: str, node: Mapping[str, Any], known: NodeFacts, facts: Mapping[str, NodeFacts | None]
) -> Iterator[Problem]:
    inputs = _inputs_of(node)
    specified = node_inputs(known, inputs)
    for name, spec in specified.items():
        if spec.type == UNREADABLE:
            continue
        location = _Location(node_id, str(node["class_type"]), name)
        if name not in inputs:
            if not spec.is_optional and not is_unknown_dynamic(spec.type):
                unknown = [given for given in inputs if given not in specified]
                yield location.problem("missing_input", "It is required, but missing", nearest(name, unknown))
            continue
        value = inputs[name]
        if isinstance(value, Mapping) and "__value__" in value:
            value = value["__value__"]
        elif isinstance(value, (list, tuple)) and spec.type != DYNAMIC_COMBO:
            yield from _link_problems(location, list(value), spec, facts)
            continue
        if isinstance(value, PurePath) or is_file_value(value):  # it will be uploaded
            continue
        if spec.type in ("INT", "FLOAT"):
            yield from _number_problems(location, value, spec.type, spec.options)
            continue
        # A number, perhaps one of several types.
        if spec.type not in ("BOOLEAN", DYNAMIC_COMBO) and _has_limits(spec.options):
            if not isinstance(value, (int, float)):
                message = f"It has limits, so it must be a number, and {repr(value)[:80]} is not one"
                yield location.problem("wrong_type", message)
                continue
            yield from _limit_problems(location, value, value, spec.options)
        choices = choices_of(spec)
        if choices is not None:
            yield from _choice_problems(location, value, spec, choices)


def _link_problems(
    location: _Location, value: list[Any], spec: InputSpec, facts: Mapping[str, NodeFacts | None]
) -> Iterator[Problem]:
    if not is_link(value):
        message = "A list must be a link, [id of a node, number of its output]"
        yield location.problem("bad_link", message)
        return
    source, slot = value
    if source not in facts:
        yield location.problem(
            "bad_link", f"It is linked to node {source}, which does not exist", nearest(source, facts)
        )
        return
    known = facts[source]
    outputs = output_specs(known) if known is not None else None
    if outputs is None:
        return
    if not 0 <= slot < len(outputs):
        message = f"It is linked to output {slot} of node {source}, which has {len(outputs)}, counted from 0"
        yield location.problem("bad_link", message)
    elif not fits(outputs[slot], spec):
        fitting = [f"[{source!r}, {index}]" for index, given in enumerate(outputs) if fits(given, spec)]
        given = outputs[slot].type
        message = f"It takes {spec.type}, but output {slot} of node {source} gives {given}"
        if spec.type == given:
            message += ", chosen from another list. Set a value instead of the link"
        yield location.problem("type_mismatch", message, fitting)


def _choice_problems(
    location: _Location, value: object, spec: InputSpec, choices: list[Any]
) -> Iterator[Problem]:
    # Lists of uploaded files, and lists fetched later, are incomplete: the value may exist anyway.
    is_dynamic = spec.type == DYNAMIC_COMBO
    if not is_dynamic and (spec.is_remote or spec.takes_uploads):
        return
    if spec.takes_several and not is_dynamic:
        values = list(value) if isinstance(value, (list, tuple)) else [value]
    else:
        values = [value]
    for each in values:
        if each in choices:
            continue
        text = str(each)[:200]
        if names_model(text):
            message = f"The server does not have the model {text!r}" + (
                "" if choices else "; it has no models of this kind"
            )
            yield location.problem("missing_model", message, _nearest_files(text, choices))
        elif is_dynamic or not spec.completes_choices:
            few = ", ".join(map(str, choices[:_MAX_LISTED])) + (", ..." if len(choices) > _MAX_LISTED else "")
            message = f"{text!r} is not one of the choices: {few[:300] or 'there are none'}"
            yield location.problem("not_in_list", message, nearest(text, map(str, choices)))


def _number_problems(
    location: _Location, value: Any, kind: str, options: Mapping[str, Any]
) -> Iterator[Problem]:
    # Only numbers can be wrong: a server converts anything to STRING and BOOLEAN.
    shown = repr(value)[:80]
    try:
        read = int(value) if kind == "INT" else float(value)
    except (TypeError, ValueError, OverflowError):
        yield location.problem("wrong_type", f"It takes {kind}, and {shown} is not valid")
        return
    yield from _limit_problems(location, value, read, options)


def _limit_problems(
    location: _Location, value: Any, read: int | float, options: Mapping[str, Any]
) -> Iterator[Problem]:
    shown = repr(value)[:80]
    least, most = _limit(options.get("min")), _limit(options.get("max"))
    # Written so that NaN passes, as it does in a server.
    if least is not None and read < least:
        yield location.problem("out_of_range", f"{shown} is less than {least}, the minimum", [str(least)])
    elif most is not None and read > most:
        yield location.problem("out_of_range", f"{shown} is more than {most}, the maximum", [str(most)])


def _has_limits(options: Mapping[str, Any]) -> bool:
    return any(_limit(options.get(end)) is not None for end in ("min", "max"))


def _limit(value: object) -> int | float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _nearest_files(name: str, choices: list[Any]) -> list[str]:
    """Files of the same name in another folder first, then files with similar names."""

    def base_name(path: str) -> str:
        return path.replace("\\", "/").rpartition("/")[2].lower()

    known = [choice for choice in choices if isinstance(choice, str)]
    same = [choice for choice in known if base_name(choice) == base_name(name)]
    by_name: dict[str, str] = {}
    for choice in known:
        by_name.setdefault(base_name(choice), choice)
    near = [by_name[close] for close in nearest(base_name(name), by_name)]
    return list(dict.fromkeys([*same, *near]))[:3]
