# Made from tests/_async/test_user.py by `make unasync`. Do not edit.
"""`cloud.user` over real sockets."""

from __future__ import annotations

import pytest

from comfy_cloud import NotSupported, Unauthorized
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client


def test_the_account(empty_emulator: Emulator, time: FakeTime) -> None:
    with client(empty_emulator, time) as cloud:
        assert (cloud.user.get()).status == "active"
        balance = cloud.user.balance()
    assert balance.to_dict()


def test_a_wrong_key(empty_emulator: Emulator, time: FakeTime) -> None:
    with client(empty_emulator, time, api_key="comfyui-wrong") as cloud:
        with pytest.raises(Unauthorized):
            cloud.user.get()


def test_a_self_hosted_server_has_no_accounts(empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.faults.add(Fault("status", status=404, body=b"", content_type="application/octet-stream"))
    with client(empty_emulator, time) as cloud:
        with pytest.raises(NotSupported, match="getUser"):
            cloud.user.get()
