# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class JobWorkflowResponseFormat(OpenEnum):
    """`save`: as the editor saved it. `api`: the graph that was executed."""

    API = "api"
    SAVE = "save"
