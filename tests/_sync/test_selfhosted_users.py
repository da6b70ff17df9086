# Made from tests/_async/test_selfhosted_users.py by `make unasync`. Do not edit.
"""A self-hosted ComfyUI with several users: the header that names one, and the error without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from comfy_cloud import ConfigurationError, ServerError
from comfy_cloud_emulator import Emulator, Fault, Quirks
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, keyless

Start = Callable[..., Emulator]

pytestmark = [
    pytest.mark.filterwarnings("ignore::comfy_cloud.ComfyCloudWarning"),
    pytest.mark.beyond_contract,  # the contract lacks /api/users
]


@pytest.fixture(params=["comfyui", "comfyui_new"])
def several(request: pytest.FixtureRequest, start_emulator: Start) -> Emulator:
    """A server with one user, whose id is "emulated", in multi-user mode."""
    return start_emulator(quirks=replace(Quirks.preset(request.param), multi_user=True))


def test_the_user_is_named_in_every_request(several: Emulator, time: FakeTime) -> None:
    with keyless(several, time, comfy_user="emulated") as cloud:
        cloud.userdata.write("workflows/a.json", b"{}")
        assert (cloud.userdata.read("workflows/a.json")) == b"{}"
        job = cloud.run(IMAGE_GRAPH, on_event=print)
        assert job.outputs[0].filename
        assert job.outputs[0].read()
    assert {request.headers.get("comfy-user") for request in several.requests} == {"emulated"}
    assert several.socket_requests
    assert {request.headers.get("comfy-user") for request in several.socket_requests} == {"emulated"}


def test_a_missing_user_is_named_at_once(several: Emulator, time: FakeTime) -> None:
    with keyless(several, time) as cloud:
        userdata, name = cloud.userdata, "workflows/a.json"
        for call, arguments in (
            (userdata.list, ()),
            (userdata.read, (name,)),
            (userdata.write, (name, b"{}")),
            (userdata.delete, (name,)),
        ):
            several.clear_requests()
            before = time.now()
            with pytest.raises(ConfigurationError, match="several users") as caught:
                call(*arguments)  # type: ignore[operator]
            assert "comfy_user=" in str(caught.value)
            assert "COMFY_CLOUD_COMFY_USER" in str(caught.value)
            assert "emulated" in str(caught.value)
            assert time.now() == before
            assert len(several.requests) == 2
        assert all("comfy-user" not in request.headers for request in several.requests)


def test_an_unknown_user_is_named_at_once(several: Emulator, time: FakeTime) -> None:
    with keyless(several, time, comfy_user="nobody") as cloud:
        with pytest.raises(ConfigurationError, match=r"no user with the id 'nobody'.*: emulated"):
            cloud.userdata.list()


def test_other_500s_are_retried_as_ever(start_emulator: Start, time: FakeTime) -> None:
    """A known user, a server with one user, and a server that has no list of users."""
    quirks = Quirks.preset("comfyui")
    for emulator, user in (
        (start_emulator(quirks=replace(quirks, multi_user=True)), "emulated"),
        (start_emulator(quirks=quirks), None),
        (start_emulator(), None),
    ):
        emulator.faults.add(Fault("status", status=500, body=b"oops", path="/api/userdata", times=None))
        with keyless(emulator, time, comfy_user=user, retry=3, api_key=emulator.key) as cloud:
            with pytest.raises(ServerError):
                cloud.userdata.list()
        assert [request.path for request in emulator.requests].count("/api/userdata") == 3


def test_the_storage_does_not_learn_the_user(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    with keyless(emulator, time, comfy_user="emulated", api_key=emulator.key) as cloud:
        job = cloud.run(IMAGE_GRAPH)
        assert job.outputs[0].read()
    assert emulator.file_requests
    assert all("comfy-user" not in request.headers for request in emulator.file_requests)
