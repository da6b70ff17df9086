"""Balance, subscription, plans and workspace: `/api/billing/*`, `/api/workspaces/current`."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.responses import json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.account import TIERS, Account, Tier

from .user import user_id

CREDITS_PER_DOLLAR: Final = 211
MICROS: Final = 1_000_000
"""Amounts are in millionths of a US dollar."""
ENDLESS: Final = 4220.0
"""Credits reported for an account without a limit: twenty dollars' worth."""
_PRICES: Final[dict[Tier, int]] = {"free": 0, "standard": 2_000, "creator": 3_500, "pro": 10_000}
"""Cents that a month of each plan costs here, and the credits in it."""
_SINCE: Final = "2026-01-01T00:00:00Z"


def _slug(tier: Tier) -> str:
    return f"{tier}-monthly"


def _plan(tier: Tier, current: Tier | None) -> dict[str, Any]:
    availability: dict[str, Any] = {"available": tier != current}
    if tier == current:
        availability["reason"] = "same_plan"
    return {
        "slug": _slug(tier),
        "tier": tier.upper(),
        "duration": "MONTHLY",
        "price_cents": _PRICES[tier],
        "credits_cents": _PRICES[tier],
        "max_seats": 1,
        "availability": availability,
    }


def routes(account: Account) -> list[Operation]:
    """The operations of this module over an account."""

    async def get_balance(request: Request) -> Response:
        credits = ENDLESS if account.credits is None else account.credits
        micros = round(credits / CREDITS_PER_DOLLAR * MICROS)
        return json_response(
            {
                "effective_balance_micros": micros,
                "amount_micros": micros,
                "prepaid_balance_micros": 0,
                "cloud_credit_balance_micros": micros,
                "pending_charges_micros": 0,
                "currency": "usd",
            }
        )

    async def get_status(request: Request) -> Response:
        active = account.subscription_active
        status: dict[str, Any] = {
            "is_active": active,
            "has_funds": account.credits is None or account.credits > 0,
            "subscription_status": "active" if active else "ended",
            "subscription_tier": account.tier.upper(),
            "subscription_duration": "MONTHLY",
            "billing_status": "paid" if active else "inactive",
            "billing_rail": "stripe",
            "max_seats": 1,
            "occupied_seats": 1,
        }
        if active:
            status["plan_slug"] = _slug(account.tier)
        return json_response(status)

    async def get_plans(request: Request) -> Response:
        current = account.tier if account.subscription_active else None
        found: dict[str, Any] = {"plans": [_plan(tier, current) for tier in TIERS]}
        if current is not None:
            found["current_plan_slug"] = _slug(current)
        return json_response(found)

    async def get_workspace(request: Request) -> Response:
        return json_response(
            {
                "id": f"w-{user_id(account)}",
                "name": "Personal",
                "type": "personal",
                "role": "owner",
                "created_at": _SINCE,
            }
        )

    return [
        Operation("GET", "/api/billing/balance", get_balance),
        Operation("GET", "/api/billing/status", get_status),
        Operation("GET", "/api/billing/plans", get_plans),
        Operation("GET", "/api/workspaces/current", get_workspace),
    ]
