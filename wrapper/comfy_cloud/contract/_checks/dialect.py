"""Validators for the schemas of an OpenAPI 3.0 contract: draft 4 of JSON Schema with `nullable`.

jsonschema silently skips formats whose optional packages are missing. Those here need no package,
so a report is the same on every machine. Other formats are not checked, as OpenAPI allows.

openapi-schema-validator 0.8.1 was tried instead. `tests/contract/test_dialect_second_opinion.py`
shows that the same values fit, but it needs more of our code and costs more:

- It reports a null twice ("not nullable", "not of type"), does not ignore what stands beside a
  `$ref`, and skips `uri` unless more packages are installed. A server's value can end it with a
  foreign exception: TypeError for a list as discriminator, UnicodeEncodeError for `byte` text that
  is not ASCII. What it would add is `required` by readOnly and writeOnly, which the contract does
  not use.
- It checks at the same speed (63 ms for a page of 300 jobs; 70 ms here). But it imports pydantic:
  the first check comes after 1.1 s of CPU time instead of 0.45 s, in every process of the test
  suite, and 11 MB more are installed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import UUID

from jsonschema import FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import Draft4Validator, extend
from referencing import Registry
from referencing.jsonschema import DRAFT4

from ...times import is_rfc_3339
from .patterns import fits
from .quick_fit import QuickFit

CONTRACT_URI: Final = "urn:contract"

_CHAR = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})"
# RFC 3986. Without a scheme, the first segment of the path has no colon.
_URI_REFERENCE = re.compile(
    rf"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*):|(?![^/?#]*:))"
    rf"(?://(?:(?:{_CHAR}|:)*@)?(?:\[[0-9A-Fa-f:.]+\]|{_CHAR}*)(?::[0-9]*)?(?=[/?#]|\Z)|(?!//))"
    rf"(?:{_CHAR}|[:@/])*(?:\?(?:{_CHAR}|[:@/?])*)?(?:#(?:{_CHAR}|[:@/?])*)?"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


class Dialect:
    """Validators for the schemas of one document, each made once."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._registry: Registry[Any] = Registry().with_resource(
            CONTRACT_URI, DRAFT4.create_resource(document)
        )
        self._validators: dict[int, tuple[dict[str, Any], Any]] = {}
        self._quick = QuickFit(
            document,
            _Validator.VALIDATORS,
            _FORMATS.conforms,
            lambda schema, value: not any(True for _ in self._found(schema, value)),
        )

    def errors(self, schema: dict[str, Any], value: Any) -> Iterator[ValidationError]:
        """What is wrong with a value by a schema of the document."""
        if not self._quick.fits(schema, value):
            yield from self._found(schema, value)

    def _found(self, schema: dict[str, Any], value: Any) -> Iterator[ValidationError]:
        # Found by id, since comparing schemas would cost more than validating. The schema is kept
        # beside its validator, so that no other object can get its id.
        if id(schema) not in self._validators:
            validator = _Validator(_anchored(schema), registry=self._registry, format_checker=_FORMATS)
            self._validators[id(schema)] = (schema, validator)
        try:
            yield from self._validators[id(schema)][1].iter_errors(value)
        except RecursionError:
            text = "the value or its schema is nested too deeply"
            yield ValidationError(text, validator="nesting", instance=value)


def _anchored(node: Any) -> Any:
    """The schema with absolute references, so that it can be used apart from its document."""
    if isinstance(node, dict):
        return {
            name: f"{CONTRACT_URI}{value}" if name == "$ref" and isinstance(value, str) else _anchored(value)
            for name, value in node.items()
        }
    return [_anchored(item) for item in node] if isinstance(node, list) else node


def _type(validator: Any, kinds: Any, value: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    if value is None and schema.get("nullable"):
        return
    names = [kinds] if isinstance(kinds, str) else kinds
    if not any(validator.is_type(value, name) for name in names):
        yield ValidationError(f"{value!r} is not of type {', '.join(map(repr, names))}")


def _all_of(validator: Any, parts: Any, value: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    # A reference that may be null is written as `nullable` beside `allOf`, since nothing may stand
    # beside a `$ref`. To the letter, `nullable` would need a `type` beside it.
    if value is None and schema.get("nullable"):
        return
    yield from Draft4Validator.VALIDATORS["allOf"](validator, parts, value, schema)


def _pattern(validator: Any, pattern: Any, value: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    if validator.is_type(value, "string") and isinstance(pattern, str) and fits(pattern, value) is False:
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: Any, value: Any, schema: dict[str, Any]
) -> Iterator[ValidationError]:
    if validator.is_type(value, "object"):
        for pattern, inner in patterns.items():
            for name, item in value.items():
                if fits(pattern, name):
                    yield from validator.descend(item, inner, path=name, schema_path=pattern)


def _additional_properties(
    validator: Any, extra: Any, value: Any, schema: dict[str, Any]
) -> Iterator[ValidationError]:
    patterns = schema.get("patternProperties")
    if isinstance(patterns, dict) and validator.is_type(value, "object"):
        # jsonschema would search for all patterns as one expression.
        known = schema.get("properties", {}).keys()
        others = (name for name in value if name not in known)
        value = {name: value[name] for name in others if not any(fits(each, name) for each in patterns)}
        schema = {"additionalProperties": extra}
    yield from Draft4Validator.VALIDATORS["additionalProperties"](validator, extra, value, schema)


def _multiple_of(validator: Any, step: Any, value: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    try:
        yield from Draft4Validator.VALIDATORS["multipleOf"](validator, step, value, schema)
    except (ArithmeticError, ValueError):  # a step of 0, or numbers that no float can divide
        return


_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft4Validator,
    {
        "type": _type,
        "allOf": _all_of,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "multipleOf": _multiple_of,
    },
)


def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None and UUID(text) is not None


def _is_uri(text: str) -> bool:
    found = _URI_REFERENCE.fullmatch(text)
    return found is not None and found["scheme"] is not None


def _is_reference(text: str) -> bool:
    return _URI_REFERENCE.fullmatch(text) is not None


_TEXTS: Final[dict[str, Callable[[str], bool]]] = {
    "date-time": is_rfc_3339,
    "uuid": _is_uuid,
    "uri": _is_uri,
    "uri-reference": _is_reference,
}
_BITS: Final = {"int32": 31, "int64": 63}
_FORMATS: Final = FormatChecker(formats=())


def _of_text(check: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or check(value)


def _of_bits(bits: int) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, int) or -(2**bits) <= value < 2**bits


for _name, _check in _TEXTS.items():
    _FORMATS.checks(_name, raises=ValueError)(_of_text(_check))
for _name, _bits in _BITS.items():
    _FORMATS.checks(_name)(_of_bits(_bits))
