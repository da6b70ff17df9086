"""The account's balance: `/api/billing/balance`."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.responses import json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.account import Account

CREDITS_PER_DOLLAR: Final = 211
MICROS: Final = 1_000_000
"""Amounts are in millionths of a US dollar."""
ENDLESS: Final = 4220.0
"""Credits reported for an account without a limit: twenty dollars' worth."""


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

    return [Operation("GET", "/api/billing/balance", get_balance)]
