"""Python source as templates may write it, and the only functions that turn text into it.

Text of a contract is data: it becomes a literal, a docstring, or a name that has been checked. A
template can write nothing else, because `only_code` refuses every value that is not `Code`.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import quote

from comfy_cloud.contract._documents.reader import ContractError
from comfy_cloud.contract._documents.sources import one_line

LONGEST_NAME = 200
_PARAMETER = re.compile(r"\{([^{}]*)\}")


class Code(str):
    """Python source that is made of checked names, literals, and the generator's own words."""

    __slots__ = ()


def only_code(value: object) -> str:
    """What a template writes for a value. Raises TypeError for text that no filter made."""
    if not isinstance(value, Code):
        raise TypeError(f"a template writes {type(value).__name__} {value!r:.80} without a filter for code")
    return value


def code(value: object) -> Code:
    """The filter for what is code already. Raises TypeError for anything else."""
    only_code(value)
    return Code(value)


def literal(text: object) -> Code:
    """A literal of a text, of whatever class the generator keeps it in."""
    return Code(repr(raw_text(text)))


def literals(texts: list[str]) -> Code:
    """A list of literals."""
    return Code(f"[{', '.join(map(literal, texts))}]")


def literal_map(texts: Mapping[str, str]) -> Code:
    """A mapping of literals."""
    return Code(f"{{{', '.join(f'{literal(name)}: {literal(text)}' for name, text in texts.items())}}}")


def identifier(name: object) -> Code:
    """A name as Python reads it, which folds wide letters and the like.

    Raises ContractError for what is not a name.
    """
    text = unicodedata.normalize("NFKC", raw_text(name))
    if not text.isidentifier() or keyword.iskeyword(text) or text.startswith("__"):
        raise ContractError(f"The contract has a name that Python code cannot have: {one_line(repr(text))}")
    if len(text) > LONGEST_NAME:
        raise ContractError(
            f"A name in the contract becomes {len(text)} characters long, and {LONGEST_NAME} are allowed: "
            f"{one_line(text)}"
        )
    return Code(text)


def path_expression(path: str, names: Mapping[str, str]) -> Code:
    """The expression of a path, with its parameters encoded.

    `names` has the Python name of each parameter. Braces around anything else stay braces.
    """
    parts, end, has_parameters = [], 0, False
    for match in _PARAMETER.finditer(path):
        if match[1] in names:
            has_parameters = True
            parts.append(_in_f_string(path[end : match.start()]))
            parts.append(f"{{path_segment({identifier(names[match[1]])})}}")
            end = match.end()
    if not has_parameters:
        return literal(path)
    return Code(f"f'{''.join(parts)}{_in_f_string(path[end:])}'")


def filled_path(path: str, values: Mapping[str, Code]) -> Code:
    """The call that fills in the parameters of a path: by name, the value with its style."""
    pairs = ", ".join(f"{literal(name)}: {value}" for name, value in values.items())
    return Code(f"fill_path({literal(path)}, {{{pairs}}})")


def encoded_path(path: str) -> str:
    """A path with letters outside of ASCII encoded, except in names of parameters."""
    parts = _PARAMETER.split(path)
    return "".join(f"{{{part}}}" if n % 2 else _encoded(part) for n, part in enumerate(parts))


def _encoded(text: str) -> str:
    return "".join(char if char.isascii() else quote(char) for char in text)


def _in_f_string(text: str) -> str:
    # With a double quote in it, `repr` always chooses single quotes around it.
    return repr('"' + text)[2:-1].replace("{", "{{").replace("}", "}}")


def raw_text(text: object) -> str:
    """The text as the contract has it: the generator wraps what it has not escaped."""
    return str(getattr(text, "get_untrusted_value", lambda: text)())


def as_filter(function: Callable[..., Any]) -> Callable[..., Code]:
    """A function whose result is code, as a filter for templates."""

    @wraps(function)
    def made(*arguments: Any) -> Code:
        return Code(function(*arguments))

    return made
