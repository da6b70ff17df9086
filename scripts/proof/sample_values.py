"""Values that fit a schema of a contract, the same ones every time.

Variant 0 has only what is required. The others have every field, and each takes other words, other
alternatives and other texts, so that a few variants use all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from comfy_cloud.contract._documents.reader import resolved
from scripts.generator.null_values import may_be_null
from scripts.generator.union_tags import is_rule, mapping_of

_DEEPEST = 5
_NO_DEEPER = 40  # a schema that requires itself has no value
_TEXTS = ("text", "a b&c=d?e", "q/ä%+;:@é", '"x"')
_BY_FORMAT = {
    "date-time": ("2026-01-02T03:04:05+00:00", "2025-12-31T23:59:59.25+02:00"),
    "date": ("2026-01-02",),
    "time": ("03:04:05Z",),
    "uuid": ("3fa85f64-5717-4562-b3fc-2c963f66afa6",),
    "uri": ("https://things.test/a?b=c", "https://things.test/d%20e"),
    "uri-reference": ("/a?b=c",),
    "email": ("a@things.test",),
    "byte": ("QUJD",),
    "binary": ("content",),
}
_ANYTHING: tuple[Any, ...] = ({"any": [1, "a"]}, "text", 7, [True, None])

Schema = dict[str, Any]


class SampleValues:
    """Values for the schemas of one contract."""

    def __init__(self, document: Schema) -> None:
        """Keep the contract, for its references."""
        self._document = document
        self._chosen: dict[int, tuple[Any, int, str]] = {}
        self.tags: set[str] = set()  # fields that discriminators name, which no model has to declare
        self.classes: dict[tuple[int, str], str] = {}

    def variants(self, schema: Any) -> int:
        """How many variants it takes to use every alternative near the top, within bounds."""
        return min(max(4, 1 + self._widest(schema, 0, [])), 8)

    def of(self, schema: Any, variant: int, depth: int = 0) -> Any:
        """The value of one variant."""
        schema = resolved(schema, self._document)
        if not isinstance(schema, dict) or depth > _NO_DEEPER:
            return _ANYTHING[variant % len(_ANYTHING)]
        if "const" in schema:
            return schema["const"]
        if values := schema.get("enum"):
            words = [word for word in values if word is not None]
            return words[variant % len(words)] if words else None
        if alternatives := [*schema.get("oneOf", []), *schema.get("anyOf", [])]:
            return self._alternative(schema, alternatives, variant, depth)
        if "allOf" in schema:
            return self._joined(schema, variant, depth)
        match self._type(schema, variant):
            case "object":
                return self._object(schema, variant, depth)
            case "array":
                return self._array(schema, variant, depth)
            case "string":
                return _text(schema, variant)
            case "integer":
                return int(_number(schema, variant + 1))
            case "number":
                return _number(schema, variant + 0.5)
            case "boolean":
                return variant % 2 == 1
            case "null":
                return None
            case _:
                return _ANYTHING[variant % len(_ANYTHING)]

    def named_alternatives(self, value: Any, place: str = "") -> Iterator[tuple[str, int, str]]:
        """The objects in a value that a discriminator names: place, union, and reference."""
        if isinstance(value, dict) and id(value) in self._chosen:
            yield place, *self._chosen[id(value)][1:]
        items = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for name, item in items:
            yield from self.named_alternatives(item, f"{place}/{name}")

    def plain(self, schema: Any) -> Schema:
        """The schema that a reference leads to; an empty one for anything that is not a schema."""
        found = resolved(schema, self._document) if isinstance(schema, dict) else {}
        return found if isinstance(found, dict) else {}

    def fields_of(self, schema: Any) -> Schema:
        """The fields of an object, those of what it joins included."""
        plain = self.plain(schema)
        fields = dict(plain.get("properties") or {})
        for part in plain.get("allOf", []):
            fields = {**self.fields_of(part), **fields}
        return fields

    def part_headers(self, encoding: Any) -> dict[str, dict[str, str]]:
        """The headers that parts of a form must have, by field, each with a text."""
        found: dict[str, dict[str, str]] = {}
        for name, entry in (encoding or {}).items():
            headers = entry.get("headers") if isinstance(entry, dict) else None
            for header, given in (headers or {}).items():
                if self.plain(given).get("required") is True and header.lower() != "content-type":
                    found.setdefault(name, {})[header] = "text"
        return found

    def _widest(self, schema: Any, depth: int, seen: list[Any]) -> int:
        schema = resolved(schema, self._document)
        if not isinstance(schema, dict) or depth > 3 or any(schema is other for other in seen):
            return 0
        alternatives = [*schema.get("oneOf", []), *schema.get("anyOf", [])]
        inner = [*alternatives, *schema.get("allOf", []), *(schema.get("properties") or {}).values()]
        inner += [schema[key] for key in ("items", "additionalProperties") if key in schema]
        widths = [self._widest(each, depth + 1, [*seen, schema]) for each in inner]
        return max([len(alternatives), *widths])

    def _type(self, schema: Schema, variant: int) -> str | None:
        is_object = "properties" in schema or "required" in schema
        given = schema.get("type", "object" if is_object else None)
        if isinstance(given, list):
            kinds = [kind for kind in given if kind != "null"] or ["null"]
            return str(kinds[variant % len(kinds)])
        return given

    def _alternative(self, schema: Schema, alternatives: list[Any], variant: int, depth: int) -> Any:
        # Deep down another one is taken each time, until one does not contain the schema again.
        turn = variant if depth < _DEEPEST else variant + depth
        chosen = alternatives[turn % len(alternatives)]
        # Alternatives beside fields, and alternatives of only the first variant, have every field.
        value = self.of(chosen, variant or len(alternatives), depth)
        if isinstance(value, dict):
            own = {key: part for key, part in schema.items() if key in ("properties", "required")}
            if own:
                value = {**self._object({**own, "type": "object"}, variant or 1, depth), **value}
            tag = tag_of(schema, chosen)
            value = {**value, **tag}
            self.tags.update(tag)
            if tag and "$ref" in chosen:
                self._chosen[id(value)] = (value, id(schema), chosen["$ref"])
        return value

    def _joined(self, schema: Schema, variant: int, depth: int) -> Any:
        own = {key: part for key, part in schema.items() if key in ("properties", "required", "type", "enum")}
        says = [part for part in schema["allOf"] if set(resolved(part, self._document)) - {"description"}]
        parts = [self.of(part, variant, depth) for part in [*says, *([own] if own else [])]]
        objects = [part for part in parts if isinstance(part, dict)]
        if objects:
            whole = {name: value for part in objects for name, value in part.items()}
            return {**self._required_elsewhere(schema, whole, variant, depth), **whole}
        return self.of(says[-1], variant, depth) if says else self.of(schema["allOf"][0], variant, depth)

    def _required_elsewhere(self, schema: Schema, whole: Schema, variant: int, depth: int) -> Schema:
        """What one part of a joined schema requires, and another one declares."""
        required = [
            name for part in [schema, *schema["allOf"]] for name in self.plain(part).get("required", [])
        ]
        missing = [name for name in required if name not in whole]
        fields = {name: field for name, field in self.fields_of(schema).items() if name in missing}
        return self._object({"properties": fields, "required": missing}, variant, depth)

    def _object(self, schema: Schema, variant: int, depth: int) -> Schema:
        declared = schema.get("properties") or {}
        required = set(schema.get("required") or ())
        value: Schema = {}
        for number, (name, field) in enumerate(declared.items()):
            is_required = name in required
            if is_required and (not variant or depth >= _DEEPEST) and may_be_null(field, self._document):
                value[name] = None
            elif is_required or (variant and depth < _DEEPEST):
                made = self.of(field, variant + number if variant else 0, depth + 1)
                if is_required or made is not None:  # an optional null is not written back
                    value[name] = made
        extra = schema.get("additionalProperties")
        if not declared and extra is not False and variant and depth < _DEEPEST:
            value["a key"] = self.of(extra, variant, depth + 1) if isinstance(extra, dict) else "text"
        return value

    def _array(self, schema: Schema, variant: int, depth: int) -> list[Any]:
        if "prefixItems" in schema:
            return [self.of(item, variant, depth + 1) for item in schema["prefixItems"]]
        least = schema.get("minItems", 0)
        count = max(least, 2 if variant and depth < _DEEPEST else 0)
        count = min(count, schema.get("maxItems", count))
        return [self.of(schema.get("items", {}), variant + number, depth + 1) for number in range(count)]


def tag_of(union: Schema, chosen: Any) -> dict[str, str]:
    """The field and word by which a discriminator names one of its alternatives."""
    rule: Any = union.get("discriminator")
    reference = chosen.get("$ref") if isinstance(chosen, dict) else None
    if not is_rule(rule) or reference is None:
        return {}
    name = reference.rpartition("/")[2]
    words = [word for word, target in mapping_of(rule).items() if target in (reference, name)]
    return {rule["propertyName"]: words[0] if words else name}


def _text(schema: Schema, variant: int) -> str:
    if texts := _BY_FORMAT.get(schema.get("format", "")):
        return texts[variant % len(texts)]
    example = schema.get("example", schema.get("default"))
    if "pattern" in schema and isinstance(example, str):
        return example
    text = _TEXTS[variant % len(_TEXTS)]
    least, most = schema.get("minLength", 0), schema.get("maxLength", 1000)
    return text.ljust(least, "x")[:most] if "pattern" not in schema else "a" * max(least, 1)


def _number(schema: Schema, wanted: float) -> float:
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(low, (int, float)):
        wanted = max(wanted, low + 1 if high is None or low + 1 <= high else low)
    return min(wanted, high) if isinstance(high, (int, float)) else wanted
