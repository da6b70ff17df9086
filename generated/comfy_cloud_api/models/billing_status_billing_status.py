# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class BillingStatusBillingStatus(OpenEnum):
    """Whether it is paid for."""

    AWAITING_PAYMENT_METHOD = "awaiting_payment_method"
    INACTIVE = "inactive"
    PAID = "paid"
    PAUSED = "paused"
    PAYMENT_FAILED = "payment_failed"
    PENDING_PAYMENT = "pending_payment"
