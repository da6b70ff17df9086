"""From the plan of an operation to Python: the signature of `build`, and the request that it makes.

These are filters of the endpoint template. Types of values are in `shapes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.union import UnionProperty

from scripts.generator.annotations import joined_types, or_none
from scripts.generator.bodies import BodyKind, PlannedBody
from scripts.generator.parameters import Parameter
from scripts.generator.plans import OperationPlan, Plans
from scripts.generator.python_code import (
    Code,
    as_filter,
    encoded_path,
    filled_path,
    identifier,
    literal,
    literal_map,
    literals,
    path_expression,
    raw_text,
)
from scripts.generator.security import API_KEY
from scripts.generator.shapes import Shapes

NAMES = (
    "Content, Credential, NULL, Operation, Request, fill_path, form_content, form_parts, header_fields, "
    "is_content, path_segment, to_json, with_query"
)
"""What a module imports for its requests."""

LOCAL_NAMES = frozenset({"body", "client", "content_type", "headers", "target", "build", "parse"})
"""Names that the functions of a module have beside those."""


class Requests:
    """The filters for the requests of one contract."""

    def __init__(self, plans: Plans, shapes: Shapes) -> None:
        """Keep the plans, which the filters find by the name of an endpoint."""
        self._plans = plans
        self._shapes = shapes

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Every filter by the name that the templates use."""
        code: list[Callable[..., str]] = [
            self.operation_id,
            self.http_method,
            self.contract_path,
            self.key_use,
            self.signature,
            self.signature_after_client,
            self.call_arguments,
            self.repeated_argument,
            self.path_expression,
        ]
        return {
            **{function.__name__: as_filter(function) for function in code},
            "header_arguments": self.header_arguments,
            "query_names": self.query_names,
            "requests": self.requests,
        }

    def plan(self, endpoint: Endpoint) -> OperationPlan:
        """The plan of an endpoint."""
        return self._plans.by_module[str(endpoint.name)]

    def property_of(self, endpoint: Endpoint, parameter: Parameter) -> Any:
        """What the generator has made of the schema of a parameter."""
        plan = self.plan(endpoint)
        name = plan.query_names[plan.parameters.index(parameter)]
        return next(prop for prop in endpoint.query_parameters if raw_text(prop.name) == name)

    def properties(self, endpoint: Endpoint) -> list[Any]:
        """What the parameters and bodies of an endpoint are made of."""
        plan = self.plan(endpoint)
        found = [self.property_of(endpoint, parameter) for parameter in plan.parameters]
        bodies = [_body_property(endpoint, body) for body in plan.bodies]
        return [*found, *(prop for prop in bodies if prop is not None)]

    # The operation

    def operation_id(self, endpoint: Endpoint) -> Code:
        """The literal of the operationId as the contract spells it."""
        return literal(self.plan(endpoint).operation.id)

    def http_method(self, endpoint: Endpoint) -> Code:
        """The literal of the method in capitals."""
        return literal(self.plan(endpoint).operation.method)

    def contract_path(self, endpoint: Endpoint) -> Code:
        """The literal of the path template as the contract spells it."""
        return literal(self.plan(endpoint).operation.path)

    def key_use(self, endpoint: Endpoint) -> str:
        """The literal that says whether the key is "required", "optional" or "none".

        Behind it are the places of the key, unless it is in the header X-API-Key.
        """
        plan = self.plan(endpoint)
        places = plan.key_places
        use = literal(plan.operation.key if places else "none")
        if places in ([], [API_KEY]):
            return use
        texts = [
            ", ".join(map(literal, (place.location, place.name, *([place.prefix] if place.prefix else []))))
            for place in places
        ]
        return f"{use}, ({''.join(f'Credential({text}), ' for text in texts)})"

    # Signatures

    def signature(self, endpoint: Endpoint) -> str:
        """The parameters of `build`: path parameters by position, then the others by keyword."""
        plan = self.plan(endpoint)
        in_path = [
            f"{identifier(each.python_name)}: {self._type(endpoint, each)}"
            for each in plan.parameters_in("path")
        ]
        keywords: list[str] = []
        if plan.bodies:
            body = f"body: {self._body_type(endpoint, plan)}"
            keywords.append(body if plan.is_body_required else _optional(body))
        if content_type := _content_type_parameter(plan):
            keywords.append(content_type)
        others = [each for each in plan.parameters if each.location != "path"]
        for parameter in sorted(others, key=lambda each: not each.required):
            text = f"{identifier(parameter.python_name)}: {self._type(endpoint, parameter)}"
            keywords.append(text if parameter.required else _optional(text))
        keywords.sort(key=lambda text: text.endswith(" = None"))
        return ", ".join([*in_path, *(["*", *keywords] if keywords else [])])

    def signature_after_client(self, endpoint: Endpoint) -> str:
        """The parameters of `sync` and `asyncio`, which follow the client."""
        text = self.signature(endpoint)
        return f", {text}" if text else ""

    def call_arguments(self, endpoint: Endpoint) -> str:
        """The arguments that pass those parameters on to `build`."""
        plan = self.plan(endpoint)
        named = ["body"] if plan.bodies else []
        named += ["content_type"] if _content_type_parameter(plan) else []
        named += [each.python_name for each in plan.parameters if each.location != "path"]
        in_path = [each.python_name for each in plan.parameters_in("path")]
        return ", ".join([*in_path, *(f"{name}={name}" for name in named)])

    def _type(self, endpoint: Endpoint, parameter: Parameter) -> str:
        return argument_type(self.property_of(endpoint, parameter), self._shapes)

    def _body_type(self, endpoint: Endpoint, plan: OperationPlan) -> str:
        names = []
        for body in plan.bodies:
            prop = _body_property(endpoint, body)
            if body.kind in (BodyKind.RAW, BodyKind.TEXT):
                names.append("Content" if body.kind is BodyKind.RAW else "str | bytes")
            elif prop is None or (body.kind is not BodyKind.JSON and not isinstance(prop, ModelProperty)):
                names.append("Mapping[str, Any]")
            else:
                names.append(argument_type(prop, self._shapes))
                if body.may_be_null:
                    names.append("None")
        return joined_types(names)

    # Targets and headers

    def query_names(self, endpoint: Endpoint) -> list[tuple[str, str]]:
        """Name and Python name of the parameters in the query."""
        return [(each.name, each.python_name) for each in self.plan(endpoint).parameters_in("query")]

    def repeated_argument(self, endpoint: Endpoint) -> str:
        """The arguments for parameters of the query that are sent in another way than as text.

        By default, OpenAPI has arrays sent as one pair per item.
        """
        given = [each for each in self.plan(endpoint).parameters_in("query") if each.may_be_structured]
        repeated = [each.name for each in given if each.explode and each.style not in ("deepObject", "json")]
        styles = {each.name: each.style for each in given if each.style != "form"}
        styles |= {each.name: "json" for each in self.plan(endpoint).parameters_in("query") if _is_json(each)}
        reserved = [each.name for each in self.plan(endpoint).parameters_in("query") if each.allow_reserved]
        found = f"repeated={literals(repeated)}," if repeated else ""
        found += f"styles={literal_map(styles)}," if styles else ""
        return f"{found}reserved={literals(reserved)}," if reserved else found

    def path_expression(self, endpoint: Endpoint) -> Code:
        """The expression of the path with its parameters encoded."""
        plan = self.plan(endpoint)
        path, given = encoded_path(plan.operation.path), plan.parameters_in("path")
        if all(each.style == "simple" and not each.may_be_structured for each in given):
            return path_expression(path, {each.name: each.python_name for each in given})
        values = {
            each.name: Code(f"({identifier(each.python_name)}, {literal(each.style)}, {each.explode})")
            for each in given
        }
        return filled_path(path, values)

    def header_arguments(self, endpoint: Endpoint) -> Code | None:
        """The arguments for parameters that are headers or cookies; None if there are none."""
        plan = self.plan(endpoint)
        headers, cookies = plan.parameters_in("header"), plan.parameters_in("cookie")
        if not (headers or cookies):
            return None
        styles = {
            each.name: "json" if _is_json(each) else "exploded"
            for each in [*headers, *cookies]
            if _is_json(each) or (each.explode and each.location == "header" and each.may_be_structured)
        }
        arguments = [_by_name(headers)]
        if cookies or styles:
            arguments.append(_by_name(cookies))
        if styles:
            arguments.append(literal_map(styles))
        return Code(", ".join(arguments))

    # Requests

    def requests(self, endpoint: Endpoint) -> Iterator[tuple[Code | None, Code]]:
        """Pairs of a condition on the body and the expression of the request, first match first."""
        plan = self.plan(endpoint)
        rest = ", headers=headers" if self.header_arguments(endpoint) else ""
        nothing = Code(f"Request(OPERATION, target{rest})")
        if not plan.bodies:
            yield None, nothing
            return
        if not plan.is_body_required:
            yield Code("body is None"), nothing
        last = next((body for body in plan.bodies if not _is_by_value(body)), plan.bodies[0])
        if last.may_be_null:
            check = "body is None or body is NULL" if plan.is_body_required else "body is NULL"
            null = f"content=b'null', content_type={literal(last.media_type)}"
            yield Code(check), Code(f"Request(OPERATION, target, {null}{rest})")
        for body in sorted(plan.bodies, key=lambda body: body.is_wildcard):
            if body is not last:
                request = Code(f"Request(OPERATION, target, {_body_arguments(body)}{rest})")
                yield self._condition(endpoint, body, last), request
        yield None, Code(f"Request(OPERATION, target, {_body_arguments(last)}{rest})")

    def _condition(self, endpoint: Endpoint, body: PlannedBody, last: PlannedBody) -> Code:
        """When a body is of this media type, rather than of the last one."""
        prop = _body_property(endpoint, body)
        if body.is_wildcard:
            is_other = f"content_type not in (None, {literal(last.media_type)})"
            return Code(is_other if _is_by_value(last) else f"{is_other} or is_content(body)")
        named = f"content_type == {literal(body.media_type)}"
        if body.kind is BodyKind.RAW:
            check = "is_content(body)"
        elif body.kind is BodyKind.TEXT:
            check = "isinstance(body, str)"
        elif self._is_class(prop) and not self._is_same_class(prop, _body_property(endpoint, last)):
            check = f"isinstance(body, {self._shapes.class_name(prop)})"
        else:
            return Code(named)
        return Code(f"{named} or (content_type is None and {check})")

    def _is_class(self, prop: Any) -> bool:
        return isinstance(prop, ModelProperty) and not self._shapes.is_plain_object(prop)

    def _is_same_class(self, prop: Any, other: Any) -> bool:
        return self._is_class(other) and self._shapes.class_name(prop) == self._shapes.class_name(other)


