# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class ListJobsOutputType(OpenEnum):
    """The values that the contract lists."""

    AUDIO = "audio"
    IMAGE = "image"
    VALUE_3 = "3d"
    VIDEO = "video"
