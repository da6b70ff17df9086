# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/object_info: Describe every node class."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.node_info import NodeInfo
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    read_map,
)

OPERATION = Operation(
    "getNodeInfo",
    "GET",
    "/api/object_info",
    "required",
)


def build() -> Request:
    """Describe every node class.

    Returns the catalogue of node classes that workflows may use: inputs with types and limits,
    outputs, category. The response is several megabytes and changes only when the service is
    updated, so keep a copy. A self-hosted server lists the nodes that are installed on it, which
    need not be the same ones.
    """
    target = "/api/object_info"
    return Request(OPERATION, target)


def parse(response: Response) -> dict[str, NodeInfo]:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(lambda value: read_map(NodeInfo.read, value), response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> dict[str, NodeInfo]:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> dict[str, NodeInfo]:
    """The async form of `sync`."""
    return parse(await client.send(build()))
