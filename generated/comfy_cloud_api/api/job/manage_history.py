# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/history: Delete history entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.history_manage_request import HistoryManageRequest
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    to_json,
)

OPERATION = Operation(
    "manageHistory",
    "POST",
    "/api/history",
    "required",
)


def build(*, body: HistoryManageRequest | Mapping[str, Any]) -> Request:
    """Delete history entries.

    Removes finished jobs from the caller's history: those listed in `delete`, or all of them with
    `clear`. Identifiers that are not in the history are silently ignored. There is no way to undo
    it. Files that the jobs made stay available as assets until they are deleted there.

    Args:
        body: Which entries to delete: a list of job identifiers, or all.
    """
    target = "/api/history"
    return Request(OPERATION, target, json=to_json(body))


def parse(response: Response) -> None:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return None
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, body: HistoryManageRequest | Mapping[str, Any]) -> None:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(client: AsyncClient, *, body: HistoryManageRequest | Mapping[str, Any]) -> None:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
