# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/global_subgraphs: List ready-made subgraphs."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.global_subgraph_info import GlobalSubgraphInfo
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    read_map,
)

OPERATION = Operation(
    "getGlobalSubgraphs",
    "GET",
    "/api/global_subgraphs",
    "none",
)


def build() -> Request:
    """List ready-made subgraphs.

    Lists the subgraph blueprints that everybody may place in a workflow as if they were single
    nodes. The list holds names and origins only; fetch the graph of one with `GET
    /api/global_subgraphs/{id}`. No key is needed.
    """
    target = "/api/global_subgraphs"
    return Request(OPERATION, target)


def parse(response: Response) -> dict[str, GlobalSubgraphInfo]:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(lambda value: read_map(GlobalSubgraphInfo.read, value), response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> dict[str, GlobalSubgraphInfo]:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> dict[str, GlobalSubgraphInfo]:
    """The async form of `sync`."""
    return parse(await client.send(build()))
