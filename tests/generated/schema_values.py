"""Hypothesis strategies for values that fit a schema of the contract, and for any JSON.

They support the part of OpenAPI 3.0 that the contract uses. An unknown keyword is an error, so
that no test claims more than was generated.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta, timezone
from typing import Any

from hypothesis import strategies as st

KNOWN_KEYWORDS = frozenset(
    {
        "type", "format", "nullable", "enum", "properties", "required", "additionalProperties", "items",
        "minItems", "maxItems", "oneOf", "anyOf", "allOf", "minimum", "maximum", "pattern", "minLength",
        "maxLength", "$ref", "description", "example", "default", "title", "deprecated", "minProperties",
        "readOnly",
    }
)  # fmt: skip

INTEGERS = st.integers(-(2**65), 2**65)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = st.one_of(
    st.none(), st.booleans(), INTEGERS, st.floats(allow_nan=False, allow_infinity=False), TEXT
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=6,
)
"""JSON of any shape."""
NOTHING: st.SearchStrategy[Any] = st.builds(dict)
# Named zones are searched for their changes of time, and only the offset is written.
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))

DEEPEST = 4


class SchemaValues:
    """Strategies for the schemas of one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._named: dict[str, st.SearchStrategy[Any]] = {}

    def named(self, name: str) -> st.SearchStrategy[Any]:
        """Values of a component schema."""
        return self.of({"$ref": f"#/components/schemas/{name}"})

    def of(self, schema: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
        """Values of a schema; `depth` counts the objects around it, so that recursion ends."""
        if unknown := schema.keys() - KNOWN_KEYWORDS - {key for key in schema if key.startswith("x-")}:
            raise NotImplementedError(f"schema keywords without a strategy: {', '.join(sorted(unknown))}")
        if "$ref" in schema:
            return self._referred(schema["$ref"], depth)
        values = self._plain(schema, depth)
        return st.one_of(st.none(), values) if schema.get("nullable") else values

    def _referred(self, reference: str, depth: int) -> st.SearchStrategy[Any]:
        key = f"{reference} {depth}"
        if key not in self._named:
            name = reference.rpartition("/")[2]
            self._named[key] = self.of(self._document["components"]["schemas"][name], depth)
        return self._named[key]

    def _plain(self, schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
        for word in ("oneOf", "anyOf"):
            if word in schema:
                return st.one_of([self.of(choice, depth) for choice in schema[word]])
        if "allOf" in schema:
            parts = schema["allOf"]
            joined = _join_of([self._declared(part) for part in parts])
            return st.tuples(*(self.of(part, depth) for part in parts)).map(joined)
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        match schema.get("type"):
            case "object":
                return self._objects(schema, depth)
            case "array":
                items = self.of(schema.get("items", {}), depth + 1)
                least = schema.get("minItems", 0)
                return st.lists(items, min_size=least, max_size=max(least, min(2, schema.get("maxItems", 2))))
            case "string":
                return _texts(schema)
            case "integer":
                return st.integers(schema.get("minimum", -(2**63)), schema.get("maximum", 2**63 - 1))
            case "number":
                numbers = st.floats(
                    schema.get("minimum"), schema.get("maximum"), allow_nan=False, allow_infinity=False
                )
                return st.one_of(numbers, st.integers(schema.get("minimum", -9), schema.get("maximum", 9)))
            case "boolean":
                return st.booleans()
            case _:
                return ANYTHING

    def _declared(self, schema: dict[str, Any]) -> set[str]:
        """The names of the fields that a schema declares."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._declared(self._document["components"]["schemas"][name])
        parts = schema.get("allOf", ())
        return set(schema.get("properties", ())).union(*(self._declared(part) for part in parts))

    def _objects(self, schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
        declared = schema.get("properties", {})
        required = set(schema.get("required", ()))
        deep = depth >= DEEPEST
        fields = {
            name: self.of(item, depth + 1) for name, item in declared.items() if name in required or not deep
        }
        must = {name: values for name, values in fields.items() if name in required}
        may = {name: values for name, values in fields.items() if name not in required}
        extra = schema.get("additionalProperties", True)
        if extra is False or deep:
            others: st.SearchStrategy[Any] = NOTHING
        else:
            values = self.of(extra, depth + 1) if isinstance(extra, dict) else ANYTHING
            some = st.dictionaries(TEXT.filter(lambda name: name not in declared), values, max_size=2)
            others = st.one_of(NOTHING, some)
        objects = st.tuples(others, st.fixed_dictionaries(must, optional=may)).map(_joined)
        least = schema.get("minProperties", 0)
        return objects.filter(lambda value: len(value) >= least) if least else objects


def _joined(parts: tuple[Any, ...]) -> Any:
    return {name: value for part in parts for name, value in part.items()}


def _join_of(declared: list[set[str]]) -> Callable[[tuple[Any, ...]], Any]:
    """A function that joins values of parts which declare these fields.

    What one part allows under any name must not have the name of another part's field.
    """
    known = set().union(*declared)

    def joined(parts: tuple[Any, ...]) -> Any:
        return {
            name: value
            for own, part in zip(declared, parts, strict=True)
            for name, value in part.items()
            if name in own or name not in known
        }

    return joined


def _texts(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    match schema.get("format"):
        case "uuid":
            return st.uuids().map(str)
        case "date-time":
            return st.datetimes(timezones=ZONES).map(lambda moment: moment.isoformat(timespec="seconds"))
        case "uri":
            return st.from_regex(
                r"https://[a-z]{1,8}\.test/[a-z0-9/]{0,8}(\?[a-z]=[a-z0-9]?)?", fullmatch=True
            )
        case "uri-reference":
            return st.from_regex(
                r"(https://[a-z]{1,8}\.test)?/[a-z0-9/]{0,8}(\?[a-z]=[a-z0-9]?)?", fullmatch=True
            )
        case None | "binary":
            pass
        case unknown:
            raise NotImplementedError(f"a text format without a strategy: {unknown}")
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    least = schema.get("minLength", 0)
    alphabet = st.characters(exclude_categories=["Cs"])
    return st.text(alphabet, min_size=least, max_size=min(schema.get("maxLength", 8), least + 8))
