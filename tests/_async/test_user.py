"""`cloud.user` over real sockets."""

from __future__ import annotations

import pytest

from comfy_cloud import AsyncComfyCloud, NotSupported, Unauthorized
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client


async def test_the_account(cloud: AsyncComfyCloud) -> None:
    assert (await cloud.user.get()).status == "active"
    balance = await cloud.user.balance()
    assert balance.to_dict()


async def test_a_wrong_key(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time, api_key="comfyui-wrong") as cloud:
        with pytest.raises(Unauthorized):
            await cloud.user.get()


async def test_a_self_hosted_server_has_no_accounts(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    empty_emulator.faults.add(Fault("status", status=404, body=b"", content_type="application/octet-stream"))
    with pytest.raises(NotSupported, match="getUser"):
        await cloud.user.get()
