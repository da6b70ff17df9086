"""What a call returns: the type and the branches of `parse`, by status and media type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty

from scripts.generator.annotations import joined_types
from scripts.generator.python_code import Code, literal
from scripts.generator.records import Records
from scripts.generator.shapes import Shapes
from scripts.generator.stock_responses import Documented

_NO_CONTENT = "status == 204 or status == 205"
_ANY_SUCCESS = "200 <= status <= 299"
_SINGLE, _RANGE = 0, 1
_WITHOUT_BODY = ("204", "205", "304")  # by HTTP, whatever a contract says


class _Success(NamedTuple):
    """One documented success: when it applies, and its value."""

    order: int  # single statuses come before ranges
    condition: str
    annotation: str
    expression: str
    prop: Any


class Results:
    """The results of the operations of one contract."""

    def __init__(self, shapes: Shapes, records: Records) -> None:
        """Keep what knows the types and readers of values, and which models are pages."""
        self._shapes = shapes
        self._records = records

    def result_type(self, endpoint: Endpoint) -> str:
        """What a successful call returns."""
        if endpoint.method.lower() == "head":
            is_moved = any(value == "redirect(response)" for _, value in _branches_of_head(endpoint))
            return "bool | Redirect" if is_moved else "bool"
        return joined_types(success.annotation for success in self._successes(endpoint))

    def success_branches(self, endpoint: Endpoint) -> Iterator[tuple[Code, Code]]:
        """Pairs of a condition on `status` and the expression of the result, first match first."""
        for condition, expression in self._branches(endpoint):
            yield Code(condition), Code(expression)

    def properties(self, endpoint: Endpoint) -> list[Any]:
        """What the documented successes contain."""
        return [success.prop for success in self._successes(endpoint) if success.prop is not None]

    def _branches(self, endpoint: Endpoint) -> Iterator[tuple[str, str]]:
        if endpoint.method.lower() == "head":
            yield from _branches_of_head(endpoint)
            return
        grouped: dict[tuple[int, str], list[str]] = {}
        for success in self._successes(endpoint):
            grouped.setdefault((success.order, success.expression), []).append(success.condition)
        for (_, expression), conditions in grouped.items():
            yield " or ".join(conditions), expression

    def _successes(self, endpoint: Endpoint) -> list[_Success]:
        by_status = _by_status(endpoint)
        found: list[_Success] = []
        for status, responses in by_status.items():
            if status.isdigit() and int(status) < 400:
                condition = f"status == {status}"
                if status in _WITHOUT_BODY:
                    found.append(_nothing(_SINGLE, condition))
                elif status.startswith("3"):
                    found.append(_redirect(_SINGLE, condition))
                else:
                    found += self._of_status(responses, _SINGLE, condition)
            elif status in ("1XX", "2XX"):
                found += self._of_range(responses, f"{status[0]}00 <= status <= {status[0]}99")
            elif status == "3XX":
                found += [_nothing(_RANGE, "status == 304"), _redirect(_RANGE, "300 <= status <= 399")]
        # Where other successes are documented, the default is an error.
        if "default" in by_status and not any(status.startswith("2") for status in by_status):
            found += self._of_range(by_status["default"], _ANY_SUCCESS)
        return sorted(found, key=lambda success: success.order)

    def _of_range(self, responses: list[Any], condition: str) -> list[_Success]:
        found = self._of_status(responses, _RANGE, condition)
        if all(success.expression == "None" for success in found):
            return found
        return [_nothing(_RANGE, _NO_CONTENT), *found]

    def _of_status(self, responses: list[Any], order: int, condition: str) -> list[_Success]:
        """The branches of one status: the last one applies whatever the Content-Type is."""
        found = []
        for response in responses:
            names = ", ".join(literal(name) for name in Documented.of(response).media_types)
            check = "" if response is responses[-1] else f" and has_media_type(response, {names})"
            annotation, expression = self._value_of(response)
            found.append(_Success(order, condition + check, annotation, expression, response.prop))
        return found

    def _value_of(self, response: Any) -> tuple[str, str]:
        """The type and the expression for the content of one documented success."""
        attribute = response.source["attribute"]
        if attribute == "None":
            return "None", "None"
        if attribute == "response.content" or isinstance(response.prop, FileProperty):
            return "bytes", "response.content"
        if attribute == "response.text":
            return "str", 'response.content.decode("utf-8", "replace")'
        prop, shapes = response.prop, self._shapes
        if shapes.is_plain_object(prop):
            inner = shapes.reader_of(prop.additional_properties)
            reader = f"lambda value: read_map({inner}, value)" if inner else "dict"
            return shapes.type_of(prop), f"decode_model({reader}, response)"
        if isinstance(prop, ModelProperty):
            name = shapes.class_name(prop)
            if self._records.page_items(prop):
                return shapes.type_of(prop), f"decode_page({name}, response)"
            return shapes.type_of(prop), f"decode_model({name}.from_dict, response)"
        if isinstance(prop, ListProperty):
            reader = shapes.reader_of(prop.inner_property) or "as_is"
            return shapes.type_of(prop), f"decode_list({reader}, response)"
        annotation, value_reader = shapes.type_of(prop), shapes.reader_of(prop) or "as_is"
        expression = f"decode_value({value_reader}, response)"
        is_typed = annotation == "Any" or value_reader.endswith(".read")
        return annotation, expression if is_typed else f"cast({annotation}, {expression})"


def _nothing(order: int, condition: str) -> _Success:
    return _Success(order, condition, "None", "None", None)


def _redirect(order: int, condition: str) -> _Success:
    return _Success(order, condition, "Redirect", "redirect(response)", None)


def _by_status(endpoint: Endpoint) -> dict[str, list[Any]]:
    """The responses by documented status, in the order in which their media types are tried."""
    found: dict[str, list[Any]] = {}
    for response in sorted(endpoint.responses.patterns):
        found.setdefault(Documented.of(response).status, []).append(response)
    if endpoint.responses.default is not None:
        found.setdefault("default", []).append(endpoint.responses.default)
    return {status: sorted(found[status], key=_breadth) for status in sorted(found)}


def _breadth(response: Any) -> tuple[int, bool]:
    """Wildcards are tried last, and JSON last of all that are equally wide."""
    names = Documented.of(response).media_types
    return max((name.count("*") for name in names), default=0), response.source[
        "attribute"
    ] == "response.json()"


def _branches_of_head(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    """Whether the thing is there, or where: HEAD has no body."""
    statuses = list(_by_status(endpoint))
    codes = [int(status) for status in statuses if status.isdigit()]
    conditions = [f"status == {code}" for code in codes if code < 300 or code == 304]
    if "2XX" in statuses or not any(code < 300 for code in codes):
        conditions.append(_ANY_SUCCESS)
    yield " or ".join(conditions), "True"
    moved = [f"status == {code}" for code in codes if 300 <= code < 400 and code != 304]
    moved += ["300 <= status <= 399"] if "3XX" in statuses else []
    if moved:
        yield " or ".join(moved), "redirect(response)"
    if 404 in codes:
        yield "status == 404", "False"
