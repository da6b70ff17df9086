"""What changed between two versions of a contract, and what of it breaks a program that uses this client.

Pure: two documents in, changes out. How schemas compare is in `schema_changes`; words are no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .documents import resolved
from .schema_changes import Change, SchemaDiff, described, unwrapped

__all__ = ["Change", "compare", "methods_touched", "operations_of", "report"]

Document = dict[str, Any]

_MOST_NAMED = 4
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Operation:
    """One operation of a contract, with what its path and the whole contract say for it filled in."""

    id: str
    method: str
    path: str
    tag: str
    key: str
    parameters: dict[tuple[str, str], dict[str, Any]]
    raw: dict[str, Any]

    @property
    def http(self) -> str:
        """Such as `GET /api/jobs`."""
        return f"{self.method} {self.path}"


def operations_of(document: Document) -> list[Operation]:
    """Every operation, in the order of the contract. One without an operationId is known by its method and path."""
    found = []
    for path, entry in document.get("paths", {}).items():
        item = resolved(entry, document)
        for method in METHODS:
            raw = item.get(method)
            if not isinstance(raw, dict):
                continue
            both = [
                resolved(given, document)
                for given in [*item.get("parameters", []), *raw.get("parameters", [])]
            ]
            parameters = {(given["name"], given["in"]): given for given in both}
            found.append(
                Operation(
                    id=raw.get("operationId", f"{method.upper()} {path}"),
                    method=method.upper(),
                    path=path,
                    tag=next(iter(raw.get("tags", [])), "default"),
                    key=_key_use(raw.get("security", document.get("security"))),
                    parameters=parameters,
                    raw=raw,
                )
            )
    return found


def compare(old: Document, new: Document) -> list[Change]:
    """Every change of the interface from `old` to `new`."""
    return [*_whole(old, new), *_operations(old, new), *_schemas(old, new)]


def methods_touched(change: Change, methods: Mapping[str, Sequence[str]]) -> list[str]:
    """The methods of the client that a change concerns, by a table of those that lead to each operation."""
    return sorted({method for operation in change.operations for method in methods.get(operation, ())})


def report(changes: list[Change], methods: Mapping[str, Sequence[str]] | None = None) -> str:
    """The changes for a reader, breaking ones first, one line each, with the client's methods that they touch."""
    if not changes:
        return "No operation, parameter, field or status has changed."
    lines = []
    for title, chosen in (
        ("Breaking", [change for change in changes if change.breaking]),
        ("Not breaking", [change for change in changes if not change.breaking]),
    ):
        if chosen:
            lines.append(f"{title} ({len(chosen)}):")
            lines += [f"  {change.where}: {change.text}{_named(change, methods or {})}" for change in chosen]
    return "\n".join(lines)


def _named(change: Change, methods: Mapping[str, Sequence[str]]) -> str:
    touched = methods_touched(change, methods)
    if not touched:
        return ""
    more = f" and {len(touched) - _MOST_NAMED} more" if len(touched) > _MOST_NAMED else ""
    return f" [{', '.join(touched[:_MOST_NAMED])}{more}]"


def _whole(old: Document, new: Document) -> Iterator[Change]:
    was, now = (_get(document, "info", "version") for document in (old, new))
    if was != now:
        yield Change("version-changed", False, "contract", f"version was {was}, is {now}")
    was, now = ([server.get("url") for server in document.get("servers", [])] for document in (old, new))
    if was != now:
        breaking = was[:1] != now[:1]
        yield Change(
            "servers-changed", breaking, "contract", f"servers were {', '.join(was)}, are {', '.join(now)}"
        )
    was, now = (_get(document, "components", "securitySchemes") or {} for document in (old, new))
    for name in [*was, *(name for name in now if name not in was)]:
        where = f"security scheme {name}"
        if name not in now:
            yield Change("security-scheme-removed", True, where, "is gone")
        elif name not in was:
            yield Change("security-scheme-added", False, where, "is new")
        elif changed := [
            key
            for key in ("type", "in", "name", "scheme", "flows")
            if was[name].get(key) != now[name].get(key)
        ]:
            yield Change("security-scheme-changed", True, where, f"has changed in {', '.join(changed)}")


