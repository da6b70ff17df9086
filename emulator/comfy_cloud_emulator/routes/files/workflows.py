"""Saved workflows: `/api/workflows`. First-party clients use them; no public document has them."""

from __future__ import annotations

from typing import Any, Final, cast, get_args

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.request_reading import LARGEST, bounded, choice, json_object
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.account import Account
from comfy_cloud_emulator.state.assets.documents import instant
from comfy_cloud_emulator.state.files.saved_workflows import Order, SavedVersion, SavedWorkflow
from comfy_cloud_emulator.state.json_values import Json, is_object
from comfy_cloud_emulator.state.store import Store

from ..service.user import user_id

DEFAULT_LIMIT: Final = 20
LONGEST_NAME: Final = 255
LONGEST_DESCRIPTION: Final = 2_000
VIEWS: Final = ("workflow", "app")
_DETAILS: Final = ("description", "default_view")
_ORIGIN: Final = {
    "forked_from_workflow_id": "workflow_id",
    "forked_from_workflow_version_id": "workflow_version_id",
}


def routes(store: Store, account: Account) -> list[Operation]:
    """The operations of this module over a store."""
    saved = store.workflows

    def found(request: Request) -> SavedWorkflow:
        workflow = saved.get(request.path_params["workflow_id"])
        if workflow is None:
            raise ApiProblem(404, "there is no such workflow")
        return workflow

    def shown(workflow: SavedWorkflow) -> Json:
        return {
            "id": workflow.id,
            "name": workflow.name,
            **workflow.details,
            "latest_version": workflow.latest_version,
            "created_by": user_id(account),
            "created_at": instant(workflow.created_at),
            "updated_at": instant(workflow.updated_at),
        }

    def shown_version(version: SavedVersion) -> Json:
        return {
            "id": version.id,
            "version": version.version,
            "created_by": user_id(account),
            "created_at": instant(version.created_at),
        }

    async def list_workflows(request: Request) -> Response:
        limit = bounded(request, "limit", DEFAULT_LIMIT, least=1)
        offset = bounded(request, "offset", 0, least=0)
        workflows, total = saved.page(
            name=request.query_params.get("name"),
            view=choice(request, "default_view", VIEWS),
            order=cast("Order", choice(request, "sort", get_args(Order)) or "update_time"),
            descending=choice(request, "order", ("asc", "desc")) != "asc",
            offset=offset,
            limit=limit,
        )
        pagination = {
            "offset": offset,
            "limit": limit,
            "total": total,
            "has_more": offset + len(workflows) < total,
        }
        return json_response({"data": [shown(each) for each in workflows], "pagination": pagination})

    async def create_workflow(request: Request) -> Response:
        data = await json_object(request, ("workflow_json", "name", *_DETAILS, *_ORIGIN), closed=False)
        details: Json = {
            name: text
            for name, longest in (("description", LONGEST_DESCRIPTION), ("default_view", LONGEST_NAME))
            if (text := _text(data, name, longest)) is not None
        }
        if details.get("default_view", VIEWS[0]) not in VIEWS:
            raise ApiProblem(422, f"default_view: expected one of {', '.join(VIEWS)}")
        origin = {
            shown_as: text
            for name, shown_as in _ORIGIN.items()
            if (text := _text(data, name, LONGEST_NAME)) is not None
        }
        if origin:
            details["forked_from"] = origin
        name = _text(data, "name", LONGEST_NAME) or ""
        return json_response(shown(saved.create(_graph(data), name, details)), 201)

    async def get_workflow(request: Request) -> Response:
        return json_response(shown(found(request)))

    async def delete_workflow(request: Request) -> Response:
        saved.delete(found(request).id)
        return Response(status_code=204)

    async def get_content(request: Request) -> Response:
        version = saved.version(found(request).id)
        if version is None:
            raise ApiProblem(404, "there is no such workflow")
        return json_response(shown_version(version) | {"workflow_json": version.graph})

    async def create_version(request: Request) -> Response:
        workflow = found(request)
        data = await json_object(request, ("base_version", "workflow_json"), closed=False)
        base, graph = _number(data, "base_version"), _graph(data)
        version = saved.add_version(workflow.id, base, graph)
        if version is None:
            raise ApiProblem(
                409, f"base_version: the latest version is {workflow.latest_version}, not {base}"
            )
        return json_response(shown_version(version) | {"latest_version": version.version}, 201)

    async def fork_workflow(request: Request) -> Response:
        workflow = found(request)
        data = await json_object(request, ("source_version", "name"), closed=False)
        name = _text(data, "name", LONGEST_NAME)
        source = saved.version(workflow.id, _number(data, "source_version"))
        if source is None:
            raise ApiProblem(404, "the workflow has no such version")
        origin = {"workflow_id": workflow.id, "workflow_version_id": source.id}
        details = {**workflow.details, "forked_from": origin}
        made = saved.create(source.graph, workflow.name if name is None else name, details)
        return json_response(shown(made), 201)

    one = "/api/workflows/{workflow_id}"
    return [
        Operation("GET", "/api/workflows", list_workflows),
        Operation("POST", "/api/workflows", create_workflow),
        Operation("GET", one, get_workflow),
        Operation("DELETE", one, delete_workflow),
        Operation("GET", f"{one}/content", get_content),
        Operation("POST", f"{one}/versions", create_version),
        Operation("POST", f"{one}/fork", fork_workflow),
    ]


def _graph(data: dict[str, Any]) -> Json:
    graph = data.get("workflow_json")
    if not is_object(graph):
        raise ApiProblem(422, "workflow_json: expected the graph as an object")
    return graph


def _text(data: dict[str, Any], name: str, longest: int) -> str | None:
    text = data.get(name)
    if name in data and not isinstance(text, str):
        raise ApiProblem(422, f"{name}: expected text")
    if text is not None and len(text) > longest:
        raise ApiProblem(422, f"{name}: expected at most {longest} characters, got {len(text)}")
    return text


def _number(data: dict[str, Any], name: str) -> int:
    number = data.get(name)
    if isinstance(number, bool) or not isinstance(number, (int, float)) or number != int(number):
        raise ApiProblem(422, f"{name}: expected a whole number")
    return max(-LARGEST, min(int(number), LARGEST))
