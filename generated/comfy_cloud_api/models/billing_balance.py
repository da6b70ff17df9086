# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class BillingBalance(Model):
    """What an account can still spend. Amounts are in millionths of the currency.

    Attributes:
        effective_balance_micros: What can be spent in all.
        amount_micros: Balance of the account.
        prepaid_balance_micros: Part that was paid in advance.
        cloud_credit_balance_micros: Part that came with the plan.
        pending_charges_micros: Charges not booked yet.
        currency: Currency code.
    """

    effective_balance_micros: float | None = None
    amount_micros: float | None = None
    prepaid_balance_micros: float | None = None
    cloud_credit_balance_micros: float | None = None
    pending_charges_micros: float | None = None
    currency: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "effective_balance_micros": "effective_balance_micros",
        "amount_micros": "amount_micros",
        "prepaid_balance_micros": "prepaid_balance_micros",
        "cloud_credit_balance_micros": "cloud_credit_balance_micros",
        "pending_charges_micros": "pending_charges_micros",
        "currency": "currency",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.effective_balance_micros = get("effective_balance_micros")
        self.amount_micros = get("amount_micros")
        self.prepaid_balance_micros = get("prepaid_balance_micros")
        self.cloud_credit_balance_micros = get("cloud_credit_balance_micros")
        self.pending_charges_micros = get("pending_charges_micros")
        self.currency = get("currency")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(BillingBalance._JSON_NAMES)
