"""What changed between two versions of a schema, and what of it breaks a program. Pure.

The client reads a response whatever fields it lacks, but a program that relies on a promised value
gets None from now on where the value may be absent or null: that breaks. Enums are open, so a new
value breaks nothing. Requests must satisfy the server: a narrower rule for what is sent breaks. A
`$ref` is compared by name; the schema behind it is compared where the contract defines it, so
recursion ends there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .._documents.reader import resolved
from .changes import Change

Schema = dict[str, Any]

_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_OTHER_BOUNDS = ("pattern", "multipleOf", "uniqueItems")
_OPAQUE = ("const", "not", "prefixItems", "discriminator", "if", "then", "else")
# The keywords of an object schema that can be joined with others, words included.
_OF_OBJECTS = frozenset(
    {
        "type", "properties", "required", "allOf", "nullable", "additionalProperties", "description", "title",
        "example", "deprecated", "readOnly", "writeOnly",
    }
)  # fmt: skip
_MOST_JOINED = 8
# The formats that the client has a Python type for. Values of others stay text or numbers.
_TYPED_FORMATS = frozenset({"date-time", "binary"})


class SchemaDiff:
    """Compares schemas of two documents, `old` and `new`.

    `sent` and `received` say whether the client sends and receives values of these schemas.
    """

    def __init__(self, old: Schema, new: Schema, *, sent: bool, received: bool) -> None:
        self._old_document, self._new_document = old, new
        self._sent, self._received = sent, received

    def changes(self, old: Any, new: Any, where: str, *, promised: bool = True) -> Iterator[Change]:
        """Every change between two schemas at `where`.

        `promised` says whether the old contract had a value there in any case.
        """
        old, new = unwrapped(old), unwrapped(new)
        if "$ref" in old or "$ref" in new:
            yield from self._references(old, new, where, promised)
            return
        if ("allOf" in old) != ("allOf" in new):
            joined = (self._joined(old, self._old_document), self._joined(new, self._new_document))
            if all(each is not None for each in joined):
                yield Change("composition-changed", False, where, f"is {_composed(new)} now")
                old, new = joined
        if _type_names(old) != _type_names(new):
            text = f"type was {described(old)}, is {described(new)}"
            yield Change("type-changed", self._type_breaks(old, new), where, text)
            return
        yield from self._null_rule(old, new, where, promised)
        yield from self._own_rules(old, new, where)
        yield from self._fields(old, new, where)
        yield from self._alternatives(old, new, where)
        if "items" in old or "items" in new:
            yield from self.changes(old.get("items", {}), new.get("items", {}), f"{where}[]")
        yield from self._additional(old, new, where)

    def _joined(self, schema: Schema, document: Schema, depth: int = 0) -> Schema | None:
        """One object schema with the fields of all that an `allOf` joins; None if it is no such."""
        schema = unwrapped(resolved(schema, document))
        if depth > _MOST_JOINED or schema.keys() - _OF_OBJECTS or _type_names(schema) - {"object"}:
            return None
        found: Schema = {**schema, "properties": {}, "required": []}
        parts = [self._joined(part, document, depth + 1) for part in found.pop("allOf", [])]
        for part in [*parts, schema]:
            if part is None:
                return None
            found["properties"] |= part.get("properties", {})
            found["required"] += part.get("required", [])
            found |= {
                key: value for key, value in part.items() if key not in ("properties", "required", "allOf")
            }
        return found | {"type": "object"}

    def _references(self, old: Schema, new: Schema, where: str, promised: bool) -> Iterator[Change]:
        if old.get("$ref") == new.get("$ref"):
            yield from self._null_rule(old, new, where, promised)
            return
        one, other = resolved(old, self._old_document), resolved(new, self._new_document)
        if _has_class(one) or _has_class(other):
            yield Change("type-changed", True, where, f"type was {described(old)}, is {described(new)}")
        else:
            yield from self.changes(one, other, where, promised=promised)

    def _own_rules(self, old: Schema, new: Schema, where: str) -> Iterator[Change]:
        was, now = old.get("format"), new.get("format")
        if was != now:
            narrows = now is not None and (was, now) != ("int32", "int64")
            breaking = bool({was, now} & _TYPED_FORMATS) or (self._sent and narrows)
            yield Change("format-changed", breaking, where, f"format was {was or 'none'}, is {now or 'none'}")
        yield from self._enum(old, new, where)
        if old.get("default") != new.get("default"):
            text = f"default was {_shown(old.get('default'))}, is {_shown(new.get('default'))}"
            yield Change("default-changed", self._sent, where, text)
        yield from self._bounds(old, new, where)
        if bool(old.get("deprecated")) != bool(new.get("deprecated")):
            text = "is deprecated now" if new.get("deprecated") else "is no longer deprecated"
            yield Change("deprecation", False, where, text)
        for key, role, breaks in (
            ("readOnly", "only sent by the server", self._sent),
            ("writeOnly", "only accepted by the server", self._received),
        ):
            if bool(old.get(key)) != bool(new.get(key)):
                text = f"is {role} now" if new.get(key) else f"is no longer {role}"
                yield Change("direction-changed", bool(new.get(key)) and breaks, where, text)
        if old.get("title") != new.get("title") and (_has_class(old) or _has_class(new)):
            text = f"title was {_shown(old.get('title'))}, is {_shown(new.get('title'))}"
            yield Change("class-renamed", True, where, text)
        for key in _OPAQUE:
            if old.get(key) != new.get(key):
                yield Change("rule-changed", True, where, f"`{key}` has changed")

    def _null_rule(self, old: Schema, new: Schema, where: str, promised: bool) -> Iterator[Change]:
        was, now = _allows_null(old), _allows_null(new)
        if was and not now:
            yield Change("null-refused", self._sent, where, "may not be null any more")
        elif now and not was:
            yield Change("null-allowed", self._received and promised, where, "may be null now")

    def _enum(self, old: Schema, new: Schema, where: str) -> Iterator[Change]:
        was, now = old.get("enum"), new.get("enum")
        if was is None and now is not None:
            yield Change("enum-narrowed", self._sent, where, f"must be one of {_listed(now)} now")
        elif was is not None and now is None:
            yield Change("enum-removed", True, where, f"is no longer an enum; its values were {_listed(was)}")
        elif was is not None and now is not None:
            if gone := [value for value in was if value not in now]:
                yield Change("enum-narrowed", True, where, f"no longer takes {_listed(gone)}")
            if fresh := [value for value in now if value not in was]:
                yield Change("enum-widened", False, where, f"knows {_listed(fresh)} now")

    def _bounds(self, old: Schema, new: Schema, where: str) -> Iterator[Change]:
        for key in (*_LOWER_BOUNDS, *_UPPER_BOUNDS, *_OTHER_BOUNDS):
            was, now = old.get(key), new.get(key)
            if was == now:
                continue
            tighter = now is not None and now is not False
            if tighter and was is not None and key in _LOWER_BOUNDS:
                tighter = now > was
            elif tighter and was is not None and key in _UPPER_BOUNDS:
                tighter = now < was
            kind = "bound-tightened" if tighter else "bound-loosened"
            yield Change(kind, tighter and self._sent, where, f"`{key}` was {_shown(was)}, is {_shown(now)}")

    def _fields(self, old: Schema, new: Schema, where: str) -> Iterator[Change]:
        was, now = old.get("properties", {}), new.get("properties", {})
        was_required, is_required = set(old.get("required", [])), set(new.get("required", []))
        for name in was:
            if name not in now:
                yield Change("field-removed", True, where, f"field `{name}` ({described(was[name])}) is gone")
        for name, schema in now.items():
            if name not in was:
                must = name in is_required
                text = f"field `{name}` ({described(schema)}{', required' if must else ''}) is new"
                yield Change("field-added", must and self._sent, where, text)
            else:
                promised = name in was_required
                yield from self.changes(was[name], schema, f"{where}.{name}", promised=promised)
        for name in sorted((is_required - was_required) - (now.keys() - was.keys())):
            yield Change("field-required", self._sent, where, f"field `{name}` is required now")
        for name in sorted((was_required - is_required) - (was.keys() - now.keys())):
            breaking = self._received and not _allows_null(unwrapped(was.get(name, {})))
            yield Change("field-optional", breaking, where, f"field `{name}` is no longer required")

    def _alternatives(self, old: Schema, new: Schema, where: str) -> Iterator[Change]:
        for key in ("oneOf", "anyOf", "allOf"):
            was, now = old.get(key, []), new.get(key, [])
            if len(was) == len(now):
                for number, (one, other) in enumerate(zip(was, now, strict=True), 1):
                    yield from self.changes(one, other, f"{where} ({key} {number})")
                continue
            before, after = [described(item) for item in was], [described(item) for item in now]
            text = f"`{key}` was [{', '.join(before)}], is [{', '.join(after)}]"
            # More alternatives never break what is sent, fewer never break what is received.
            harmless = key != "allOf" and not (self._received if len(now) > len(was) else self._sent)
            yield Change("alternatives-changed", not harmless, where, text)

    def _additional(self, old: Schema, new: Schema, where: str) -> Iterator[Change]:
        was, now = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if isinstance(was, dict) and isinstance(now, dict):
            yield from self.changes(was, now, f"{where}.*")
        elif isinstance(was, dict) or isinstance(now, dict):
            one, other = (
                described(value) if isinstance(value, dict) else _shown(value) for value in (was, now)
            )
            text = f"values of other fields were {one}, are {other}"
            yield Change("extra-fields-changed", True, where, text)
        elif was != now:
            text = "takes other fields now" if now else "takes no other fields any more"
            yield Change("extra-fields-changed", self._sent and not now, where, text)

    def _type_breaks(self, old: Schema, new: Schema) -> bool:
        """A wider type never breaks what is sent, a narrower one never what is received."""
        was, now = _types(old), _types(new)
        wider = not now or (bool(was) and was < now) or (was == {"integer"} and now == {"number"})
        narrower = not was or (bool(now) and now < was) or (was == {"number"} and now == {"integer"})
        if not self._received:
            return not wider
        return not (narrower and not self._sent and was == {"number"})


def unwrapped(schema: Any) -> Schema:
    """The schema in an `allOf` of one, with what stands beside it; `true` as the empty schema.

    OpenAPI 3.0 needs such an `allOf` to say more about a reference.
    """
    if not isinstance(schema, dict):
        return {} if schema is not False else {"not": {}}
    only = schema.get("allOf")
    if isinstance(only, list) and len(only) == 1 and not schema.keys() & {"type", "properties", "required"}:
        return {**unwrapped(only[0]), **{key: value for key, value in schema.items() if key != "allOf"}}
    return schema


def described(schema: Any) -> str:
    """The type of a schema, in a few words."""
    schema = unwrapped(schema)
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for key, word in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")):
        if key in schema:
            return word.join(described(item) for item in schema[key])
    types = _types(schema)
    if "array" in types:
        return f"array of {described(schema.get('items', {}))}"
    text = " or ".join(sorted(types)) or "any"
    return f"{text} ({schema['format']})" if "format" in schema else text


def _composed(schema: Schema) -> str:
    parts = [described(part) for part in schema.get("allOf", [])]
    return f"put together from {' and '.join(parts)}" if parts else "written as one object"


def _types(schema: Schema) -> set[str]:
    found = schema.get("type", [])
    return {name for name in ([found] if isinstance(found, str) else found) if name != "null"}


def _type_names(schema: Schema) -> set[str]:
    return _types(schema) or ({"object"} if "properties" in schema else set())


def _allows_null(schema: Schema) -> bool:
    return bool(schema.get("nullable")) or (isinstance(schema.get("type"), list) and "null" in schema["type"])


def _has_class(schema: Schema) -> bool:
    return "properties" in schema or "enum" in schema or "allOf" in schema


def _shown(value: Any) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _listed(values: list[Any]) -> str:
    return ", ".join(str(value) for value in values)
