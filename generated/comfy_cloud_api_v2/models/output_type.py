# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class OutputType(OpenEnum):
    """What kind of output it is; `file` for anything without a kind."""

    AUDIO = "audio"
    FILE = "file"
    IMAGE = "image"
    LATENT = "latent"
    TEXT = "text"
    VIDEO = "video"
