"""Docstrings of generated code: the contract's descriptions, wrapped and quoted as valid Python."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

from openapi_python_client import strings
from openapi_python_client.parser.bodies import BodyType
from openapi_python_client.parser.openapi import Endpoint

WIDTH = 100


def filters() -> dict[str, Callable[..., str]]:
    """The filters that need no contract, by the name that the templates use."""
    return {"as_docstring": as_docstring, "enum_docstring": enum_docstring}


def as_docstring(text: object) -> str:
    """A docstring literal of one text."""
    return _literal(_clean(text), "")


def module_docstring(endpoint: Endpoint, path: str) -> str:
    """The docstring of an operation's module: `GET /path: the summary.`"""
    return _literal(_clean(f"{endpoint.method.upper()} {path}: ") + " " + _sentence(endpoint.summary), "")


def build_docstring(endpoint: Endpoint, operation: dict[str, Any]) -> str:
    """The docstring of an operation's `build`; `operation` is its entry in the contract."""
    lines = [_sentence(endpoint.summary)]
    if description := _clean(endpoint.description):
        lines += ["", *_paragraphs(description)]
    described = {p["name"]: p.get("description") for p in operation.get("parameters", [])}
    arguments: list[tuple[str, object]] = [
        (p.python_name, described.get(raw_name(p))) for p in endpoint.path_parameters
    ]
    if endpoint.bodies:
        arguments.append(("body", _body_description(endpoint, operation)))
    arguments += [(p.python_name, described.get(raw_name(p))) for p in endpoint.query_parameters]
    if arguments:
        lines += ["", "Args:", *(line for name, text in arguments for line in _entry(name, text))]
    return _literal("\n".join(lines), "    ")


def model_docstring(model: Any, properties: list[Any]) -> str:
    """The docstring of a model, with its fields."""
    lines = _paragraphs(_clean(model.description) or f"{model.class_info.name}, as the contract names it.")
    if properties:
        lines += ["", "Attributes:"]
    lines += [line for prop in properties for line in _entry(prop.python_name, prop.description)]
    return _literal("\n".join(lines), "    ")


def enum_docstring(enum: Any) -> str:
    """The docstring of an enum."""
    return _literal(
        "\n".join(_paragraphs(_clean(enum.description) or "The values that the contract lists.")), "    "
    )


def raw_name(prop: Any) -> str:
    """The name of a parameter or field as the contract spells it."""
    return str(getattr(prop.name, "get_untrusted_value", lambda: prop.name)())


def _body_description(endpoint: Endpoint, operation: dict[str, Any]) -> str:
    if description := operation.get("requestBody", {}).get("description"):
        return str(description)
    match endpoint.bodies[0].body_type:
        case BodyType.FILES:
            return (
                "The form: the model, or a mapping with its JSON names. "
                "Files are `File`, bytes or open files."
            )
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


def _literal(text: str, indent: str) -> str:
    """The docstring literal, on one line if it fits."""
    # The quotes take room too: three before the first line, and three after it when it is the only
    # one.
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
