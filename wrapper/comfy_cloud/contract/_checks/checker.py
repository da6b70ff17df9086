"""Checking HTTP exchanges: which rules of a contract a request or a response breaks.

What the contract states is checked: operations, statuses, media types, schemas with formats,
headers, parameters, forms. Whether a response is true, and who may ask, is not. Paths are given as
sent, percent-encoded; bodies are given whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl

from ..._http.response_shapes import shown_name
from .._documents.operations import ContractOperation
from .._documents.parameters import WrittenForm, is_json
from .._documents.reader import resolved
from .bodies import FormPart, best_media_type, media_type_of, read_form, read_json
from .dialect import Dialect
from .keys import KeyRules
from .parameters import SHOWN_PROBLEMS, ParameterChecker, cookies_in
from .problems import ExchangeProblem
from .routes import Routes
from .styles import Sent
from .typed_texts import TypedTexts

Pairs = Iterable[tuple[str, str]]

REMEMBERED_BODIES: Final = 2_000
"""How many bodies found good are remembered, so that the same bytes are not checked twice."""

# Statuses that a server may give for a request that has no operation, by what is unknown.
WITHOUT_OPERATION: Final = {
    "path": frozenset({401, 403, 404}),  # the key is checked before the path
    "method": frozenset({401, 403, 404, 405}),
}


class ContractChecker:
    """Checks exchanges against one OpenAPI 3.0 document. Validators are built once and kept."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._routes = Routes(document)
        self._document = document
        self._keys = KeyRules(document)
        dialect = Dialect(document)
        self._texts = TypedTexts(document, dialect)
        self._parameters = ParameterChecker(self._texts, dialect)
        self._events: dict[tuple[str, str], dict[str, Any]] = {}
        self._good: dict[tuple[int, bytes], None] = {}

    # Responses

    def check_response(
        self, method: str, path: str, query: Pairs, status: int, headers: Mapping[str, str], body: bytes
    ) -> list[str]:
        """What is wrong with a response to `method path`; empty when nothing is.

        `query` does not matter: no operation is chosen by it.
        """
        found = self._routes.find(method, path)
        if found is None:
            kind = "method" if self._routes.knows_path(path) else "path"
            if status in WITHOUT_OPERATION[kind]:
                return []
            return [f"{method} {path}: the contract has no such {kind}, yet the status is {status}"]
        where = f"{found[0].http} -> {status}"
        problems = self._of_response(found[0], method, status, headers, body, SHOWN_PROBLEMS)
        return [f"{where}: {problem.text}" for problem in problems]

    def response_problems(
        self,
        method: str,
        path: str,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        most: int | None = None,
    ) -> list[ExchangeProblem]:
        """The problems of a response as values; at most `most` of them for a body.

        Raises LookupError when the contract has no operation `method path`.
        """
        found = self._routes.find(method, path)
        if found is None:
            raise LookupError(f"the contract has no operation {method} {path}")
        return self._of_response(found[0], method, status, headers, body, most)

    def _of_response(
        self,
        operation: ContractOperation,
        method: str,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        most: int | None,
    ) -> list[ExchangeProblem]:
        responses = operation.raw["responses"]
        key = next((key for key in (str(status), f"{status // 100}XX", "default") if key in responses), None)
        if key is None:
            kind = "redirect" if 300 <= status < 400 else "status"
            text = f"status {status} is not documented (documented: {', '.join(responses)})"
            return [ExchangeProblem("status", kind, " or ".join(responses), str(status), text)]
        response = self._resolved(responses[key])
        lowered = {name.lower(): value for name, value in headers.items()}
        problems = self._response_headers(response, status, lowered)
        problems += self._response_body(method, response, lowered.get("content-type"), body, most)
        return problems

    def event_problems(self, method: str, path: str, kind: str, data: str) -> list[ExchangeProblem]:
        """The problems of one server-sent event, by the `x-sse-events` of its operation.

        `path` is the path of the contract. Without `x-sse-events` nothing is known of events, so
        nothing is wrong. Raises LookupError when the contract has no operation `method path`.
        """
        operation = next((op for op in self._routes.operations() if op.http == f"{method} {path}"), None)
        if operation is None:
            raise LookupError(f"the contract has no operation {method} {path}")
        kinds = operation.raw.get("x-sse-events")
        if not isinstance(kinds, dict):
            return []
        where = f"event {shown_name(kind)}"
        declared = kinds.get(kind)
        if not isinstance(declared, dict):
            text = f"{where} is not documented (documented: {', '.join(kinds)})"
            return [ExchangeProblem(where, "unknown word", " or ".join(kinds), shown_name(kind), text)]
        known = self._events.setdefault((operation.http, kind), {"$ref": declared.get("schema")})
        schema = known if isinstance(known["$ref"], str) else {}
        problems = self._in_json(where, schema, data.encode("utf-8", "replace"), SHOWN_PROBLEMS)
        return [
            replace(problem, path=problem.path if problem.path == where else f"{where} {problem.path}")
            for problem in problems
        ]

    def _response_headers(
        self, response: dict[str, Any], status: int, headers: Mapping[str, str]
    ) -> list[ExchangeProblem]:
        problems = []
        for name, reference in response.get("headers", {}).items():
            header = self._resolved(reference)
            if name.lower() not in headers:
                # A redirect needs a Location, whether or not the contract requires the header.
                if header.get("required") or (300 <= status < 400 and name.lower() == "location"):
                    text = f"header {name} is missing"
                    expected = "a header that is always there"
                    problems.append(ExchangeProblem(f"header {name}", "header", expected, "nothing", text))
            elif name.lower() != "content-type" and ("schema" in header or "content" in header):
                problems += self._parameters.in_header(f"header {name}", header, headers[name.lower()])
        return problems

    def _response_body(
        self, method: str, response: dict[str, Any], content_type: str | None, body: bytes, most: int | None
    ) -> list[ExchangeProblem]:
        content = response.get("content", {})
        if method.upper() == "HEAD":
            return [_unwanted(body, "a response to HEAD has a body")] if body else []
        if not content:
            text = f"there is a body of {len(body)} bytes, and none is documented"
            return [_unwanted(body, text)] if body else []
        media_type = media_type_of(content_type)
        key = None if media_type is None else best_media_type(content, media_type)
        if media_type is None or key is None:
            text = (
                "there is no Content-Type header"
                if media_type is None
                else f"media type {media_type} is not documented (documented: {', '.join(content)})"
            )
            seen = "nothing" if media_type is None else shown_name(media_type)
            return [ExchangeProblem("header Content-Type", "content type", " or ".join(content), seen, text)]
        if not is_json(media_type) or "schema" not in content[key]:
            return []
        return self._in_json("body", content[key]["schema"], body, most)

    # Requests

    def check_request(
        self,
        method: str,
        path: str,
        query: Pairs,
        headers: Mapping[str, str],
        body: bytes,
        *,
        has_body: bool = True,
        needs_key: bool = True,
    ) -> list[str]:
        """What is wrong with a request; empty when nothing is.

        Args:
            method: The HTTP method.
            path: The path as sent, percent-encoded, without the query.
            query: Decoded (name, value) pairs.
            headers: The headers; their names may be in any case.
            body: The whole body.
            has_body: False when the body is not known; it is not checked then.
            needs_key: False when the server takes requests without a key.
        """
        found = self._routes.find(method, path)
        if found is None:
            return [f"{method} {path}: the contract has no such operation"]
        operation, values = found
        lowered = {name.lower(): value for name, value in headers.items()}
        sent: Sent = {}
        for name, value in query:
            sent.setdefault(name, []).append(value)
        cookies = cookies_in(lowered.get("cookie", ""))
        keys = {where: self._keys.names(operation, where) for where in ("query", "header", "cookie")}
        problems = [
            *self._parameters.path_problems(operation, values),
            *self._parameters.query_problems(operation, sent, keys["query"]),
            *self._parameters.header_problems(operation, lowered, keys["header"]),
            *self._parameters.cookie_problems(operation, cookies, keys["cookie"]),
        ]
        if needs_key:
            problems += self._keys.problems(operation, lowered, sent, cookies)
        if has_body:
            problems += self._request_body(operation, lowered.get("content-type"), body)
        return [f"{operation.http}: {problem}" for problem in problems]

    def _request_body(self, operation: ContractOperation, content_type: str | None, body: bytes) -> list[str]:
        declared = operation.raw.get("requestBody")
        if declared is None:
            return [f"there is a body of {len(body)} bytes, and none is documented"] if body else []
        declared = self._resolved(declared)
        media_type = media_type_of(content_type)
        if not body and media_type in {None, "application/json", "multipart/form-data"}:
            return ["the body is missing"] if declared.get("required") else []
        if media_type is None:
            return ["there is a body without a Content-Type header"]
        key = best_media_type(declared["content"], media_type)
        if key is None:
            documented = ", ".join(declared["content"])
            return [f"media type {media_type} is not documented (documented: {documented})"]
        schema = declared["content"][key].get("schema", {})
        if is_json(media_type):
            return [problem.text for problem in self._in_json("body", schema, body, SHOWN_PROBLEMS)]
        if media_type == "multipart/form-data" and content_type is not None:
            return self._form_problems(schema, content_type, body)
        if media_type == "application/x-www-form-urlencoded":
            return self._pairs_problems(declared["content"][key], schema, body)
        return []

    def _pairs_problems(self, media: dict[str, Any], schema: dict[str, Any], body: bytes) -> list[str]:
        try:
            pairs = parse_qsl(
                body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), errors="strict"
            )
        except ValueError as error:
            return [f"the form cannot be read: {error}"]
        sent: Sent = {}
        for name, value in pairs:
            sent.setdefault(name, []).append(value)
        styles = {
            name: WrittenForm(
                given.get("style", "form"), bool(given.get("explode", "style" not in given)), {}
            )
            for name, given in media.get("encoding", {}).items()
        }
        return list(self._parameters.in_fields(schema, styles, sent))

    def _form_problems(self, reference: dict[str, Any], content_type: str, body: bytes) -> list[str]:
        try:
            parts = read_form(content_type, body)
        except ValueError as error:
            return [f"the form cannot be read: {error}"]
        schema = self._resolved(reference)
        declared = {name: self._resolved(item) for name, item in schema.get("properties", {}).items()}
        open_form = bool(schema.get("additionalProperties", False))
        problems = []
        value: dict[str, Any] = {}
        for part in parts:
            if part.name not in declared and not open_form:
                problems.append(f"form field {part.name} is not documented")
            elif part.name in value and declared.get(part.name, {}).get("type") != "array":
                problems.append(f"form field {part.name} is given twice")
            else:
                expected = declared.get(part.name, {})
                found = self._part_value(part, expected)
                if expected.get("type") == "array":  # JSON text, or a part for each item
                    found = found if isinstance(found, list) else [self._item_value(part, expected)]
                    found = [*value.get(part.name, []), *found]
                value[part.name] = found
                if expected.get("format") == "binary" and part.file_name is None:
                    problems.append(f"form field {part.name} is a file and has no file name")
        return problems + [problem.text for problem in self._parameters.in_value("form", reference, value)]

    def _item_value(self, part: FormPart, schema: dict[str, Any]) -> Any:
        return self._part_value(part, self._resolved(schema.get("items", {})))

    def _part_value(self, part: FormPart, schema: dict[str, Any]) -> Any:
        if schema.get("format") == "binary":
            return ""
        return self._texts.from_json_or_text(part.content.decode("utf-8", "replace"), schema)

    # Values against schemas

    def _in_json(
        self, where: str, schema: dict[str, Any], body: bytes, most: int | None
    ) -> list[ExchangeProblem]:
        known = (id(schema), hashlib.sha1(body, usedforsecurity=False).digest())
        if known in self._good:
            return []
        try:
            value = read_json(body)
        except ValueError as error:
            seen = f"{len(body)} bytes that are not JSON" if body else "nothing"
            return [ExchangeProblem(where, "body", "JSON", seen, f"{where} is not JSON: {error}")]
        problems = self._parameters.in_value(where, schema, value, most)
        if not problems:
            if len(self._good) >= REMEMBERED_BODIES:
                self._good.pop(next(iter(self._good)))
            self._good[known] = None
        return problems

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = resolved(node, self._document)
        return found


def _unwanted(body: bytes, text: str) -> ExchangeProblem:
    return ExchangeProblem("body", "body", "nothing", f"{len(body)} bytes", text)
