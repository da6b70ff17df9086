"""The cloud's operations, with responses as the published contract has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.json_values import Json

from .documents import Form, forms
from .refusals import REFUSALS
from .routes import UNPUBLISHED


def as_published(cloud: Iterable[Operation], quirks: Quirks) -> list[Operation]:
    """The operations that are switched on, with their forms and refusals."""
    chosen = forms(quirks)
    served = []
    for operation in cloud:
        name = operation.method, operation.path
        if quirks.published_routes and name in UNPUBLISHED:
            continue
        if name in chosen:
            operation = _with_form(operation, chosen[name])
        if quirks.published_refusals and name in REFUSALS:
            operation = _with_refusals(operation, REFUSALS[name])
        served.append(operation)
    return served


def _with_form(operation: Operation, form: Form) -> Operation:
    async def respond(request: Request) -> Response:
        response = await operation.handler(request)
        if response.status_code >= 300:
            return response
        document = orjson.loads(response.body)
        return json_response(form(document, str(request.base_url)), response.status_code)

    return operation._replace(handler=respond)


def _with_refusals(operation: Operation, instead: Mapping[int, int | Json]) -> Operation:
    async def respond(request: Request) -> Response:
        try:
            response = await operation.handler(request)
        except ApiProblem as problem:
            chosen = instead.get(problem.status)
            if chosen is None:
                raise
            if isinstance(chosen, int):
                # Without the code, which belongs to the status.
                raise ApiProblem(chosen, problem.message) from problem
            return json_response(chosen)
        status = instead.get(response.status_code)
        if isinstance(status, int):
            response.status_code = status
        return response

    return operation._replace(handler=respond)
