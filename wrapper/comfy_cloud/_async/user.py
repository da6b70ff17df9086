"""The account that the key belongs to. `userdata` has its files."""

from __future__ import annotations

from comfy_cloud_api.api.user import get_billing_balance, get_user
from comfy_cloud_api.models.billing_balance import BillingBalance
from comfy_cloud_api.models.user_response import UserResponse

from ._http.session import AsyncSession


class AsyncUser:
    """`cloud.user`: the account of the key, and its credits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self) -> UserResponse:
        """The account (GET /api/user): `status` is active or waitlisted.

        Raises Unauthorized for a wrong key, and NotSupported on a self-hosted ComfyUI, which has no
        accounts.
        """
        return await self._session.call(get_user.build(), get_user.parse)

    async def balance(self) -> BillingBalance:
        """The remaining credits, in millionths of the currency (GET /api/billing/balance).

        The service does not document this operation: fields may be missing. Raises NotSupported
        where it is not available.
        """
        return await self._session.call(get_billing_balance.build(), get_billing_balance.parse)
