"""One node class as a class of Python: its documentation, its inputs and its outputs."""

from __future__ import annotations

from typing import Any, Final

from comfy_cloud_catalogue.declarations import InputSpec, NodeFacts, OutputSpec, input_specs, output_specs
from comfy_cloud_catalogue.dynamic import MATCH_TYPE, match_type_of

from .annotations import Aliases
from .identifiers import identifiers, snake_case
from .literals import doc_line, text_literal
from .parameters import Parameter, Parameters, initialiser

_LONGEST_DESCRIPTION: Final = 600
# Names that an output may not have: what a node has itself, and what its class is written with.
_RESERVED: Final = ("outputs", "property", "super")
_STATES: Final = {
    "api_node": "A partner service, billed by use.",
    "deprecated": "Deprecated.",
    "experimental": "Experimental.",
}


def class_lines(name: str, python: str, known: NodeFacts, aliases: Aliases, nested: set[str]) -> list[str]:
    """The lines of the class `python` for the node class `name`.

    Args:
        name: The name on the server.
        python: The name in the module.
        known: What the server declares.
        aliases: The aliases of the module; those that the class uses are added.
        nested: The names of nested classes so far; those of this class are added.
    """
    specs = input_specs(known.get("input"))
    outputs = output_specs(known) or []
    allowed = _match_types(specs)
    types = [aliases.output(spec, allowed.get(str(spec.match_group))) for spec in outputs]
    made = Parameters(python, aliases, nested)
    parameters = made.of(specs)
    body = initialiser(parameters, None, f"{text_literal(name)}, ", f", {len(outputs)}")
    return [
        f"class {python}(_g.Node[tuple[{', '.join(types) or '()'}]]):",
        *_documentation(name, python, known, parameters),
        "",
        *made.nested,
        *body,
        *_properties(python, outputs, types),
    ]


def _match_types(specs: list[InputSpec]) -> dict[str, str]:
    """The types that each group of a match type allows."""
    found = (match_type_of(spec) for spec in specs if spec.type == MATCH_TYPE)
    return {match.group: match.allowed for match in found if match is not None}


def _documentation(name: str, python: str, known: NodeFacts, parameters: list[Parameter]) -> list[str]:
    title, category, description = (_text(known, key) for key in ("display_name", "category", "description"))
    first = title if title and title != name else name
    said = [f"{first} ({category})." if category else f"{first}."]
    if python != name:
        said.append(f"The class {name!r}.")
    said += [state for key, state in _STATES.items() if known.get(key) is True]
    paragraphs = [doc_line(" ".join(said)), doc_line(description[:_LONGEST_DESCRIPTION])]
    lines = [line for paragraph in paragraphs if paragraph for line in (f"    {paragraph}", "")][:-1]
    notes = [f"        {each.python}: {each.note}" for each in parameters if each.note]
    if notes:
        lines += ["", "    Args:", *notes]
    lines[0] = f'    """{lines[0].lstrip()}'
    return [f'{lines[0]}"""'] if len(lines) == 1 else [*lines, '    """']


def _properties(owner: str, outputs: list[OutputSpec], types: list[str]) -> list[str]:
    names = [snake_case(spec.name or spec.type, "output") for spec in outputs]
    numbered = [
        name if names.index(name) == at else f"{name} {names[: at + 1].count(name)}"
        for at, name in enumerate(names)
    ]
    lines: list[str] = []
    for at, python in enumerate(identifiers(numbered, "output", (*_RESERVED, owner)).values()):
        shown = doc_line(f"{outputs[at].name or outputs[at].type}{', a list' if outputs[at].is_list else ''}")
        lines += [
            "",
            "    @property",
            f"    def {python}(self) -> {types[at]}:",
            f'        """Output {at}: {shown}."""',
            f"        return self.outputs[{at}]",
        ]
    return lines


def _text(known: NodeFacts, key: str) -> str:
    value: Any = known.get(key)
    return value if isinstance(value, str) else ""
