"""What changed between two versions of a contract, and what of it breaks a program.

Pure: two documents in, changes out. Operations are compared in `operations`, schemas in `schemas`,
extensions in `extensions`. Descriptions, summaries and examples are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .._documents.operations import operations_of
from .._documents.reader import resolved
from .changes import Change
from .extensions import extension_changes, other_changes
from .operations import OperationDiff, is_success, path_without_names
from .schemas import SchemaDiff

Document = dict[str, Any]

_SCHEMA_PREFIX = "#/components/schemas/"
_SCHEME_KEYS = ("type", "in", "name", "scheme", "flows")


def compare(old: Document, new: Document) -> list[Change]:
    """Every change of the interface from `old` to `new`, in the order of the contract."""
    uses = [_uses(document) for document in (old, new)]

    def users(schema: str) -> tuple[str, ...]:
        found = (use.get((schema, role), set()) for use in uses for role in ("sent", "received", "error"))
        return tuple(sorted(set().union(*found)))

    found = [
        *_whole(old, new),
        *_operations(old, new),
        *_schemas(old, new, uses),
        *extension_changes(old, new, users),
    ]
    return found or list(other_changes(old, new))


def _whole(old: Document, new: Document) -> Iterator[Change]:
    was, now = (_get(document, "info", "version") for document in (old, new))
    if was != now:
        yield Change("version-changed", False, "contract", f"version was {was}, is {now}")
    was, now = ([server.get("url") for server in document.get("servers", [])] for document in (old, new))
    if was != now:
        breaking = was[:1] != now[:1]
        text = f"servers were {', '.join(was)}, are {', '.join(now)}"
        yield Change("servers-changed", breaking, "contract", text)
    was, now = (_get(document, "components", "securitySchemes") or {} for document in (old, new))
    for name in [*was, *(name for name in now if name not in was)]:
        where = f"security scheme {name}"
        if name not in now:
            yield Change("security-scheme-removed", True, where, "is gone")
        elif name not in was:
            yield Change("security-scheme-added", False, where, "is new")
        elif changed := [key for key in _SCHEME_KEYS if was[name].get(key) != now[name].get(key)]:
            yield Change("security-scheme-changed", True, where, f"has changed in {', '.join(changed)}")


def _operations(old: Document, new: Document) -> Iterator[Change]:
    before, after = operations_of(old), operations_of(new)
    by_path = {(op.method, path_without_names(op.path)): op for op in after}
    by_id = {op.id: op for op in after}
    left = {id(op): op for op in after}
    for op in before:
        now = by_path.get((op.method, path_without_names(op.path))) or by_id.get(op.id)
        if now is None or id(now) not in left:
            yield Change("operation-removed", True, op.http, f"operation {op.id} is gone", (op.id,))
            continue
        del left[id(now)]
        for change in OperationDiff(old, new, op, now).changes():
            yield replace(change, operations=tuple(sorted({op.id, now.id})))
    for op in left.values():
        yield Change("operation-added", False, op.http, f"operation {op.id} is new", (op.id,))


def _schemas(old: Document, new: Document, uses: list[dict[tuple[str, str], set[str]]]) -> Iterator[Change]:
    was, now = (_get(document, "components", "schemas") or {} for document in (old, new))
    for name, schema in was.items():
        sent, received, in_errors = (
            set().union(*(use.get((name, role), set()) for use in uses))
            for role in ("sent", "received", "error")
        )
        concerned = tuple(sorted(sent | received | in_errors))
        where = f"schema {name}"
        if name not in now:
            yield Change("schema-removed", True, where, "is gone", concerned)
            continue
        # A schema that no operation uses describes messages of the websocket, which are received.
        # One of errors only is neither: the client reads the body of an error by its shape.
        diff = SchemaDiff(old, new, sent=bool(sent), received=bool(received) or not concerned)
        for change in diff.changes(schema, now[name], where):
            yield replace(change, operations=concerned)
    for name in now:
        if name not in was:
            yield Change("schema-added", False, f"schema {name}", "is new")


def _uses(document: Document) -> dict[tuple[str, str], set[str]]:
    """Schema name and role -> ids of the operations that use it, even indirectly.

    The roles are "sent", "received" for the bodies of successes, and "error" for those of errors.
    """
    uses: dict[tuple[str, str], set[str]] = {}
    for op in operations_of(document):
        responses = op.raw.get("responses") or {}
        starts = {
            "sent": [*op.parameters.values(), op.raw.get("requestBody")],
            "received": [response for status, response in responses.items() if is_success(status)],
            "error": [response for status, response in responses.items() if not is_success(status)],
        }
        for role, start in starts.items():
            for name in _reached(start, document):
                uses.setdefault((name, role), set()).add(op.id)
    return uses


def _reached(start: Any, document: Document) -> set[str]:
    """The names of the schemas that a part of a contract refers to, also indirectly."""
    seen: set[str] = set()
    pending = [start]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference not in seen:
                seen.add(reference)
                pending.append(resolved(node, document))
            pending += node.values()
    return {name.removeprefix(_SCHEMA_PREFIX) for name in seen if name.startswith(_SCHEMA_PREFIX)}


def _get(node: Any, *keys: str) -> Any:
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    return node
