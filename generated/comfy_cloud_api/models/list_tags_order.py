# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class ListTagsOrder(OpenEnum):
    """The values that the contract lists."""

    COUNT_DESC = "count_desc"
    NAME_ASC = "name_asc"
