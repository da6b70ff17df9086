"""`mirror.watch`: when it syncs, with a websocket, without one, and without a connection."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

import pytest

from comfy_cloud import ConnectionFailed, Unauthorized
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client, image_graph


async def test_without_a_websocket_the_list_is_polled(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    emulator = empty_emulator
    emulator.faults.add(Fault("socket_refuse", status=404, times=None))
    async with client(emulator, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        async with aclosing(mirror.watch()) as syncs:
            assert (await anext(syncs)).total == 0
            await cloud.run(image_graph(1))
            began = time.monotonic()
            assert (await anext(syncs)).added == 1
            assert 14 <= time.monotonic() - began <= 16
            assert (await anext(syncs)).added == 0
            assert 29 <= time.monotonic() - began <= 31
        mirror.close()


async def test_a_silent_websocket_is_not_believed_forever(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    emulator = empty_emulator
    emulator.faults.add(Fault("socket_silent", times=None))
    async with client(emulator, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        async with aclosing(mirror.watch()) as syncs:
            assert (await anext(syncs)).total == 0
            await cloud.run(image_graph(1))
            began = time.monotonic()
            assert (await anext(syncs)).added == 1
            assert time.monotonic() - began <= 301
        mirror.close()


async def test_a_websocket_that_breaks_is_followed_by_a_sync(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    emulator = empty_emulator
    emulator.faults.add(Fault("socket_drop", messages=1))
    async with client(emulator, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        async with aclosing(mirror.watch()) as syncs:
            await anext(syncs)
            began = time.monotonic()
            await anext(syncs)
            assert time.monotonic() - began < 60  # it has reconnected, and may have missed something
        mirror.close()


async def test_a_lost_connection_is_reported_and_tried_again(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    emulator = empty_emulator
    async with client(emulator, time, retry=1) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        async with aclosing(mirror.watch()) as syncs:
            await anext(syncs)
            await cloud.run(image_graph(1))
            emulator.faults.add(Fault.reset(path="/api/history_v2*", times=None))
            emulator.faults.add(Fault("socket_refuse", times=None))
            broken = await anext(syncs)
            assert broken.is_broken
            assert "history_v2" in broken.failures[0]
            emulator.faults.clear()
            emulator.faults.add(Fault("socket_refuse", times=None))
            assert (await anext(syncs)).added == 1
        mirror.close()


async def test_the_first_sync_and_a_wrong_key_end_it(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    emulator = empty_emulator
    async with client(emulator, time, retry=1) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        emulator.faults.add(Fault.reset(path="/api/history_v2", times=None))
        async with aclosing(mirror.watch()) as syncs:
            with pytest.raises(ConnectionFailed):
                await anext(syncs)
        emulator.faults.clear()
        async with aclosing(mirror.watch()) as syncs:
            await anext(syncs)
            emulator.faults.add(Fault.status_burst(401, path="/api/history_v2", times=None))
            with pytest.raises(Unauthorized):
                await anext(syncs)
        mirror.close()