def argument_type(prop: Any, shapes: Shapes) -> str:
    """The annotation of an argument: objects may be mappings too."""
    if isinstance(prop, ModelProperty):
        if shapes.is_plain_object(prop):
            return "Mapping[str, Any]"
        return f"{shapes.type_of(prop)} | Mapping[str, Any]"
    if isinstance(prop, ListProperty):
        inner = argument_type(prop.inner_property, shapes)
        return f"Sequence[{inner}]" if "Mapping[" in inner else shapes.type_of(prop)
    if isinstance(prop, UnionProperty):
        return joined_types([argument_type(inner, shapes) for inner in prop.inner_properties])
    return shapes.type_of(prop)


def _is_json(parameter: Parameter) -> bool:
    return parameter.style == "json"


def _by_name(parameters: list[Parameter]) -> str:
    return f"{{{', '.join(f'{literal(p.name)}: {identifier(p.python_name)}' for p in parameters)}}}"


def _is_by_value(body: PlannedBody) -> bool:
    """Whether the value of a body says that it is of this media type."""
    return body.kind in (BodyKind.RAW, BodyKind.TEXT)


def _body_property(endpoint: Endpoint, body: PlannedBody) -> Any:
    found = (each.prop for each in endpoint.bodies if raw_text(each.content_type) == body.stock_media_type)
    return None if _is_by_value(body) else next(found, None)


