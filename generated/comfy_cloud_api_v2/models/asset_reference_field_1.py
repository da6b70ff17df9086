# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class AssetReferenceField1(OpenEnum):
    """What the object is."""

    COREASSET = "core/ASSET"
