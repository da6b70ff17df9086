"""Nodes that are known only by a server's description: what they make, judged by types and names.

Plain values are passed on where an input has the name or the only value of the type, so widths,
seeds and texts reach the nodes behind. Everything else is a placeholder. An output node saves or
shows the first of its inputs that can be a file, otherwise its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from comfy_cloud_catalogue.dynamic import MATCH_TYPE
from comfy_cloud_catalogue.unfolding import undecided
from comfy_cloud_emulator.engine.work import NodeResult, NodeTask
from comfy_cloud_emulator.nodes.catalogue import Input, NodeClass

from .output_nodes import OutputNodes
from .values import DEFAULT_SIZE, as_images, is_images, placeholder_for

_DEFAULTS: Final[dict[str, Any]] = {"INT": 1, "FLOAT": 1.0, "BOOLEAN": True}
_PYTHON_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "INT": (int,),
    "FLOAT": (float, int),
    "STRING": (str,),
    "BOOLEAN": (bool,),
    "COMBO": (str,),
}
_ANY: Final = ("*", MATCH_TYPE)
_SHOWS: Final = re.compile("save|preview|show|display|viewer|compare|export", re.IGNORECASE)
"""Names of classes that show what they are given; others with outputs show nothing."""
_TEMPORARY: Final = re.compile("preview|show|display|compare", re.IGNORECASE)
_NOT_TEXT: Final = re.compile("prefix|folder|name|path", re.IGNORECASE)
# A class that saves files of a kind, by the type of its input, and the name of that class's input.
_SAVERS: Final = (
    (re.compile("IMAGE|MASK"), "SaveImage", "images"),
    (re.compile("VIDEO"), "SaveVideo", "video"),
    (re.compile("AUDIO"), "SaveAudio", "audio"),
    (re.compile("(FILE_3D|MESH|VOXEL|SPLAT).*"), "SaveGLB", "mesh"),
    (re.compile("SVG"), "SaveSVGNode", "svg"),
    (re.compile("LATENT"), "SaveLatent", "samples"),
)
_PREVIEWS: Final = {"SaveImage": "PreviewImage", "SaveAudio": "PreviewAudio"}
_AUDIO_FORMATS: Final = {"mp3": "SaveAudioMP3", "opus": "SaveAudioOpus"}


def imitated(task: NodeTask, node_class: NodeClass, output_nodes: OutputNodes) -> NodeResult:
    """The result of a node of this class. The same task always gives the same result."""
    inputs = list(node_class.inputs_for(task.inputs).values())
    task = replace(task, inputs=_by_last_part(task.inputs) | task.inputs)
    shown = _shown(task, node_class, inputs, output_nodes) if node_class.saves else NodeResult()
    return with_outputs(shown, task, node_class)


def refuse_undecided(task: NodeTask, node_class: NodeClass) -> None:
    """Raise TypeError, as ComfyUI does, when a choice that decides about inputs is missing."""
    name = undecided(node_class.info, task.inputs)
    if name is not None:
        raise TypeError(f"{node_class.name}.execute() missing 1 required positional argument: {name!r}")


def with_outputs(result: NodeResult, task: NodeTask, node_class: NodeClass) -> NodeResult:
    """The result with a value for each output of the class that it has none for."""
    inputs = list(node_class.inputs_for(task.inputs).values())
    names = node_class.info.get("output_name") or ()
    missing = range(len(result.values), len(node_class.outputs))
    made = tuple(
        _value(
            node_class.outputs[slot],
            str(names[slot]) if slot < len(names) else "",
            replace(task, key=f"{task.key}/{slot}") if slot else task,
            inputs,
            passes_on=node_class.saves,
        )
        for slot in missing
    )
    return replace(result, values=(*result.values, *made))


def _by_last_part(values: dict[str, Any]) -> dict[str, Any]:
    """The values of dynamic inputs, such as `size.width`, by the last part of their names."""
    return {name.rpartition(".")[2]: value for name, value in values.items() if "." in name}


# Values


def _value(kind: str, name: str, task: NodeTask, inputs: list[Input], *, passes_on: bool) -> Any:
    kinds = [each.strip() for each in kind.split(",")]
    if passes_on:
        same = [task.inputs[each.name] for each in inputs if each.type == kind and each.name in task.inputs]
        if same:
            return same[0]
    plain = next((each for each in kinds if each in _PYTHON_TYPES), None)
    if plain is not None:
        return _plain_value(plain, name.lower(), task, inputs)
    given = [task.inputs[each.name] for each in inputs if each.name in task.inputs and each.type in _ANY]
    return given[0] if given and kinds[0] in _ANY else placeholder_for(task)


def _plain_value(kind: str, name: str, task: NodeTask, inputs: list[Input]) -> Any:
    types = _PYTHON_TYPES[kind]

    def fits(value: object) -> bool:
        return isinstance(value, types) and isinstance(value, bool) == (kind == "BOOLEAN")

    by_name = {each.lower(): value for each, value in task.inputs.items()}
    if fits(by_name.get(name)):
        return by_name[name]
    if kind == "INT" and name in ("width", "height"):
        sizes = [value[0].size for value in task.inputs.values() if is_images(value)]
        own = placeholder_for(task)
        size = sizes[0] if sizes else (own.width or DEFAULT_SIZE, own.height or DEFAULT_SIZE)
        return size[name == "height"]
    same = [task.inputs[each.name] for each in inputs if each.type == kind and each.name in task.inputs]
    fitting = [value for value in same if fits(value)]
    if fitting and (kind in ("STRING", "COMBO") or len(same) == 1):
        return fitting[0]
    return _DEFAULTS.get(kind, f"{task.class_type} {task.key[:8]}")


# Output nodes


def _shown(
    task: NodeTask, node_class: NodeClass, inputs: list[Input], output_nodes: OutputNodes
) -> NodeResult:
    if node_class.outputs and not _SHOWS.search(node_class.name):
        return NodeResult()
    found = next(_files(task, inputs), None)
    is_temporary = _TEMPORARY.search(node_class.name) is not None
    if found is not None:
        saver, name, value = found
        if saver == "SaveAudio" and not is_temporary:
            saver = _AUDIO_FORMATS.get(str(task.inputs.get("format")), saver)
        saver = _PREVIEWS.get(saver, saver) if is_temporary else saver
        result = _run(output_nodes, saver, task, name, value)
        if "compare" in node_class.name.lower() and result.shown is not None:
            others = [value for _, _, value in _files(task, inputs)][1:2]
            second = [_run(output_nodes, saver, task, name, other) for other in others]
            named = zip(("a_images", "b_images"), [result, *second], strict=False)
            return NodeResult(
                shown={key: each.shown["images"] for key, each in named if each.shown is not None}
            )
        return NodeResult(shown=result.shown)
    text = next(_texts(task, inputs), None)
    return NodeResult() if text is None else _run(output_nodes, "PreviewAny", task, "source", text)


def _files(task: NodeTask, inputs: list[Input]) -> Iterator[tuple[str, str, Any]]:
    """The inputs that can be files: the class that saves them, its input, and the value."""
    for each in inputs:
        value = task.inputs.get(each.name)
        for kinds, saver, name in _SAVERS:
            if value is not None and kinds.fullmatch(each.type.split(",")[-1].strip()):
                yield saver, name, value


def _texts(task: NodeTask, inputs: list[Input]) -> Iterator[Any]:
    for each in inputs:
        is_text = each.type in ("STRING", *_ANY) and not _NOT_TEXT.search(each.name)
        if is_text and task.inputs.get(each.name) is not None:
            yield task.inputs[each.name]


def _run(output_nodes: OutputNodes, class_type: str, task: NodeTask, name: str, value: Any) -> NodeResult:
    function: Callable[[NodeTask], NodeResult] | None = output_nodes.function_for(class_type)
    if function is None:
        raise LookupError(class_type)
    if name == "images":
        value = as_images(value)
    return function(replace(task, class_type=class_type, inputs=task.inputs | {name: value}))
