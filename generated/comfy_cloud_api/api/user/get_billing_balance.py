# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/billing/balance: Read the credit balance (unofficial)."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.billing_balance import BillingBalance
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
)

OPERATION = Operation(
    "getBillingBalance",
    "GET",
    "/api/billing/balance",
    "required",
)


def build() -> Request:
    """Read the credit balance (unofficial).

    Returns what the account can still spend, in millionths. The service does not document this
    route for API users.
    """
    target = "/api/billing/balance"
    return Request(OPERATION, target)


def parse(response: Response) -> BillingBalance:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(BillingBalance.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> BillingBalance:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> BillingBalance:
    """The async form of `sync`."""
    return parse(await client.send(build()))
