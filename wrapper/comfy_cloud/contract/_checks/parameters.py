"""Checking parameters: the path, query, headers and cookies of requests; headers of responses.

Each is read in its style, and its value held to its schema. Headers and cookies that the contract
does not name are no problem, since every proxy adds some; a query must have no others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from .._documents.operations import ContractOperation
from .._documents.parameters import NOT_PARAMETERS, STYLES, WrittenForm, written_form
from .bodies import read_json
from .dialect import Dialect
from .problems import ExchangeProblem, schema_problems
from .styles import STRUCTURES, Sent, StyleError, Tree, deep_object, in_pairs, in_path, is_deep_field, simple
from .typed_texts import TypedTexts

SHOWN_PROBLEMS = 5
"""Schema problems shown per value. A list of a thousand bad entries would have thousands."""


def cookies_in(header: str) -> Sent:
    """The cookies of a Cookie header, percent-decoded, with all values of each name."""
    found: Sent = {}
    for text in header.split(";"):
        name, equals, value = text.strip().partition("=")
        if equals:
            found.setdefault(name.strip(), []).append(unquote(value.strip().strip('"')))
    return found


class ParameterChecker:
    """Checks parameters by the schemas and styles of one document."""

    def __init__(self, texts: TypedTexts, dialect: Dialect) -> None:
        self._texts = texts
        self._dialect = dialect

    def path_problems(self, operation: ContractOperation, values: Mapping[str, str]) -> Iterator[str]:
        """What is wrong with the parameters of a path, which are given percent-encoded."""
        for name, parameter in _declared(operation, "path"):
            form, raw = written_form(parameter, "path"), values.get(name)
            where = f"path parameter {name}"
            if raw is None:
                yield f"{where} is not in the path of the contract"
            else:
                kinds = self._texts.kinds(form.schema)
                yield from self._one(
                    where, "path", form, unquote(raw), lambda raw=raw, form=form, kinds=kinds, name=name:  # type: ignore[misc]
                    in_path(raw, name, form.style, form.explode, kinds),
                )  # fmt: skip

    def query_problems(self, operation: ContractOperation, query: Sent, keys: frozenset[str]) -> list[str]:
        """What is wrong with a query. `keys` are the names under which it may have an API key."""
        problems, known = self._pairs_problems(operation, "query", query, keys)
        return [
            *(f"query parameter {name} is not documented" for name in query if name not in known),
            *problems,
        ]

    def cookie_problems(self, operation: ContractOperation, cookies: Sent, keys: frozenset[str]) -> list[str]:
        """What is wrong with the cookies that the contract names."""
        return self._pairs_problems(operation, "cookie", cookies, keys)[0]

    def header_problems(
        self, operation: ContractOperation, headers: Mapping[str, str], keys: frozenset[str]
    ) -> Iterator[str]:
        """What is wrong with the headers that are parameters. Their names are in lower case.

        `keys` are the headers that may have an API key, also in lower case.
        """
        for name, parameter in _declared(operation, "header"):
            where = f"header parameter {name}"
            if name.lower() not in headers:
                if parameter.get("required"):
                    yield f"{where} is missing"
            elif name.lower() not in keys:
                for problem in self.in_header(where, parameter, headers[name.lower()]):
                    yield problem.text

    def in_header(self, where: str, header: dict[str, Any], text: str) -> list[ExchangeProblem]:
        """The problems of a header's text, by its declaration."""
        form = written_form(header, "header")
        kinds = self._texts.kinds(form.schema)
        decode = str.strip if kinds & STRUCTURES else str
        return self._problems(where, "header", form, text, lambda: simple(text, form.explode, kinds, decode))

    def in_fields(self, schema: Any, styles: Mapping[str, WrittenForm], sent: Sent) -> Iterator[str]:
        """What is wrong with the fields of a form that was sent as pairs."""
        value: dict[str, Any] = {}
        fields = self._texts.field_names(schema)
        is_readable = True
        for name, texts in sent.items():
            item = self._texts.field_schema(schema, name)
            if name not in fields and not self._texts.has_other_fields(schema):
                yield f"form field {name} is not documented"
                continue
            form = styles.get(name, WrittenForm("form", True, item))
            try:
                trees = in_pairs(texts, form.style, form.explode, self._texts.kinds(item))
            except StyleError as error:
                is_readable = False
                yield f"form field {name} {error}"
            else:
                value[name] = self._texts.best(trees, item)
        if is_readable:
            yield from (problem.text for problem in self.in_value("form", schema, value))

    def in_value(
        self, where: str, schema: Any, value: Any, most: int | None = SHOWN_PROBLEMS
    ) -> list[ExchangeProblem]:
        """The problems of a value by its schema; at most `most` of them, and one that says so."""
        return list(schema_problems(where, self._dialect.errors(schema, value), most))

    def _pairs_problems(
        self, operation: ContractOperation, location: str, sent: Sent, keys: frozenset[str]
    ) -> tuple[list[str], set[str]]:
        """The problems of pairs, and the names among them that the contract has."""
        problems: list[str] = []
        known: set[str] = set(keys)
        declared = dict(_declared(operation, location))
        for name, parameter in declared.items():
            where, form = f"{location} parameter {name}", written_form(parameter, location)
            if name in keys:
                is_there = name in sent
            else:
                others = known | (declared.keys() - {name})
                found = self._found(name, form, sent, others)
                is_there = found is not None
                if found is not None:
                    names, text, read = found
                    known |= names
                    if not (text == "" and parameter.get("allowEmptyValue")):
                        problems += self._one(where, location, form, text, read)
            if not is_there and parameter.get("required"):
                problems.append(f"{where} is missing")
        return problems, known

    def _found(
        self, name: str, form: WrittenForm, sent: Sent, others: set[str]
    ) -> tuple[set[str], str, Callable[[], list[Tree]]] | None:
        """Where a parameter is in pairs: the names, the text if it is one, and how it is read."""
        if form.style == "deepObject":
            names = {key for key in sent if is_deep_field(key, name)}
            return (names, "", lambda: [deep_object(name, sent)]) if names else None
        if name in sent:
            kinds = self._texts.kinds(form.schema)
            texts = sent[name]
            text = texts[0] if len(texts) == 1 else ", ".join(texts)
            return {name}, text, lambda: in_pairs(texts, form.style, form.explode, kinds)
        if not form.explode or "object" not in self._texts.kinds(form.schema):
            return None
        # The fields of an exploded object are pairs of their own.
        names = set(sent) & self._texts.field_names(form.schema)
        if self._texts.has_other_fields(form.schema):
            names = set(sent)
        names -= others
        fields: dict[str, Tree] = {key: list(sent[key]) for key in sent if key in names}
        return (names, "", lambda: [fields]) if names else None

    def _one(
        self, where: str, location: str, form: WrittenForm, text: str, read: Callable[[], list[Tree]]
    ) -> list[str]:
        return [problem.text for problem in self._problems(where, location, form, text, read)]

    def _problems(
        self, where: str, location: str, form: WrittenForm, text: str, read: Callable[[], list[Tree]]
    ) -> list[ExchangeProblem]:
        if form.style == "text":
            return []
        if form.style == "json":
            try:
                return self.in_value(where, form.schema, read_json(text.encode()))
            except ValueError as error:
                return [_unreadable(where, "JSON", f"is not JSON: {error}")]
        if form.style not in STYLES[location]:
            why = f"cannot have the style {str(form.style)[:80]} in a {location}"
            return [_unreadable(where, "a style of OpenAPI", why)]
        try:
            trees = read()
        except StyleError as error:
            return [_unreadable(where, f"the style {form.style}", str(error))]
        return self.in_value(where, form.schema, self._texts.best(trees, form.schema))


def _declared(operation: ContractOperation, location: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for (name, where), parameter in operation.parameters.items():
        if where == location and (location != "header" or name.lower() not in NOT_PARAMETERS):
            yield name, parameter


def _unreadable(where: str, expected: str, why: str) -> ExchangeProblem:
    return ExchangeProblem(where, "schema", expected, "another form", f"{where} {why}")
