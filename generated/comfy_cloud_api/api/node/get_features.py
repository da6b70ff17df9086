# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/features: Read the server's capabilities."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.get_features_response_200 import GetFeaturesResponse200
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
)

OPERATION = Operation(
    "getFeatures",
    "GET",
    "/api/features",
    "optional",
)


def build() -> Request:
    """Read the server's capabilities.

    Reports what this server can do and which limits it sets, so that a program can adapt instead of
    guessing. A key is optional; with one, the response also reflects the account. Expect flags
    beyond those listed here and ignore what you do not know.
    """
    target = "/api/features"
    return Request(OPERATION, target)


def parse(response: Response) -> GetFeaturesResponse200:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(GetFeaturesResponse200.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> GetFeaturesResponse200:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> GetFeaturesResponse200:
    """The async form of `sync`."""
    return parse(await client.send(build()))
