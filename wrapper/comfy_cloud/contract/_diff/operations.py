"""What changed in one operation: name, path, key, parameters, body, statuses, headers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .._documents.operations import ContractOperation
from .._documents.reader import resolved
from .changes import Change
from .schemas import SchemaDiff, described, unwrapped

Document = dict[str, Any]

_PATH_PARAMETER = re.compile(r"\{([^}]*)\}")


class OperationDiff:
    """The changes of one operation between two versions of a contract."""

    def __init__(self, old: Document, new: Document, was: ContractOperation, now: ContractOperation) -> None:
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
        if (was.method, path_without_names(was.path)) != (now.method, path_without_names(now.path)):
            yield Change("operation-moved", True, where, f"was {was.http}")
        if was.key != now.key:
            breaking = now.key == "required"
            yield Change("security-changed", breaking, where, f"the API key was {was.key}, is {now.key}")
        else:
            yield from self._credentials()
        if bool(was.raw.get("deprecated")) != bool(now.raw.get("deprecated")):
            text = "is deprecated now" if now.raw.get("deprecated") else "is no longer deprecated"
            yield Change("deprecation", False, where, text)
        yield from self._parameters()
        yield from self._body()
        yield from self._responses()

    def _credentials(self) -> Iterator[Change]:
        """Other credentials, where a key is as necessary as before."""
        was = _alternatives(self._was.raw.get("security", self._old.get("security")))
        now = _alternatives(self._now.raw.get("security", self._new.get("security")))
        if sorted(map(sorted, was)) != sorted(map(sorted, now)):
            # What was enough is still enough if it contains all that one alternative asks for.
            breaking = not all(any(asked <= given for asked in now) for given in was)
            text = f"credentials were {_named_alternatives(was)}, are {_named_alternatives(now)}"
            yield Change("security-changed", breaking, self._where, text)

    def _parameters(self) -> Iterator[Change]:
        before, after, where = dict(self._was.parameters), dict(self._now.parameters), self._where
        for old_name, new_name in _renamed_in_path(self._was.path, self._now.path):
            if (old_name, "path") in before and (new_name, "path") in after:
                text = f"path parameter `{old_name}` is called `{new_name}` now"
                yield Change("parameter-renamed", True, where, text)
                before[new_name, "path"] = before.pop((old_name, "path"))
        for (name, location), parameter in before.items():
            what = f"{location} parameter `{name}`"
            if (name, location) not in after:
                yield Change("parameter-removed", True, where, f"{what} is gone")
                continue
            now = after[name, location]
            if not parameter.get("required") and now.get("required"):
                yield Change("parameter-required", True, where, f"{what} is required now")
            elif parameter.get("required") and not now.get("required"):
                yield Change("parameter-optional", False, where, f"{what} is no longer required")
            usual_style = "form" if location in ("query", "cookie") else "simple"
            was_style, is_style = (_style(each, usual_style) for each in (parameter, now))
            if was_style != is_style:
                text = f"{what} is written in another way ({was_style}, now {is_style})"
                yield Change("parameter-style", False, where, text)
            yield from self._sent.changes(_schema(parameter), _schema(now), f"{where} {what}")
        for (name, location), parameter in after.items():
            if (name, location) not in before:
                must = bool(parameter.get("required"))
                kind = f"{described(_schema(parameter))}{', required' if must else ''}"
                yield Change("parameter-added", must, where, f"{location} parameter `{name}` ({kind}) is new")

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
        was = self._resolved_responses(self._was, self._old)
        now = self._resolved_responses(self._now, self._new)
        types = {_content_of(response) for status, response in was.items() if is_success(status)}
        for status, response in was.items():
            where = f"{self._where} {status}"
            if status not in now:
                yield Change("status-removed", is_success(status), where, "this status is gone")
                continue
            before, after = response.get("content", {}), now[status].get("content", {})
            changes = self._media(before, after, where, self._received)
            yield from self._headers(status, response, now[status], where)
            if is_success(status):
                yield from changes
            else:
                # The client reads the body of an error by its shape, whatever the contract says.
                yield from (replace(change, breaking=False) for change in changes)
        for status, response in now.items():
            if status not in was:
                breaking = is_success(status) and _content_of(response) not in types
                yield Change("status-added", breaking, f"{self._where} {status}", "this status is new")

    @staticmethod
    def _resolved_responses(operation: ContractOperation, document: Document) -> dict[str, Any]:
        responses = operation.raw.get("responses", {})
        return {status: resolved(item, document) for status, item in responses.items()}

    def _headers(self, status: str, was: Document, now: Document, where: str) -> Iterator[Change]:
        before, after = ({name.lower(): name for name in side.get("headers", {})} for side in (was, now))
        for name, shown in before.items():
            # Location is the one header that the client reads because the contract names it.
            is_read = status[:1] == "3" and name == "location"
            if name not in after:
                yield Change("header-removed", is_read, where, f"header {shown} is gone")
                continue
            was_required = bool(resolved(was["headers"][shown], self._old).get("required"))
            is_required = bool(resolved(now["headers"][after[name]], self._new).get("required"))
            if is_required and not was_required:
                yield Change("header-required", False, where, f"header {shown} is required now")
            elif was_required and not is_required:
                yield Change("header-optional", is_read, where, f"header {shown} is no longer required")
        for name, shown in after.items():
            if name not in before:
                yield Change("header-added", False, where, f"header {shown} is new")

    def _media(self, was: Document, now: Document, where: str, diff: SchemaDiff) -> Iterator[Change]:
        gone, fresh = [kind for kind in was if kind not in now], [kind for kind in now if kind not in was]
        if len(gone) == len(fresh) == 1:
            text = f"media type was {gone[0]}, is {fresh[0]}"
            yield Change("media-type-changed", True, where, text)
            was, now = {**was, fresh[0]: was[gone[0]]}, now
            gone, fresh = [], []
        for media_type in gone:
            yield Change("media-type-removed", True, where, f"{media_type} is gone")
        for media_type, content in was.items():
            if media_type in now:
                place = where if len(now) == 1 else f"{where} {media_type}"
                yield from diff.changes(content.get("schema", {}), now[media_type].get("schema", {}), place)
                if content.get("encoding") != now[media_type].get("encoding"):
                    yield Change("encoding-changed", False, place, "fields are encoded in another way")
        for media_type in fresh:
            yield Change("media-type-added", False, where, f"{media_type} is new")


def path_without_names(path: str) -> str:
    """The path template with `{}` for each parameter: two paths are the same if these are."""
    return _PATH_PARAMETER.sub("{}", path)


def _renamed_in_path(old: str, new: str) -> list[tuple[str, str]]:
    if path_without_names(old) != path_without_names(new):
        return []
    pairs = zip(_PATH_PARAMETER.findall(old), _PATH_PARAMETER.findall(new), strict=True)
    return [(was, now) for was, now in pairs if was != now]


def _alternatives(security: Any) -> list[set[str]]:
    """The sets of schemes, each with its scopes, of which one is enough."""
    return [{" ".join([name, *sorted(scopes)]) for name, scopes in given.items()} for given in security or []]


def _named_alternatives(given: list[set[str]]) -> str:
    return " or ".join(" and ".join(sorted(names)) or "none" for names in given) or "none"


def is_success(status: str) -> bool:
    """Whether the client reads a body with this status, `2XX` included, by the contract."""
    return status[:1] in "23"


def _style(parameter: Document, usual: str) -> str:
    """How the values of a parameter are written, in words."""
    if "content" in parameter:
        return ", ".join(parameter["content"])
    style = parameter.get("style", usual)
    explode = parameter.get("explode", style in ("form", "cookie"))
    return f"{style}, {'exploded' if explode else 'not exploded'}"


def _schema(parameter: Document) -> Any:
    if "schema" in parameter:
        return parameter["schema"]
    return next((content.get("schema", {}) for content in parameter.get("content", {}).values()), {})


def _content_of(response: Document) -> str:
    """The media types and types of a response's body in a text that can be compared."""
    return " ".join(
        f"{kind} {described(unwrapped(content.get('schema', {})))}"
        for kind, content in response.get("content", {}).items()
    )
