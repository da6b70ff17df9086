"""The items of a page of a list. Pure."""

from __future__ import annotations

from typing import TypeVar

from comfy_cloud_api.types import Model

from ..errors import UnexpectedResponse

T = TypeVar("T")


def items_of(found: list[T] | None, model: type = Model) -> list[T]:
    """The items of a list in a response; those that are no objects, so no `model`, are left out.

    A generated model passes on what it cannot read, so there may be something other than a list.
    Raises UnexpectedResponse then.
    """
    if found is None:
        return []
    value: object = found
    if not isinstance(value, list):
        kind = type(value).__name__
        raise UnexpectedResponse(f"The list in the response is {kind}, not a list, so it cannot be read")
    return [item for item in found if isinstance(item, model)]
