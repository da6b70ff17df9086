"""Requests and results of API v2 in the types of the session, which are those of version 1.

Their operations have names of their own, since both contracts have a `listJobs`. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from comfy_cloud_api.types import Credential, Operation, Request, UnexpectedStatus, UnreadableBody
from comfy_cloud_api_v2 import types as v2

from ..errors import ConfigurationError

T = TypeVar("T")
# Generated requests with an id like ".." raise an error of ours, as those of version 1 do.
v2.argument_error = ConfigurationError

PREFIX: Final = "v2."
"""What the ids of operations of API v2 begin with, as in hooks."""
NOTICE: Final = (
    "This server has no version 1 of the API, or not all of it; API v2 is used instead. "
    "api='v2' asks for it at once"
)


def operation_of(operation: v2.Operation) -> Operation:
    """An operation of API v2 in the session's types."""
    credentials = tuple(Credential(each.location, each.name, each.prefix) for each in operation.credentials)
    return Operation(f"{PREFIX}{operation.id}", operation.method, operation.path, operation.key, credentials)


def request_of(built: v2.Request) -> Request:
    """A request of API v2 in the session's types."""
    return Request(
        operation_of(built.operation),
        built.target,
        json=built.json,
        content=built.content,
        content_type=built.content_type,
        parts=built.parts,
        headers=built.headers,
    )


def parser_of(parse: Callable[[Any], T]) -> Callable[[Any], T]:
    """A parser of API v2 with the errors that the session knows."""

    def parsed(response: Any) -> T:
        try:
            return parse(response)
        except v2.UnexpectedStatus as error:
            raise UnexpectedStatus(operation_of(error.operation), error.status_code, error.body) from None
        except v2.UnreadableBody as error:
            raise UnreadableBody(str(error)) from None

    return parsed
