"""Values for inputs of a workflow: `--set NODE.INPUT=VALUE` and `--input NODE.INPUT=FILE`.

NODE is the id, the title or the class of a node, or a path such as "My subgraph/Positive Prompt".
The library's rule decides which node is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from .._console.exits import CommandError
from .completions import file_inputs as complete_file_inputs
from .completions import settable_inputs as complete_settable_inputs

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_cloud import Workflow
    from comfy_cloud._workflows.file_values import FileUrl
    from comfy_cloud_catalogue.declarations import NodeFacts

    Catalogue = Mapping[str, NodeFacts]

SET = "--set"
INPUT = "--input"
RANDOM = "random"

_Kind = Literal["text", "number", "flag", "any"]
_FLAGS = {"true": True, "false": False}
_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]{1,16}")
_SEVERAL = re.compile(r"[-+.\d]+(?:[:,] ?[-+.\d]+)+")
"""A range or a list, as it might be meant."""
"""As colors are written: 0xFF0000."""


class Assignment(NamedTuple):
    """One NODE.INPUT=VALUE, with the node found: `address` as given, and `text` behind the `=`.

    `node_id` and `input` are the first of `targets`: an input of a subgraph may be several.
    """

    option: str
    address: str
    node_id: str
    input: str
    text: str
    targets: tuple[tuple[str, str], ...]

    def error(self, problem: str) -> CommandError:
        """An error about this option."""
        return CommandError(f"{self.option} {self.address}: {problem}")


def set_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: add -s/--set, passed to the command as `settings`."""
    return click.option(
        "-s",
        SET,
        "settings",
        multiple=True,
        metavar="NODE.INPUT=VALUE",
        shell_complete=complete_settable_inputs,
        help="Set an input. NODE is an id, a title or a class, behind those of its subgraphs with a / if "
        "it is in one; @FILE reads text from a file (@@ for a "
        f"text that begins with @), and {RANDOM} draws a seed. May be given several times.",
    )(function)


