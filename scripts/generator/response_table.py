"""The response table: what the responses of each operation look like by the contract.

The client compares real responses with it while it runs. The table is plain Python data: the
statuses and media types of every operation, and for JSON the fields, their types, enum words and
which are required. Of alternatives it keeps only the types. Bounds and formats are left out, except
for instants, because the client reads values that break them like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.reader import resolved

_HEAD = '''\
"""What the responses of each operation look like by the contract, to compare with what a server
really sends.

`RESPONSES` has, by operationId, the documented statuses (200, "5XX", "default"), each with its
media types and the shape of its JSON. `SCHEMAS` has the named shapes. A shape is None where
anything is allowed, else a dict: `types`, and where they apply `null`, `words` (of an enum),
`instant`, `fields`, `required`, `open` (other fields are allowed), `values` (the shape of other
fields), `items`; or only `ref`, the name of a shape.
"""

from __future__ import annotations

from typing import Any, Final

# fmt: off
'''


def table_text(document: dict[str, Any]) -> str:
    """The module `responses` of the generated package, for a merged contract."""
    table = _Table(document)
    responses = {op.id: dict(table.responses(op.raw.get("responses", {}))) for op in operations_of(document)}
    lines = [_HEAD, "RESPONSES: Final[dict[str, dict[int | str, tuple[tuple[str, ...], Any]]]] = {"]
    for name, statuses in responses.items():
        lines.append(f"    {name!r}: {{")
        lines += [f"        {status!r}: {response!r}," for status, response in statuses.items()]
        lines.append("    },")
    lines += ["}", "", "SCHEMAS: Final[dict[str, Any]] = {"]
    lines += [f"    {name!r}: {shape!r}," for name, shape in table.named().items()]
    return "\n".join([*lines, "}", "# fmt: on", ""])


class _Table:
    """The shapes of one document; named schemas get theirs when a response first needs it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._named: dict[str, Any] = {}

    def responses(
        self, documented: dict[str, Any]
    ) -> Iterator[tuple[int | str, tuple[tuple[str, ...], Any]]]:
        """By status: the media types and the shape of the JSON."""
        for status, reference in documented.items():
            content = resolved(reference, self._document).get("content", {})
            shape = self.shape(content.get("application/json", {}).get("schema", {}))
            yield int(status) if status.isdigit() else status, (tuple(content), shape)

    def named(self) -> dict[str, Any]:
        """The shapes of the schemas that responses refer to, sorted by name."""
        return dict(sorted(self._named.items()))

    def shape(self, schema: Any) -> Any:
        """The shape of a schema; None when it defines nothing that could be checked."""
        if not isinstance(schema, dict):
            return None
        if "$ref" in schema:
            return self._reference(schema)
        if "allOf" in schema:
            schema = self._joined(schema)
        found: dict[str, Any] = {}
        if "oneOf" in schema or "anyOf" in schema:
            types = self._types_of_alternatives([*schema.get("oneOf", []), *schema.get("anyOf", [])])
            return {"types": types} if types else None
        types = _types(schema)
        if not types:
            return None
        found["types"] = types
        if _allows_null(schema):
            found["null"] = True
        if all(isinstance(word, str) for word in schema.get("enum", [0])):
            found["words"] = tuple(schema["enum"])
        if schema.get("format") == "date-time":
            found["instant"] = True
        if "object" in types:
            found |= self._object(schema)
        if "array" in types and (items := self.shape(schema.get("items", {}))) is not None:
            found["items"] = items
        return found

    def _reference(self, schema: dict[str, Any]) -> Any:
        name = schema["$ref"].rpartition("/")[2]
        if name not in self._named:
            self._named[name] = None  # in case the schema contains itself
            self._named[name] = self.shape(resolved(schema, self._document))
        return {"ref": name} if self._named[name] is not None else None

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        fields = {name: self.shape(inner) for name, inner in schema.get("properties", {}).items()}
        extra = schema.get("additionalProperties")
        values = self.shape(extra) if isinstance(extra, dict) else None
        found: dict[str, Any] = {}
        if fields:
            found["fields"] = fields
            if required := tuple(name for name in schema.get("required", []) if name in fields):
                found["required"] = required
            if extra is True or isinstance(extra, dict):
                found["open"] = True
        if values is not None:
            found["values"] = values
        return found

    def _joined(self, schema: dict[str, Any]) -> dict[str, Any]:
        """One schema for an `allOf`: the fields and required names of all its parts."""
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        whole: dict[str, Any] = {}
        for part in [*schema["allOf"], rest]:
            inner = resolved(part, self._document)
            inner = self._joined(inner) if "allOf" in inner else inner
            fields = {**whole.get("properties", {}), **inner.get("properties", {})}
            required = list(dict.fromkeys([*whole.get("required", []), *inner.get("required", [])]))
            whole = {**whole, **inner, "properties": fields, "required": required}
        return whole

    def _types_of_alternatives(self, alternatives: list[Any]) -> tuple[str, ...]:
        found: list[str] = []
        for alternative in alternatives:
            types = _types(resolved(alternative, self._document))
            if not types:
                return ()
            found += types
        return tuple(dict.fromkeys(found))


def _types(schema: dict[str, Any]) -> tuple[str, ...]:
    given = schema.get("type", "object" if "properties" in schema else [])
    return tuple(name for name in ([given] if isinstance(given, str) else given) if name != "null")


def _allows_null(schema: dict[str, Any]) -> bool:
    given = schema.get("type")
    return bool(schema.get("nullable")) or (isinstance(given, list) and "null" in given)
