"""Docstrings of generated code: the contract's descriptions, wrapped and quoted as valid Python.

`_literal` is the one place that quotes a docstring, whatever the text is.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

from openapi_python_client.parser.openapi import Endpoint

from scripts.generator.bodies import BodyKind
from scripts.generator.plans import OperationPlan
from scripts.generator.python_code import Code, raw_text

WIDTH = 100


def filters() -> dict[str, Callable[..., Code]]:
    """The filters that need no contract, by the name that the templates use."""
    return {"as_docstring": as_docstring, "enum_docstring": enum_docstring}


def as_docstring(text: object) -> Code:
    """A docstring literal of one text."""
    return _literal(_clean(text), "")


def module_docstring(endpoint: Endpoint, path: str) -> Code:
    """The docstring of an operation's module: `GET /path: the summary.`"""
    return _literal(_clean(f"{endpoint.method.upper()} {path}: ") + " " + _sentence(endpoint.summary), "")


def build_docstring(endpoint: Endpoint, plan: OperationPlan) -> Code:
    """The docstring of an operation's `build`."""
    lines = [_sentence(endpoint.summary)]
    if description := _clean(endpoint.description):
        lines += ["", *_paragraphs(description)]
    arguments: list[tuple[str, object]] = [
        (each.python_name, each.description) for each in plan.parameters_in("path")
    ]
    if plan.bodies:
        arguments.append(("body", _body_description(plan)))
    if len(plan.bodies) > 1 or any(body.is_wildcard for body in plan.bodies):
        media_types = ", ".join(body.media_type for body in plan.bodies)
        arguments.append(("content_type", f"The media type of the body, one of {media_types}."))
    arguments += [(each.python_name, each.description) for each in plan.parameters if each.location != "path"]
    if arguments:
        lines += ["", "Args:", *(line for name, text in arguments for line in _entry(name, text))]
    return _literal("\n".join(lines), "    ")


def model_docstring(model: Any, properties: list[Any]) -> Code:
    """The docstring of a model, with its fields."""
    lines = _paragraphs(_clean(model.description) or f"{model.class_info.name}, as the contract names it.")
    if properties:
        lines += ["", "Attributes:"]
    lines += [line for prop in properties for line in _entry(prop.python_name, prop.description)]
    return _literal("\n".join(lines), "    ")


def enum_docstring(enum: Any) -> Code:
    """The docstring of an enum."""
    return _literal(
        "\n".join(_paragraphs(_clean(enum.description) or "The values that the contract lists.")), "    "
    )


def _body_description(plan: OperationPlan) -> str:
    if description := plan.operation.raw.get("requestBody", {}).get("description"):
        return str(description)
    match plan.bodies[0].kind:
        case BodyKind.MULTIPART:
            return (
                "The form: the model, or a mapping with its JSON names. "
                "Files are `File`, bytes or open files."
            )
        case BodyKind.FORM:
            return "The form: the model, or a mapping with its JSON names."
        case BodyKind.RAW:
            return "The content: bytes, text, an open binary file, or an iterable of bytes."
        case BodyKind.TEXT:
            return "The text."
        case _:
            return "The JSON object: the model, or a mapping with its JSON names."


def _clean(text: object) -> str:
    """The text with line breaks as its only control characters: others become visible escapes."""
    lines = raw_text(text or "").replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        char if char.isprintable() or char == "\n" else " " if char.isspace() else repr(char)[1:-1]
        for char in lines
    ).strip()


def _sentence(summary: object) -> str:
    return (_clean(summary) or "No summary").rstrip(".") + "."


def _entry(name: str, text: object) -> list[str]:
    """One line of `Args:` or `Attributes:`, continued with a deeper indent."""
    return _wrapped(f"{name}: {_clean(text)}".rstrip(": "), "    ", "        ")


def _paragraphs(text: str) -> list[str]:
    """Text as lines: paragraphs are filled, lists keep one item per line."""
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        if lines:
            lines.append("")
        if any(line.lstrip().startswith(("- ", "|", "* ")) for line in paragraph.splitlines()):
            for line in paragraph.splitlines():
                lines += _wrapped(line, "", "  " if line.lstrip().startswith(("- ", "* ")) else "")
        else:
            lines += _wrapped(paragraph, "", "")
    return lines


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    # All of these texts are indented by one level.
    flat = " ".join(text.split())
    return textwrap.wrap(flat, WIDTH - 4, initial_indent=first, subsequent_indent=rest) or [first]


def _literal(text: str, indent: str) -> Code:
    """The docstring literal, on one line if it fits."""
    # The quotes take room too: three before the first line, and three after it when it is the only
    # one.
    first, *following = text.split("\n")
    if len(first) > WIDTH - len(indent) - (3 if following else 6):
        end = next((n for n, line in enumerate(following) if not line.strip()), len(following))
        paragraph = " ".join([first, *following[:end]])
        text = "\n".join([*textwrap.wrap(paragraph, WIDTH - len(indent) - 3), *following[end:]])
    lines = [_escaped(line) for line in text.splitlines()] or [""]
    if len(lines) == 1:
        line = f"{lines[0]} " if lines[0].endswith(('"', "\\")) else lines[0]
        fits = len(line) <= WIDTH - len(indent) - 6
        return Code(f'"""{line}"""' if fits else f'"""{line}\n{indent}"""')
    body = "\n".join((indent + line).rstrip() for line in lines[1:])
    return Code(f'"""{lines[0]}\n{body}\n{indent}"""')


def _escaped(line: str) -> str:
    """A line of a docstring, escaped after wrapping: that could cut an escape in two."""
    return line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
