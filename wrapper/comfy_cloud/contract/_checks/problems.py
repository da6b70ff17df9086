"""Problems of an exchange: where, what the contract expects, what was seen. Pure.

An `ExchangeProblem` is worded twice. `text` is for the developers of a server or client and shows
values. `expected` and `seen` are for reports that others read: they show kinds, numbers, patterns
and single short words, never what a user wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from jsonschema.exceptions import ValidationError

from ..._http.deviations import PYTHON_TYPE_WORDS
from ..._http.response_shapes import JSON_TYPE_WORDS, seen_form, seen_in, shown_name

_FORMAT_WORDS: Final = {
    "date-time": "an instant as in RFC 3339",
    "uuid": "a UUID",
    "uri": "a URI",
    "uri-reference": "a URI or a relative reference",
    "int32": "a whole number of 32 bits",
    "int64": "a whole number of 64 bits",
}
_BOUND_WORDS: Final = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "{} characters or more",
    "maxLength": "{} characters or fewer",
    "minItems": "{} items or more",
    "maxItems": "{} items or fewer",
    "minProperties": "{} fields or more",
    "maxProperties": "{} fields or fewer",
    "multipleOf": "a multiple of {}",
    "pattern": "text that fits {}",
}
_KINDS: Final = {"type": "type", "enum": "unknown word", "required": "missing field", "format": "format"}


@dataclass(frozen=True, slots=True)
class ExchangeProblem:
    """One way in which a request or response breaks the contract.

    Attributes:
        path: Where: a path in a body such as `jobs[].status`, `body` for the whole of it, `status`,
            `header Location`, ...
        kind: "type", "null", "unknown word", "missing field", "instant", "format", "bound",
            "schema", "status", "redirect", "content type", "header" or "body".
        expected: What the contract expects there, in words.
        seen: What was there, in words that show nothing that a user wrote.
        text: All of it for developers, with the exact path and the value.
    """

    path: str
    kind: str
    expected: str
    seen: str
    text: str


def schema_problems(
    where: str, errors: Iterable[ValidationError], most: int | None = None
) -> Iterator[ExchangeProblem]:
    """A problem for each error that a validator found in the value called `where`.

    After `most` of them, one more says that there are others.
    """
    for number, error in enumerate(errors):
        if number == most:
            yield ExchangeProblem(where, "schema", "no further problems", "more", f"{where}: and more")
            return
        yield _of_schema(where, error)


def _of_schema(where: str, error: ValidationError) -> ExchangeProblem:
    exact = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    path = _path(error)
    text = f"{where}{exact}: {error.message[:300]}"
    rule, value, seen = str(error.validator), error.instance, seen_in(error.instance)
    kind = _KINDS.get(rule, "bound" if rule in _BOUND_WORDS else "schema")
    match rule:
        case "required":
            # Only the message of the error has the name of the field.
            name = error.message.partition("' is a required")[0].lstrip("'")
            path = f"{path}.{shown_name(name)}" if path else shown_name(name)
            expected, seen = "a field that is always there", "nothing"
        case "type" if value is None:
            kind, expected = "null", _types(error.validator_value)
        case "type":
            expected, seen = _types(error.validator_value), _kind_of(value)
        case "enum":
            expected = f"one of {', '.join(map(str, _listed(error.validator_value)))}"
        case "format":
            kind = "instant" if error.validator_value == "date-time" else "format"
            expected = _FORMAT_WORDS.get(str(error.validator_value), str(error.validator_value))
            seen = seen_form(value) if isinstance(value, str) else seen
        case _ if rule in _BOUND_WORDS:
            expected = _BOUND_WORDS[rule].format(json.dumps(error.validator_value))
        case "additionalProperties":
            expected = "no other fields"
        case _:
            expected = f"a value that `{rule}` of the schema allows"
    return ExchangeProblem(path or where, kind, expected, seen, text)


def _path(error: ValidationError) -> str:
    """The path without list indexes and map keys, which users choose: `nodes.*.inputs[]`."""
    text = ""
    steps = iter(error.absolute_schema_path)
    for step in steps:
        match step:
            case "properties":
                name = str(next(steps, ""))
                text += f".{name}" if text else name
            case "additionalProperties" | "patternProperties":
                text += ".*" if text else "*"
            case "items":
                text += "[]"
            case "allOf" | "oneOf" | "anyOf":
                next(steps, None)
            case _:
                pass
    # The last step is the failed rule itself, which may be one of those that lead deeper.
    rule = error.validator
    if rule == "additionalProperties":
        text = text.removesuffix("*").removesuffix(".")
    elif rule == "items":
        text = text.removesuffix("[]")
    return text


def _listed(given: Any) -> list[Any]:
    return list(given)


def _types(given: Any) -> str:
    return " or ".join(
        JSON_TYPE_WORDS.get(name, name) for name in ([given] if isinstance(given, str) else given)
    )


def _kind_of(value: Any) -> str:
    return PYTHON_TYPE_WORDS[type(value)]
