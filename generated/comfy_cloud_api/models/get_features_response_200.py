# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .get_features_response_200_free_tier_balance import GetFeaturesResponse200FreeTierBalance


@_define
class GetFeaturesResponse200(Model):
    """GetFeaturesResponse200, as the contract names it.

    Attributes:
        supports_preview_metadata: `true` if live preview frames on the websocket can carry the node
            and job they belong to.
        max_upload_size: Largest request body that an upload may have, in bytes.
        free_tier_balance: What is left of the free allowance; absent on paid plans.
        max_concurrent_jobs: How many of the caller's jobs may run at once.
        free_tier_offer: Terms of the free plan on offer.
        new_free_tier_subscriptions: Whether the free plan can be taken up.
        sso_enabled: Whether single sign-on is in use.
        assets: Whether a self-hosted server has its asset store on.
    """

    supports_preview_metadata: bool | None = None
    max_upload_size: float | None = None
    free_tier_balance: GetFeaturesResponse200FreeTierBalance | None = None
    max_concurrent_jobs: int | None = None
    free_tier_offer: Any = None
    new_free_tier_subscriptions: Any = None
    sso_enabled: bool | None = None
    assets: bool | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "supports_preview_metadata": "supports_preview_metadata",
        "max_upload_size": "max_upload_size",
        "free_tier_balance": "free_tier_balance",
        "max_concurrent_jobs": "max_concurrent_jobs",
        "free_tier_offer": "free_tier_offer",
        "new_free_tier_subscriptions": "new_free_tier_subscriptions",
        "sso_enabled": "sso_enabled",
        "assets": "assets",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.supports_preview_metadata = get("supports_preview_metadata")
        self.max_upload_size = get("max_upload_size")
        self.free_tier_balance = (
            None
            if (value := get("free_tier_balance")) is None
            else GetFeaturesResponse200FreeTierBalance.read(value)
        )
        self.max_concurrent_jobs = get("max_concurrent_jobs")
        self.free_tier_offer = get("free_tier_offer")
        self.new_free_tier_subscriptions = get("new_free_tier_subscriptions")
        self.sso_enabled = get("sso_enabled")
        self.assets = get("assets")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(GetFeaturesResponse200._JSON_NAMES)
