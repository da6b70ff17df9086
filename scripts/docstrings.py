"""The docstrings of generated code: the words of the contract, wrapped and quoted so that they are always valid Python.

Knows nothing of types and decoding (see `shapes`).
"""

from __future__ import annotations

import textwrap
from typing import Any

from openapi_python_client import strings
from openapi_python_client.parser.bodies import BodyType
from openapi_python_client.parser.openapi import Endpoint

WIDTH = 110


def as_docstring(text: object) -> str:
    """A safe docstring literal of one text."""
    return _literal(_clean(text), "")


def of_module(endpoint: Endpoint, path: str) -> str:
    """`GET /path: the summary.`"""
    return _literal(_clean(f"{endpoint.method.upper()} {path}: ") + " " + _sentence(endpoint.summary), "")


def of_build(endpoint: Endpoint, operation: dict[str, Any]) -> str:
    """The description of an operation and of each of its parameters. `operation` is its entry in the contract."""
    lines = [_sentence(endpoint.summary)]
    if description := _clean(endpoint.description):
        lines += ["", *_paragraphs(description)]
    described = {p["name"]: p.get("description") for p in operation.get("parameters", [])}
    arguments: list[tuple[str, object]] = [
        (p.python_name, described.get(raw_name(p))) for p in endpoint.path_parameters
    ]
    if endpoint.bodies:
        arguments.append(("body", _of_body(endpoint, operation)))
    arguments += [(p.python_name, described.get(raw_name(p))) for p in endpoint.query_parameters]
    if arguments:
        lines += ["", "Args:", *(line for name, text in arguments for line in _entry(name, text))]
    return _literal("\n".join(lines), "    ")


def of_model(model: Any, properties: list[Any]) -> str:
    """The description of a model and of each of its fields."""
    lines = _paragraphs(_clean(model.description) or f"{model.class_info.name}, as the contract names it.")
    if properties:
        lines += ["", "Attributes:"]
    lines += [line for prop in properties for line in _entry(prop.python_name, prop.description)]
    return _literal("\n".join(lines), "    ")


def of_enum(enum: Any) -> str:
    """The description of an enum."""
    return _literal(
        "\n".join(_paragraphs(_clean(enum.description) or "The words that the contract knows.")), "    "
    )


def raw_name(prop: Any) -> str:
    """The name of a parameter or field as the contract spells it."""
    return str(getattr(prop.name, "get_untrusted_value", lambda: prop.name)())


def _of_body(endpoint: Endpoint, operation: dict[str, Any]) -> str:
    if words := operation.get("requestBody", {}).get("description"):
        return str(words)
    match endpoint.bodies[0].body_type:
        case BodyType.FILES:
            return "The form: the model, or a mapping with its JSON names. Files are `File`, bytes or open files."
        case BodyType.CONTENT:
            return "The content: bytes, text, an open binary file, or an iterable of bytes."
        case _:
            return "The JSON object: the model, or a mapping with its JSON names."


def _clean(text: object) -> str:
    return strings.safe_for_docstring(text or "").strip()


def _sentence(summary: object) -> str:
    return (_clean(summary) or "No summary").rstrip(".") + "."


def _entry(name: str, text: object) -> list[str]:
    """One line of `Args:` or `Attributes:`, continued with a deeper indent."""
    return _wrapped(f"{name}: {_clean(text)}".rstrip(": "), "    ", "        ")


def _paragraphs(text: str) -> list[str]:
    """Text as lines: paragraphs are filled, lists keep an item per line."""
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
    # All of these texts stand one level deep.
    flat = " ".join(text.split())
    return textwrap.wrap(flat, WIDTH - 4, initial_indent=first, subsequent_indent=rest) or [first]


def _literal(text: str, indent: str) -> str:
    """The literal, on one line where all of it has room there."""
    # The quotes take room too: three before the first line, and three after it when there is no other.
    first, *following = text.split("\n")
    if len(first) > WIDTH - len(indent) - (3 if following else 6):
        end = next((n for n, line in enumerate(following) if not line.strip()), len(following))
        paragraph = " ".join([first, *following[:end]])
        text = "\n".join([*textwrap.wrap(paragraph, WIDTH - len(indent) - 3), *following[end:]])
    if text.endswith(('"', "\\")):
        text += " "
    lines = text.splitlines()
    if len(lines) == 1:
        fits = len(text) <= WIDTH - len(indent) - 6
        return f'"""{text}"""' if fits else f'"""{text}\n{indent}"""'
    body = "\n".join((indent + line).rstrip() for line in lines[1:])
    return f'"""{lines[0]}\n{body}\n{indent}"""'
