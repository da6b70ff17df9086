# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/global_subgraphs/{id}: Fetch one ready-made subgraph."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.global_subgraph_data import GlobalSubgraphData
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
)

OPERATION = Operation(
    "getGlobalSubgraph",
    "GET",
    "/api/global_subgraphs/{id}",
    "none",
)


def build(id: str) -> Request:
    """Fetch one ready-made subgraph.

    Returns a single blueprint together with its graph, which comes as a JSON document inside a
    string. No key is needed.

    Args:
        id: Identifier of the blueprint: a key of the object that `GET /api/global_subgraphs`
            returns.
    """
    target = f"/api/global_subgraphs/{path_segment(id)}"
    return Request(OPERATION, target)


def parse(response: Response) -> GlobalSubgraphData:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(GlobalSubgraphData.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, id: str) -> GlobalSubgraphData:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(id)))


async def asyncio(client: AsyncClient, id: str) -> GlobalSubgraphData:
    """The async form of `sync`."""
    return parse(await client.send(build(id)))
