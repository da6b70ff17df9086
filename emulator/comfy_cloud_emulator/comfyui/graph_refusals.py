"""How a self-hosted ComfyUI refuses a graph at submission.

`engine.validation` finds the errors; here they get that server's form, which says less in some
cases: an older version does not mention a cycle at all, and a link to a missing node raises an
exception.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from comfy_cloud_catalogue.declarations import ALL_GROUPS, InputSpec, input_specs
from comfy_cloud_emulator.engine.graph import cycles_on_the_way, link_of, links
from comfy_cloud_emulator.engine.validation import (
    EXCEPTION,
    FileCheck,
    ValidationResult,
    about,
    check,
    refusal,
)
from comfy_cloud_emulator.nodes.catalogue import Catalogue, Input, NodeClass
from comfy_cloud_emulator.nodes.object_info import completes_list
from comfy_cloud_emulator.state.files.lookup import find_file
from comfy_cloud_emulator.state.json_values import Json, is_object
from comfy_cloud_emulator.state.store import Store

from .responses import InternalError

_UPLOADS: Final = ("image_upload", "audio_upload", "video_upload", "file_upload")
_LONGEST_LIST: Final = 20
"""Number of choices that a refusal lists."""
_TRACEBACK: Final = ['  File "execution.py", in validate_inputs\n']


def validate_submission(
    graph: Any,
    catalogue: Catalogue,
    store: Store,
    wanted: Collection[str] | None,
    *,
    is_newer: bool,
    run_unknown: bool = False,
) -> ValidationResult:
    """The validation of what was sent as `prompt`.

    Raises InternalError where the server would crash.
    """
    if not is_object(graph):
        raise InternalError
    if is_newer and not all(is_object(node) for node in graph.values()):
        raise InternalError
    for node_id, node in graph.items():
        problem = _malformed_node(node_id, node, is_newer=is_newer) or (
            None if run_unknown else _unknown_class(node_id, node, catalogue, is_newer=is_newer)
        )
        if problem is not None:
            return ValidationResult(error=problem)
    result = check(graph, catalogue, wanted=wanted, run_unknown=run_unknown, file_check=_file_check(store))
    if result.error is not None and not result.node_errors:
        return result
    cycles = _cycles(graph, catalogue, result, wanted) if is_newer else {}
    node_errors = {
        node_id: entry | {"errors": errors}
        for node_id, entry in result.node_errors.items()
        if (errors := _shown_errors(node_id, entry["errors"], graph, catalogue, cycles, is_newer=is_newer))
    }
    error = result.error
    if error is not None:
        outputs = {output for entry in node_errors.values() for output in entry["dependent_outputs"]}
        # The summary contains only the errors of output nodes themselves; the rest stays with the
        # nodes.
        reasons = [
            error for id in sorted(outputs & node_errors.keys()) for error in node_errors[id]["errors"]
        ]
        details = "\n".join(f"{reason['message']}: {reason['details']}" for reason in reasons)
        error = error | {"details": details}
    return ValidationResult(result.targets, error, node_errors)


def _malformed_node(node_id: str, node: Any, *, is_newer: bool) -> Json | None:
    details = f"Node ID '#{node_id}'"
    if not isinstance(node, (dict, list, str)):
        raise InternalError
    if not is_object(node) or "class_type" not in node:
        if is_newer:
            extra = {"node_id": node_id, "class_type": None, "node_title": _title(node)}
            return refusal("missing_node_type", f"Node {node_id} names no class", details, **extra)
        return refusal("invalid_prompt", "Cannot execute: a node has no property class_type", details)
    return None


def _unknown_class(node_id: str, node: Json, catalogue: Catalogue, *, is_newer: bool) -> Json | None:
    details = f"Node ID '#{node_id}'"
    name = node["class_type"]
    if isinstance(name, str) and catalogue.get(name) is not None:
        return None
    if is_newer:
        extra = {"node_id": node_id, "class_type": name, "node_title": _title(node, name)}
        message = f"Node {extra['node_title']!r} was not found; is its package installed?"
        return refusal("missing_node_type", message, details, **extra)
    return refusal("invalid_prompt", f"Cannot execute: there is no node {name}", details)


def _title(node: Any, otherwise: Any = None) -> Any:
    """The title that the editor gave a node. Raises InternalError where the server would crash."""
    about_it = node.get("_meta", {})
    if not is_object(about_it):
        raise InternalError
    return about_it.get("title", otherwise)


def _shown_errors(
    node_id: str,
    errors: list[Json],
    graph: Json,
    catalogue: Catalogue,
    cycles: dict[str, list[str]],
    *,
    is_newer: bool,
) -> list[Json]:
    """The errors of a node in this server's form. `cycles` is empty for older versions."""
    shown: list[Json] = []
    for error in errors:
        if error["type"] == "dependency_cycle":
            if node_id in cycles:
                shown.append(_cycle_error(node_id, cycles[node_id], graph))
            continue
        exception = _exception(error, graph)
        node_class = catalogue.get(graph[node_id]["class_type"])
        if is_newer and node_class is not None:
            error = _with_input_config(error, node_class)
        if exception is None:
            shown.append(_with_extra_info(error))
            continue
        # The exception hides the node's other errors.
        is_output = node_class is not None and node_class.saves
        return [_exception_error(error, exception, is_output=is_output, is_newer=is_newer)]
    return shown


