"""Whether a value fits a schema, without saying why not. Pure.

Nearly all values fit. jsonschema makes a validator for each part of a value, also where there is
nothing to report; here each schema becomes a function once. The keywords are those that contracts
use; what is made of others, or fails, is left to jsonschema, which has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from .._documents.reader import resolved
from .patterns import fits as fits_pattern

Fit = Callable[[Any], bool]
"""True when a value fits for certain."""

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
# By keyword: the types of values that it is about, and whether such a value keeps to the bound.
_BOUNDS: Final[dict[str, tuple[tuple[type, ...], Callable[[Any, Any], bool]]]] = {
    "minimum": ((int, float), lambda value, bound: value >= bound),
    "maximum": ((int, float), lambda value, bound: value <= bound),
    "minLength": ((str,), lambda value, bound: len(value) >= bound),
    "maxLength": ((str,), lambda value, bound: len(value) <= bound),
    "minItems": ((list,), lambda value, bound: len(value) >= bound),
    "maxItems": ((list,), lambda value, bound: len(value) <= bound),
    "minProperties": ((dict,), lambda value, bound: len(value) >= bound),
    "maxProperties": ((dict,), lambda value, bound: len(value) <= bound),
}
_BESIDE_A_BOUND: Final = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}


def _never(value: Any) -> bool:
    return False


def _always(value: Any) -> bool:
    return True


class QuickFit:
    """The functions for the schemas of one document, each made when it is first needed.

    Args:
        document: The contract.
        keywords: Those that a validator heeds; it ignores all others.
        conforms: Whether a value conforms to a format.
        is_valid: The validator: for the parts that must not fit.
    """

    def __init__(
        self,
        document: dict[str, Any],
        keywords: Collection[str],
        conforms: Callable[[Any, str], bool],
        is_valid: Callable[[dict[str, Any], Any], bool],
    ) -> None:
        self._document = document
        self._keywords = keywords
        self._conforms = conforms
        self._is_valid = is_valid
        # By id, and beside its schema, so that no other object can get its id.
        self._made: dict[int, tuple[Any, Fit]] = {}

    def fits(self, schema: Any, value: Any) -> bool:
        """True when the value fits for certain; False when it does not, or may not."""
        try:
            return self._of(schema)(value)
        except Exception:  # noqa: BLE001 - so may its numbers and words, and a value may be too deep
            return False

    def _of(self, schema: Any) -> Fit:
        known = self._made.get(id(schema))
        if known is not None:
            return known[1]
        # A schema may contain itself.
        self._made[id(schema)] = (schema, lambda value: self._made[id(schema)][1](value))
        try:
            made = self._make(schema)
        except Exception:  # noqa: BLE001 - a schema of others may be anything
            made = _never
        self._made[id(schema)] = (schema, made)
        return made

    def _make(self, schema: Any) -> Fit:
        if not isinstance(schema, dict):
            return _never
        if "$ref" in schema:  # what stands beside it does not count
            return self._of(resolved(schema, self._document))
        parts: list[Fit] = []
        for name, given in schema.items():
            if name in _BOUNDS and _BESIDE_A_BOUND.get(name) not in schema:
                parts.append(_bounded(*_BOUNDS[name], given))
            elif name in self._keywords:
                make = getattr(self, f"_{name}", None)
                parts.append(_never if make is None else make(given, schema))
        if len(parts) == 1:
            return parts[0]
        return lambda value: all(part(value) for part in parts)

    def _type(self, given: Any, schema: dict[str, Any]) -> Fit:
        types = _TYPES.get(given, ()) if isinstance(given, str) else ()
        if schema.get("nullable"):
            types = (*types, type(None))
        return lambda value: type(value) in types

    def _properties(self, given: dict[str, Any], schema: dict[str, Any]) -> Fit:
        fields = [(name, self._of(inner)) for name, inner in given.items()]

        def check(value: Any) -> bool:
            if type(value) is dict:
                for name, fit in fields:
                    if name in value and not fit(value[name]):
                        return False
            return type(value) in _PLAIN

        return check

    def _additionalProperties(self, given: Any, schema: dict[str, Any]) -> Fit:
        if given is True:
            return _always
        if "patternProperties" in schema:
            return _never
        known = schema.get("properties", {}).keys()
        if given is False:
            return lambda value: type(value) is not dict or value.keys() <= known
        fit = self._of(given)
        return lambda value: (
            type(value) is not dict or all(fit(item) for name, item in value.items() if name not in known)
        )

    def _required(self, given: list[str], schema: dict[str, Any]) -> Fit:
        names = frozenset(given)
        return lambda value: type(value) is not dict or names <= value.keys()

    def _items(self, given: Any, schema: dict[str, Any]) -> Fit:
        fit = self._of(given)
        return lambda value: type(value) is not list or all(map(fit, value))

    def _enum(self, given: list[Any], schema: dict[str, Any]) -> Fit:
        # True is 1 in a set, but not in JSON.
        words = frozenset(each for each in given if each is None or isinstance(each, str))
        return lambda value: (value is None or type(value) is str) and value in words

    def _allOf(self, given: list[Any], schema: dict[str, Any]) -> Fit:
        fits = [self._of(each) for each in given]
        nullable = bool(schema.get("nullable"))
        return lambda value: (value is None and nullable) or all(fit(value) for fit in fits)

    def _oneOf(self, given: list[Any], schema: dict[str, Any]) -> Fit:
        fits = [(self._of(each), each) for each in given]

        def check(value: Any) -> bool:
            found = [fit(value) for fit, _ in fits]
            others = (each for (_, each), is_fit in zip(fits, found, strict=True) if not is_fit)
            return found.count(True) == 1 and not any(self._is_valid(each, value) for each in others)

        return check

    def _format(self, given: str, schema: dict[str, Any]) -> Fit:
        return lambda value: self._conforms(value, given)

    def _pattern(self, given: str, schema: dict[str, Any]) -> Fit:
        return lambda value: type(value) is not str or fits_pattern(given, value) is not False


_PLAIN: Final = frozenset(each for types in _TYPES.values() for each in types)


def _bounded(types: tuple[type, ...], keeps: Callable[[Any, Any], bool], bound: Any) -> Fit:
    return lambda value: type(value) not in types or keeps(value, bound)