def _operations(old: Document, new: Document) -> Iterator[Change]:
    before, after = operations_of(old), operations_of(new)
    by_place = {(op.method, _neutral(op.path)): op for op in after}
    by_id = {op.id: op for op in after}
    left = {id(op): op for op in after}
    for op in before:
        now = by_place.get((op.method, _neutral(op.path))) or by_id.get(op.id)
        if now is None or id(now) not in left:
            yield Change("operation-removed", True, op.http, f"operation {op.id} is gone", (op.id,))
            continue
        del left[id(now)]
        for change in _OperationDiff(old, new, op, now).changes():
            yield replace(change, operations=(now.id,))
    for op in left.values():
        yield Change("operation-added", False, op.http, f"operation {op.id} is new", (op.id,))


class _OperationDiff:
    """The changes of one operation."""

    def __init__(self, old: Document, new: Document, was: Operation, now: Operation) -> None:
        self._old, self._new, self._was, self._now = old, new, was, now
        self._where = now.http
        self._sent = SchemaDiff(old, new, sent=True, received=False)
        self._received = SchemaDiff(old, new, sent=False, received=True)

    def changes(self) -> Iterator[Change]:
        """All of them."""
        was, now, where = self._was, self._now, self._where
        if was.id != now.id:
            yield Change("operation-renamed", True, where, f"operationId was {was.id}, is {now.id}")
        if was.tag != now.tag:
            yield Change("tag-changed", True, where, f"first tag was {was.tag}, is {now.tag}")
        if (was.method, _neutral(was.path)) != (now.method, _neutral(now.path)):
            yield Change("operation-moved", True, where, f"was {was.http}")
        if was.key != now.key:
            breaking = now.key == "required"
            yield Change("security-changed", breaking, where, f"the API key was {was.key}, is {now.key}")
        if bool(was.raw.get("deprecated")) != bool(now.raw.get("deprecated")):
            text = "is deprecated now" if now.raw.get("deprecated") else "is no longer deprecated"
            yield Change("deprecation", False, where, text)
        yield from self._parameters()
        yield from self._body()
        yield from self._responses()

    def _parameters(self) -> Iterator[Change]:
        before, after, where = dict(self._was.parameters), dict(self._now.parameters), self._where
        for old_name, new_name in _renamed_in_path(self._was.path, self._now.path):
            if (old_name, "path") in before and (new_name, "path") in after:
                yield Change(
                    "parameter-renamed",
                    True,
                    where,
                    f"path parameter `{old_name}` is called `{new_name}` now",
                )
                before[new_name, "path"] = before.pop((old_name, "path"))
        for (name, place), parameter in before.items():
            what = f"{place} parameter `{name}`"
            if (name, place) not in after:
                yield Change("parameter-removed", True, where, f"{what} is gone")
                continue
            now = after[name, place]
            if not parameter.get("required") and now.get("required"):
                yield Change("parameter-required", True, where, f"{what} is required now")
            elif parameter.get("required") and not now.get("required"):
                yield Change("parameter-optional", False, where, f"{what} is no longer required")
            for key, usual in (
                ("style", "form" if place in ("query", "cookie") else "simple"),
                ("explode", None),
            ):
                if parameter.get(key, usual) != now.get(key, usual):
                    yield Change(
                        "parameter-style", False, where, f"{what} is written in another way (`{key}`)"
                    )
            yield from self._sent.changes(_schema(parameter), _schema(now), f"{where} {what}")
        for (name, place), parameter in after.items():
            if (name, place) not in before:
                must = bool(parameter.get("required"))
                text = f"{place} parameter `{name}` ({described(_schema(parameter))}{', required' if must else ''}) is new"
                yield Change("parameter-added", must, where, text)

    def _body(self) -> Iterator[Change]:
        was = resolved(self._was.raw.get("requestBody"), self._old)
        now = resolved(self._now.raw.get("requestBody"), self._new)
        where = f"{self._where} body"
        if was and not now:
            yield Change("body-removed", True, where, "is gone")
        elif now and not was:
            must = bool(now.get("required"))
            yield Change("body-added", must, where, f"is new{', and required' if must else ''}")
        elif was and now:
            if bool(was.get("required")) != bool(now.get("required")):
                must = bool(now.get("required"))
                text = "is required now" if must else "is no longer required"
                yield Change("body-required" if must else "body-optional", must, where, text)
            yield from self._media(was.get("content", {}), now.get("content", {}), where, self._sent)

    def _responses(self) -> Iterator[Change]:
        was = {
            status: resolved(item, self._old) for status, item in self._was.raw.get("responses", {}).items()
        }
        now = {
            status: resolved(item, self._new) for status, item in self._now.raw.get("responses", {}).items()
        }
        types = {_answer(response) for status, response in was.items() if status[:1] in "23"}
        for status, response in was.items():
            where = f"{self._where} {status}"
            if status not in now:
                yield Change("status-removed", status[:1] in "23", where, "this status is gone")
                continue
            changes = self._media(
                response.get("content", {}), now[status].get("content", {}), where, self._received
            )
            yield from self._headers(status, response, now[status], where)
            # The body of an error is read by its shape, not by what the contract says of it.
            yield from (
                changes if status[:1] in "23" else (replace(change, breaking=False) for change in changes)
            )
        for status, response in now.items():
            if status not in was:
                breaking = status[:1] in "23" and _answer(response) not in types
                yield Change("status-added", breaking, f"{self._where} {status}", "this status is new")

    def _headers(self, status: str, was: Document, now: Document, where: str) -> Iterator[Change]:
        before, after = ({name.lower(): name for name in side.get("headers", {})} for side in (was, now))
        for name, shown in before.items():
            if name not in after:
                # The one header that the client reads by the contract.
                breaking = status[:1] == "3" and name == "location"
                yield Change("header-removed", breaking, where, f"header {shown} is gone")
        for name, shown in after.items():
            if name not in before:
                yield Change("header-added", False, where, f"header {shown} is new")

    def _media(self, was: Document, now: Document, where: str, diff: SchemaDiff) -> Iterator[Change]:
        for media_type, content in was.items():
            if media_type not in now:
                yield Change("media-type-removed", True, where, f"{media_type} is gone")
            else:
                place = where if len(was) == 1 else f"{where} {media_type}"
                yield from diff.changes(content.get("schema", {}), now[media_type].get("schema", {}), place)
        for media_type in now:
            if media_type not in was:
                yield Change("media-type-added", False, where, f"{media_type} is new")


