# Made from tests/_async/test_mirror_watch.py by `make unasync`. Do not edit.
"""`mirror.watch`: when it syncs, with a websocket, without one, and without a connection."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from comfy_cloud import ConnectionFailed, Unauthorized
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client, image_graph


def test_without_a_websocket_the_list_is_polled(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    emulator = empty_emulator
    emulator.faults.add(Fault("socket_refuse", status=404, times=None))
    with client(emulator, time) as cloud:
        mirror = cloud.mirror(tmp_path / "m.sqlite")
        with closing(mirror.watch()) as syncs:
            assert (next(syncs)).total == 0
            cloud.run(image_graph(1))
            began = time.monotonic()
            assert (next(syncs)).added == 1
            assert 14 <= time.monotonic() - began <= 16
            assert (next(syncs)).added == 0
            assert 29 <= time.monotonic() - began <= 31
        mirror.close()


def test_a_silent_websocket_is_not_believed_forever(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    emulator = empty_emulator
    emulator.faults.add(Fault("socket_silent", times=None))
    with client(emulator, time) as cloud:
        mirror = cloud.mirror(tmp_path / "m.sqlite")
        with closing(mirror.watch()) as syncs:
            assert (next(syncs)).total == 0
            cloud.run(image_graph(1))
            began = time.monotonic()
            assert (next(syncs)).added == 1
            assert time.monotonic() - began <= 301
        mirror.close()


def test_a_websocket_that_breaks_is_followed_by_a_sync(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    emulator = empty_emulator
    emulator.faults.add(Fault("socket_drop", messages=1))
    with client(emulator, time) as cloud:
        mirror = cloud.mirror(tmp_path / "m.sqlite")
        with closing(mirror.watch()) as syncs:
            next(syncs)
            began = time.monotonic()
            next(syncs)
            assert time.monotonic() - began < 60  # it has reconnected, and may have missed something
        mirror.close()


def test_a_lost_connection_is_reported_and_tried_again(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    emulator = empty_emulator
    with client(emulator, time, retry=1) as cloud:
        mirror = cloud.mirror(tmp_path / "m.sqlite")
        with closing(mirror.watch()) as syncs:
            next(syncs)
            cloud.run(image_graph(1))
            emulator.faults.add(Fault.reset(path="/api/history_v2*", times=None))
            emulator.faults.add(Fault("socket_refuse", times=None))
            broken = next(syncs)
            assert broken.is_broken
            assert "history_v2" in broken.failures[0]
            emulator.faults.clear()
            emulator.faults.add(Fault("socket_refuse", times=None))
            assert (next(syncs)).added == 1
        mirror.close()


def test_the_first_sync_and_a_wrong_key_end_it(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    emulator = empty_emulator
    with client(emulator, time, retry=1) as cloud:
        mirror = cloud.mirror(tmp_path / "m.sqlite")
        emulator.faults.add(Fault.reset(path="/api/history_v2", times=None))
        with closing(mirror.watch()) as syncs:
            with pytest.raises(ConnectionFailed):
                next(syncs)
        emulator.faults.clear()
        with closing(mirror.watch()) as syncs:
            next(syncs)
            emulator.faults.add(Fault.status_burst(401, path="/api/history_v2", times=None))
            with pytest.raises(Unauthorized):
                next(syncs)
        mirror.close()
