# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/workflows: List saved workflows (unofficial)."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.list_workflows_default_view import ListWorkflowsDefaultView
from ...models.list_workflows_order import ListWorkflowsOrder
from ...models.list_workflows_sort import ListWorkflowsSort
from ...models.saved_workflow_list import SavedWorkflowList
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    with_query,
)

OPERATION = Operation(
    "listWorkflows",
    "GET",
    "/api/workflows",
    "required",
)


def build(
    *,
    limit: int | None = None,
    offset: int | None = None,
    name: str | None = None,
    default_view: ListWorkflowsDefaultView | str | None = None,
    sort: ListWorkflowsSort | str | None = None,
    order: ListWorkflowsOrder | str | None = None,
) -> Request:
    """List saved workflows (unofficial).

    Returns a page of the workflows that the account has saved, without their graphs.

    Args:
        limit: How many workflows a page has at most.
        offset: How many workflows to skip.
        name: Part of the name, in upper or lower case.
        default_view: Keep only workflows that open in this view.
        sort: Field to sort by.
        order: Direction of the order.
    """
    target = with_query(
        "/api/workflows",
        {
            "limit": limit,
            "offset": offset,
            "name": name,
            "default_view": default_view,
            "sort": sort,
            "order": order,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> SavedWorkflowList:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(SavedWorkflowList.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client,
    *,
    limit: int | None = None,
    offset: int | None = None,
    name: str | None = None,
    default_view: ListWorkflowsDefaultView | str | None = None,
    sort: ListWorkflowsSort | str | None = None,
    order: ListWorkflowsOrder | str | None = None,
) -> SavedWorkflowList:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(
        client.send(
            build(limit=limit, offset=offset, name=name, default_view=default_view, sort=sort, order=order)
        )
    )


async def asyncio(
    client: AsyncClient,
    *,
    limit: int | None = None,
    offset: int | None = None,
    name: str | None = None,
    default_view: ListWorkflowsDefaultView | str | None = None,
    sort: ListWorkflowsSort | str | None = None,
    order: ListWorkflowsOrder | str | None = None,
) -> SavedWorkflowList:
    """The async form of `sync`."""
    return parse(
        await client.send(
            build(limit=limit, offset=offset, name=name, default_view=default_view, sort=sort, order=order)
        )
    )