def _content_type_parameter(plan: OperationPlan) -> str | None:
    """The parameter for the media type of the body, where there are several."""
    if len(plan.bodies) == 1 and plan.bodies[0].is_wildcard and plan.is_body_required:
        return None if plan.bodies[0].media_type == "" else "content_type: str"
    if len(plan.bodies) > 1 or any(body.is_wildcard for body in plan.bodies):
        return "content_type: str | None = None"
    return None


def _body_arguments(body: PlannedBody) -> str:
    media_type = literal(body.media_type)
    if body.kind is BodyKind.MULTIPART:
        more = f", repeated={literals(body.repeated)}" if body.repeated else ""
        more += f", media_types={literal_map(body.content_types)}" if body.content_types else ""
        more += f", styles={literal_map(body.styles)}" if body.styles else ""
        more += f", headers={literal_map(body.headers)}" if body.headers else ""
        return f"parts=form_parts(body{more})"
    if body.kind is BodyKind.FORM:
        more = f", repeated={literals(body.repeated)}" if body.repeated else ""
        more += f", styles={literal_map(body.styles)}" if body.styles else ""
        more += f", reserved={literals(body.reserved)}" if body.reserved else ""
        return f"content=form_content(body{more}), content_type={media_type}"
    if body.kind is BodyKind.JSON:
        given = "" if body.media_type == "application/json" else f", content_type={media_type}"
        return f"json=to_json(body){given}"
    return f"content=body, content_type={'content_type' if body.is_wildcard else media_type}"


def _optional(parameter: str) -> str:
    name, _, annotation = parameter.partition(": ")
    return f"{name}: {or_none(annotation)} = None"
