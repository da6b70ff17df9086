"""The plan of every operation: its module, parameters, bodies and key, and what is left out.

The stock generator is given a document of the plans: one path per operation, named like its module,
and every parameter as one of the query. It makes the types of values from that, and has no say in
how a request looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from openapi_python_client.strings import PythonIdentifier

from comfy_cloud.contract._documents.operations import ContractOperation, operations_of
from comfy_cloud.contract._documents.reader import ContractError
from scripts.generator.bodies import BodyKind, PlannedBody, bodies_of
from scripts.generator.left_out import LeftOut, NotRepresentable
from scripts.generator.names import different_names, snake_name
from scripts.generator.parameters import Parameter, parameters_of
from scripts.generator.security import KeyPlace, key_places
from scripts.generator.servers import has_own_server

# What the stock generator reads itself; of other bodies it needs no type.
_TYPED_BODIES = frozenset({BodyKind.JSON, BodyKind.MULTIPART, BodyKind.FORM})
_BYTES = "application/octet-stream"


@dataclass(frozen=True)
class OperationPlan:
    """How one operation becomes a module.

    Attributes:
        operation: The operation in the contract.
        module: The name of its module, which no other operation has.
        tag: The name of its folder.
        parameters: Those of the path first.
        bodies: By media type.
        is_body_required: Whether a call must have a body.
        key_places: Where its key is sent.
        query_names: For the stock generator: the name of each parameter.
    """

    operation: ContractOperation
    module: str
    tag: str
    parameters: list[Parameter]
    bodies: list[PlannedBody]
    is_body_required: bool
    key_places: list[KeyPlace]
    query_names: list[str] = field(repr=False)

    def parameters_in(self, location: str) -> list[Parameter]:
        """The parameters in one location."""
        return [parameter for parameter in self.parameters if parameter.location == location]


@dataclass(frozen=True)
class Plans:
    """The plans of all operations of a contract, and the operations that have none."""

    document: dict[str, Any]
    by_module: dict[str, OperationPlan]
    left_out: list[LeftOut]

    def without(self, module: str, reason: str) -> None:
        """Leave out one more operation, for something that the stock generator reports."""
        plan = self.by_module.pop(module)
        advice = "Correct that part of the contract by an overlay action."
        self.left_out.append(LeftOut(plan.operation.id, plan.operation.http, "its schemas", reason, advice))

    def without_schema(self, reason: str) -> None:
        """Note a schema that no class is made of, and that no operation needs."""
        advice = "No operation needs it; correct it by an overlay action if you want its class."
        self.left_out.append(LeftOut("a schema", "of components.schemas", "it", reason, advice))

    def for_stock_generator(self, only: str | None = None) -> dict[str, Any]:
        """The document that the stock generator reads; of one operation, if its module is given."""
        paths = {
            f"/{plan.module}": {plan.operation.method.lower(): _stock_operation(plan)}
            for plan in self.by_module.values()
            if only in (None, plan.module)
        }
        schemas = self.document.get("components", {}).get("schemas")
        if schemas and only is not None:
            schemas = {name: schemas[name] for name in _schemas_needed(paths, schemas)}
        components = {"schemas": schemas} if schemas else {}
        heads = ("openapi", "info", "servers")
        kept: dict[str, Any] = {key: self.document[key] for key in heads if key in self.document}
        if not kept["openapi"].startswith(("3.0", "3.1")):
            kept["openapi"] = "3.1.0"  # what later versions add is not part of what is left here
        return {**kept, "paths": paths, "components": components}

    def check_any(self) -> None:
        """Raise ContractError when every operation is left out."""
        if not self.by_module:
            listed = "\n".join(f"  {each}" for each in self.left_out[:10])
            raise ContractError(f"No client can be made of the contract, for no operation is left:\n{listed}")


def plans_for(document: dict[str, Any], taken: frozenset[str]) -> Plans:
    """The plans of a normalised contract; `taken` are names that parameters cannot have."""
    operations = operations_of(document)
    modules = different_names([_id_of(operation) for operation in operations], "operation_")
    plans = Plans(document, {}, [])
    first: dict[str, ContractOperation] = {}
    for operation, module in zip(operations, modules, strict=True):
        try:
            _check_id(operation, first.setdefault(operation.id, operation))
            plans.by_module[module] = _plan(operation, module, document, taken)
        except NotRepresentable as error:
            plans.left_out.append(
                LeftOut(operation.id, operation.http, error.place, error.reason, error.advice)
            )
    plans.left_out.extend(_of_other_methods(document))
    plans.check_any()
    return plans


def _of_other_methods(document: dict[str, Any]) -> Iterator[LeftOut]:
    """The operations of methods that OpenAPI has since version 3.2."""
    for path, entry in document["paths"].items():
        others = entry.get("additionalOperations")
        found = {"query": entry.get("query"), **(others if isinstance(others, dict) else {})}
        for method, operation in found.items():
            if isinstance(operation, dict):
                http = f"{method.upper()} {path}"
                name = str(operation.get("operationId", http))
                advice = "Call it with cloud.request(), or remove it by an overlay action."
                yield LeftOut(
                    name, http, "its method", f"{method.upper()} is no method of OpenAPI 3.1", advice
                )


def _check_id(operation: ContractOperation, first: ContractOperation) -> None:
    if operation is not first:
        raise NotRepresentable(
            "operationId",
            f"{first.http} has the same operationId",
            "Give one of them another operationId by an overlay action.",
        )


def _id_of(operation: ContractOperation) -> str:
    if given := operation.raw.get("operationId"):
        return str(given)
    path = operation.path.replace("{", "").replace("}", "").strip("/")
    return f"{operation.method.lower()}_{path}"


def _plan(
    operation: ContractOperation, module: str, document: dict[str, Any], taken: frozenset[str]
) -> OperationPlan:
    for place in (operation.raw, document["paths"][operation.path]):
        if has_own_server(place.get("servers"), document):
            raise NotRepresentable(
                "servers",
                "it is on another server than the rest of the contract",
                "Remove its servers by an overlay action if the first server of the contract has it too.",
            )
    parameters = parameters_of(operation, document, taken)
    return OperationPlan(
        operation=operation,
        module=module,
        tag=snake_name(operation.tag, "tag"),
        parameters=parameters,
        bodies=bodies_of(operation, document),
        is_body_required=bool(operation.raw.get("requestBody", {}).get("required", False)),
        key_places=key_places(operation, document),
        query_names=_query_names(parameters),
    )


def _schemas_needed(node: Any, schemas: dict[str, Any]) -> list[str]:
    """The names of the schemas that references lead to, in the order of the contract."""
    found: set[str] = set()
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in schemas and name not in found:
                found.add(name)
                pending.append(schemas[name])
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    return [name for name in schemas if name in found]


def _query_names(parameters: list[Parameter]) -> list[str]:
    """A name for each parameter that the stock generator does not take for that of another."""
    used: set[str] = set()
    found = []
    for number, parameter in enumerate(parameters):
        name = parameter.name
        snake = str(PythonIdentifier(name, "field_"))
        if snake in used or snake in ("client", "url") or not snake.isidentifier():
            name = f"{parameter.python_name}_{number}"
            snake = str(PythonIdentifier(name, "field_"))
        used.add(snake)
        found.append(name)
    return found


def _stock_operation(plan: OperationPlan) -> dict[str, Any]:
    raw = plan.operation.raw
    stock: dict[str, Any] = {
        "operationId": plan.module,
        "tags": [plan.tag],
        "responses": raw.get("responses", {}),
        "parameters": [
            {"name": name, "in": "query", "required": parameter.required, "schema": parameter.schema}
            for name, parameter in zip(plan.query_names, plan.parameters, strict=True)
        ],
    }
    stock |= {key: raw[key] for key in ("summary", "description") if isinstance(raw.get(key), str)}
    content = {
        body.stock_media_type: {"schema": body.schema}
        for body in plan.bodies
        if body.kind in _TYPED_BODIES or body.media_type == _BYTES
    }
    if content:
        stock["requestBody"] = {"required": plan.is_body_required, "content": content}
    return stock
