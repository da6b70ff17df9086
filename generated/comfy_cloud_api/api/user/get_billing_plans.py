# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/billing/plans: List the plans (unofficial)."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.billing_plans import BillingPlans
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
)

OPERATION = Operation(
    "getBillingPlans",
    "GET",
    "/api/billing/plans",
    "required",
)


def build() -> Request:
    """List the plans (unofficial).

    Returns the plans on offer, and which of them the workspace could change to.
    """
    target = "/api/billing/plans"
    return Request(OPERATION, target)


def parse(response: Response) -> BillingPlans:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(BillingPlans.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> BillingPlans:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> BillingPlans:
    """The async form of `sync`."""
    return parse(await client.send(build()))