def _schemas(old: Document, new: Document) -> Iterator[Change]:
    was, now = (_get(document, "components", "schemas") or {} for document in (old, new))
    uses = [_uses(document) for document in (old, new)]
    for name, schema in was.items():
        sent = set().union(*(use.get((name, True), set()) for use in uses))
        received = set().union(*(use.get((name, False), set()) for use in uses))
        concerned = tuple(sorted(sent | received))
        where = f"schema {name}"
        if name not in now:
            yield Change("schema-removed", True, where, "is gone", concerned)
            continue
        # What no operation uses comes over the websocket.
        diff = SchemaDiff(old, new, sent=bool(sent), received=bool(received) or not sent)
        for change in diff.changes(schema, now[name], where):
            yield replace(change, operations=concerned)
    for name in now:
        if name not in was:
            yield Change("schema-added", False, f"schema {name}", "is new")


def _uses(document: Document) -> dict[tuple[str, bool], set[str]]:
    """By schema name and whether it is sent: the ids of the operations that use it, directly or not."""
    uses: dict[tuple[str, bool], set[str]] = {}
    for op in operations_of(document):
        sent = [*op.parameters.values(), op.raw.get("requestBody")]
        for start, is_sent in ((sent, True), (op.raw.get("responses"), False)):
            for name in _reached(start, document):
                uses.setdefault((name, is_sent), set()).add(op.id)
    return uses


def _reached(start: Any, document: Document) -> set[str]:
    """The names of the schemas that can be reached from a part of a contract."""
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
    prefix = "#/components/schemas/"
    return {reference.removeprefix(prefix) for reference in seen if reference.startswith(prefix)}


def _key_use(security: Any) -> str:
    if not security:
        return "unused"
    return "optional" if {} in security else "required"


def _schema(parameter: Document) -> Any:
    if "schema" in parameter:
        return parameter["schema"]
    return next((content.get("schema", {}) for content in parameter.get("content", {}).values()), {})


def _answer(response: Document) -> str:
    return " ".join(
        f"{kind} {described(unwrapped(content.get('schema', {})))}"
        for kind, content in response.get("content", {}).items()
    )


def _neutral(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _renamed_in_path(old: str, new: str) -> list[tuple[str, str]]:
    if _neutral(old) != _neutral(new):
        return []
    pairs = zip(re.findall(r"\{([^}]*)\}", old), re.findall(r"\{([^}]*)\}", new), strict=True)
    return [(was, now) for was, now in pairs if was != now]


def _get(node: Any, *keys: str) -> Any:
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    return node