def _exception_error(error: Json, exception: tuple[str, str], *, is_output: bool, is_newer: bool) -> Json:
    kind = EXCEPTION if is_output else "exception_during_inner_validation"
    extra: Json = {"exception_type": exception[0], "traceback": _TRACEBACK}
    if not (is_output and is_newer):
        about_it = error["extra_info"]
        extra |= {
            "input_name": about_it["input_name"],
            "input_config": about_it["input_config"],
            "linked_node": about_it["received_value"],
            "exception_message": exception[1],
        }
    return refusal(kind, "Validating the node raised an exception", exception[1], **extra)


def _with_extra_info(error: Json) -> Json:
    """An error with the extra information that this server adds."""
    extra = error["extra_info"]
    match error["type"]:
        case "required_input_missing":
            extra = {"input_name": extra["input_name"]}
        case "return_type_mismatch":
            extra = {name: value for name, value in extra.items() if name != "received_value"}
        case "invalid_input_type":
            extra = extra | {"exception_message": _conversion_failure(extra)}
        case _:
            pass
    return error | {"extra_info": extra}


def _with_input_config(error: Json, node_class: NodeClass) -> Json:
    """An error with the input's type and options as newer versions report them."""
    extra = error["extra_info"]
    if "input_config" not in extra:
        return error
    spec = _spec(node_class, extra["input_name"])
    if spec is None:
        return error
    is_long = spec.is_listed and len(spec.choices or ()) > _LONGEST_LIST
    config = None if is_long and error["type"] == "value_not_in_list" else spec.declaration
    return error | {"extra_info": extra | {"input_config": config}}


def _conversion_failure(extra: Json) -> str:
    kind = (extra.get("input_config") or [""])[0]
    value: Any = extra.get("received_value")
    try:
        int(value) if kind == "INT" else float(value)
    except (TypeError, ValueError, OverflowError) as error:
        return str(error)
    return f"no {kind}"


def _exception(error: Json, graph: Json) -> tuple[str, str] | None:
    """Type and text of the exception that a value or a link raises; None where it raises none."""
    if error["type"] == EXCEPTION:
        return "TypeError", str(error["details"])
    if error["type"] != "bad_linked_input":
        return None
    link = link_of(error["extra_info"].get("received_value"))
    if link is None:
        return None
    if link.source not in graph:
        return "KeyError", repr(link.source)
    return "IndexError", "tuple index out of range"


def _file_check(store: Store) -> FileCheck:
    """A check for the files of a graph: uploads in their folder, models in their loader's list."""

    def checked(node_class: NodeClass, expected: Input, value: Any) -> Json | None:
        if expected.type != "COMBO" or expected.choices is not None:
            return None
        if any(name in expected.options for name in _UPLOADS):
            filename = str(value).rpartition("/")[2]
            is_listed = node_class.is_foreign and value in (expected.files or ())
            if is_listed or store.folders.annotated(str(value)) or find_file(store, filename):
                return None
            details = f"{expected.name} - Invalid file: {value}"
            return refusal(
                "custom_validation_failed",
                "Custom validation failed for node",
                details,
                input_name=expected.name,
            )
        choices = expected.files
        if choices is None or value in choices or completes_list(node_class, expected):
            return None
        is_long = len(choices) > _LONGEST_LIST
        listed = f"(list of length {len(choices)})" if is_long else str(list(choices))
        return about(
            expected,
            "value_not_in_list",
            "Value not in list",
            f"{expected.name}: {value!r} not in {listed}",
            value,
        )

    return checked


def _spec(node_class: NodeClass, name: str) -> InputSpec | None:
    """An input as the server declares it."""
    declared = input_specs(node_class.info.get("input"), groups=ALL_GROUPS)
    return next((spec for spec in declared if spec.name == name), None)


def _cycles(
    graph: Json, catalogue: Catalogue, result: ValidationResult, wanted: Collection[str] | None
) -> dict[str, list[str]]:
    """The cycles that newer versions report, by the nodes in them.

    They follow the links from the outputs, except those that have an error of their own.
    """
    wrong = {
        (node_id, error["extra_info"].get("input_name"))
        for node_id, entry in result.node_errors.items()
        for error in entry["errors"]
    }
    outputs = [
        node_id
        for node_id, node in graph.items()
        if (node_class := catalogue.get(node["class_type"])) is not None
        and node_class.saves
        and (wanted is None or node_id in wanted)
    ]
    followed = {
        node_id: [
            link.source for name, link in links(node) if link.source in graph and (node_id, name) not in wrong
        ]
        for node_id, node in graph.items()
    }
    return cycles_on_the_way(followed, outputs)


def _cycle_error(node_id: str, cycle: list[str], graph: Json) -> Json:
    path = " -> ".join(f"{each} ({graph[each]['class_type']})" for each in (*cycle, cycle[0]))
    extra = {"node_id": node_id, "cycle_nodes": cycle}
    return refusal("dependency_cycle", "The graph has a cycle", path, **extra)
