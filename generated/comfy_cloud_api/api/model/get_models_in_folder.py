# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/experiment/models/{folder}: List the models of one kind."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.model_file import ModelFile
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_list,
    path_segment,
)

OPERATION = Operation(
    "getModelsInFolder",
    "GET",
    "/api/experiment/models/{folder}",
    "none",
)


def build(folder: str) -> Request:
    """List the models of one kind.

    Lists the model files of a folder. The `name` of an entry is the text that a loader node expects
    as its input. An unknown folder and an empty one both return 404. No key is needed.

    Args:
        folder: Name of a model folder, for example `loras`. The old names `unet` and `clip` mean
            `diffusion_models` and `text_encoders`.
    """
    target = f"/api/experiment/models/{path_segment(folder)}"
    return Request(OPERATION, target)


def parse(response: Response) -> list[ModelFile]:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_list(ModelFile.read, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, folder: str) -> list[ModelFile]:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(folder)))


async def asyncio(client: AsyncClient, folder: str) -> list[ModelFile]:
    """The async form of `sync`."""
    return parse(await client.send(build(folder)))