def input_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: add -i/--input, passed to the command as `input_files`."""
    return click.option(
        "-i",
        INPUT,
        "input_files",
        multiple=True,
        metavar="NODE.INPUT=FILE",
        shell_complete=complete_file_inputs,
        help="Upload a file, or what a URL leads to, and use it as an input. May be given several times.",
    )(function)


def assigned_inputs(
    workflow: Workflow,
    settings: Sequence[str] = (),
    input_files: Sequence[str] = (),
    *,
    random: Callable[[int, int], int],
    catalogue: Callable[[], Catalogue] | None = None,
) -> dict[str, Any]:
    """The values of the options by address, as `Workflow.set_inputs` and `cloud.submit` take them.

    A value is text if the input's present value is text. Otherwise it is JSON if it can be read as
    JSON, else text. A link, `["4", 0]`, is always one.

    Args:
        random: Called with the smallest and the largest seed, such as `random.randint`.
        catalogue: Returns the node classes, such as `cloud.nodes.all`. It is called only if the
            present value does not show what an input takes, and for the range of a seed.

    Raises:
        CommandError: An option is not NODE.INPUT=VALUE, no node or several match it, the node has
            no such input, an input is given twice, or the value does not fit.
    """
    found: dict[tuple[str, str], tuple[Assignment, Any]] = {}
    for option, texts in ((SET, settings), (INPUT, input_files)):
        for given in texts:
            each = find_assignment(workflow, option, given)
            for target in each.targets:
                if target in found:
                    earlier = found[target][0]
                    raise each.error(f"{earlier.option} {earlier.address} sets the same input")
            value = _file(each) if option == INPUT else _value(workflow, each, random, catalogue)
            found |= dict.fromkeys(each.targets, (each, value))
    return {each.address: value for each, value in found.values()}


def find_assignment(workflow: Workflow, option: str, given: str) -> Assignment:
    """Split NODE.INPUT=VALUE, and find the node. Raises CommandError, which names the option.

    Titles may contain `=`: it is split at the first one in front of which there is an input.
    """
    from comfy_cloud import ConfigurationError

    first_error: ConfigurationError | None = None
    at = given.find("=")
    while at > 0:
        address = given[:at]
        try:
            targets = tuple(workflow.find_inputs(address))
        except ConfigurationError as error:
            first_error = first_error or error
            at = given.find("=", at + 1)
        else:
            return Assignment(option, address, *targets[0], given[at + 1 :], targets)
    if first_error is not None:
        raise CommandError(f"{option} {given.partition('=')[0]}: {first_error}") from None
    what = "FILE" if option == INPUT else "VALUE"
    example = "10.image=photo.png" if option == INPUT else "KSampler.steps=30"
    raise CommandError(f"{option} takes NODE.INPUT={what}, such as {example}, not {given!r:.80}")


def typed_value(
    workflow: Workflow, each: Assignment, text: str, catalogue: Callable[[], Catalogue] | None = None
) -> Any:
    """The text as a value of the kind that the input takes. Raises CommandError if it is not."""
    kind = _kind_of(workflow.graph[each.node_id], each.input, catalogue)
    try:
        read = _json(text)
    except (ValueError, RecursionError):
        if kind == "flag" and text.lower() in _FLAGS:
            return _FLAGS[text.lower()]
        if kind == "number" and _HEXADECIMAL.fullmatch(text):
            return int(text, 16)
        if kind in ("number", "flag"):
            wanted = "a number" if kind == "number" else "true or false"
            several = "; a sweep takes START:STOP:STEP, or --set once for each value"
            hint = several if kind == "number" and _SEVERAL.fullmatch(text) else ""
            raise each.error(f"it takes {wanted}, not {text!r:.80}{hint}") from None
        return text
    return read if kind != "text" or _is_link(read, workflow) else text


def _value(
    workflow: Workflow,
    each: Assignment,
    random: Callable[[int, int], int],
    catalogue: Callable[[], Catalogue] | None,
) -> Any:
    from ..._workflows.seeds import is_seed, seed_range

    if each.text == RANDOM and is_seed(each.input, 0):
        classes = catalogue() if catalogue is not None else {}
        return random(*seed_range(workflow.graph[each.node_id], each.input, classes))
    text = each.text
    if text.startswith("@@"):
        text = text[1:]
    elif text.startswith("@"):
        text = _text_of_file(each)
    return typed_value(workflow, each, text, catalogue)


def _text_of_file(each: Assignment) -> str:
    from pathlib import Path

    path = Path(each.text[1:]).expanduser()
    advice = "; write @@ for a text that begins with @"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise each.error(f"{path} is not a text file in UTF-8{advice}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise each.error(f"the file {str(path)!r} cannot be read: {reason}{advice}") from None
    return text.removesuffix("\n")


def _file(each: Assignment) -> Path | FileUrl:
    from ..._files.fsspec_urls import is_url
    from ..._workflows.file_values import FileUrl

    if is_url(each.text):
        return FileUrl(each.text)
    from pathlib import Path

    path = Path(each.text).expanduser()
    try:
        is_file, exists = path.is_file(), path.exists()
    except (OSError, ValueError):
        is_file = exists = False
    if not is_file:
        raise each.error(f"{each.text!r:.200} is not a file" if exists else f"no file {each.text!r:.200}")
    return path


def _kind_of(node: Mapping[str, Any], name: str, catalogue: Callable[[], Catalogue] | None) -> _Kind:
    present = node["inputs"].get(name)
    if isinstance(present, str):
        return "text"
    if isinstance(present, bool):
        return "flag"
    if isinstance(present, (int, float)):
        return "number"
    if catalogue is None:
        return "any"
    from comfy_cloud_catalogue.dynamic import choices_of
    from comfy_cloud_catalogue.unfolding import node_inputs

    known = catalogue().get(node["class_type"])
    spec = node_inputs(known, node["inputs"]).get(name) if known is not None else None
    if spec is None:
        return "any"
    choices = choices_of(spec)
    if choices is not None:
        return "text" if all(isinstance(choice, str) for choice in choices) else "any"
    kinds: dict[str, _Kind] = {"STRING": "text", "INT": "number", "FLOAT": "number", "BOOLEAN": "flag"}
    return kinds.get(spec.type, "any")


def _json(text: str) -> Any:
    import json

    return json.loads(text, parse_constant=_refuse)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _is_link(value: Any, workflow: Workflow) -> bool:
    from ..._workflows.graph import is_link

    return is_link(value) and value[0] in workflow.graph
