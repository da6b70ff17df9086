# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/billing/status: Read the state of the subscription (unofficial)."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.billing_status import BillingStatus
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
)

OPERATION = Operation(
    "getBillingStatus",
    "GET",
    "/api/billing/status",
    "required",
)


def build() -> Request:
    """Read the state of the subscription (unofficial).

    Returns whether the workspace may run jobs, its plan, and when that ends or renews.
    """
    target = "/api/billing/status"
    return Request(OPERATION, target)


def parse(response: Response) -> BillingStatus:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(BillingStatus.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> BillingStatus:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> BillingStatus:
    """The async form of `sync`."""
    return parse(await client.send(build()))
