"""Who reads the shared websocket: whoever waits, one at a time, and then somebody else."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloud
from comfy_cloud._async._jobs.shared_live import MOST_BEHIND, AsyncLiveShare, AsyncSharedLive
from comfy_cloud._http.runtime import AsyncRuntime, Runtime
from comfy_cloud._http.websocket import SocketAddress, SocketFailed

URL = "http://127.0.0.1:8188"
ONE_TRANSPORT = True  # nothing is requested
LONG = 60.0


def success(job_id: str) -> str:
    return json.dumps({"type": "execution_success", "data": {"prompt_id": job_id}})


def progress(value: int) -> str:
    return json.dumps({"type": "progress", "data": {"prompt_id": "watched", "value": value, "max": 1000}})


class Wire:
    """A websocket on which a test sends messages, or an error that ends it."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[str | SocketFailed] = asyncio.Queue()
        self.is_closed = False

    async def receive(self, seconds: float) -> str | None:
        try:
            async with asyncio.timeout(seconds):
                message = await self.messages.get()
        except TimeoutError:
            return None
        if isinstance(message, SocketFailed):
            raise message
        return message

    async def close(self) -> None:
        self.is_closed = True


class Client:
    """A client whose websockets are wires."""

    def __init__(self) -> None:
        self.wires: list[Wire] = []
        self.addresses: list[SocketAddress] = []
        self.cloud = AsyncComfyCloud(
            api_key="comfyui-k", base_url=URL, runtime=AsyncRuntime(connect=self._connect)
        )

    async def _connect(self, address: SocketAddress) -> Any:
        self.addresses.append(address)
        self.wires.append(Wire())
        return self.wires[-1]

    @property
    def shared(self) -> AsyncSharedLive:
        return self.cloud._parts.job_operations.shared_live

    async def hint(self, job_id: str) -> AsyncLiveShare:
        """A connected listener that wants to know the end of a job."""
        share = self.shared.share(is_hint=True)
        await share.open()
        share.follow(job_id)
        assert await share.receive(0) is None  # the connection is new
        return share


async def settle() -> None:
    """Let every task go on until it waits."""
    for _ in range(20):
        await asyncio.sleep(0)


async def id_of(share: AsyncLiveShare) -> str | None:
    event = await share.receive(LONG)
    return None if event is None else event.job_id


@pytest.mark.parametrize("leaves", ["cancelled", "late", "closed"])
async def test_another_one_reads_when_whoever_has_read_leaves(leaves: str) -> None:
    client = Client()
    first, second, third = [await client.hint(name) for name in ("first", "second", "third")]
    reading = asyncio.create_task(first.receive(0 if leaves == "late" else LONG))
    await settle()
    others = [asyncio.create_task(id_of(share)) for share in (second, third)]
    await settle()
    if leaves == "cancelled":
        reading.cancel()
    elif leaves == "closed":
        await first.close()
        reading.cancel()
    await settle()
    (wire,) = client.wires
    wire.messages.put_nowait(success("third"))
    wire.messages.put_nowait(success("second"))
    assert await asyncio.gather(*others) == ["second", "third"]
    await asyncio.wait([reading])
    for share in (first, second, third):
        await share.close()
    await client.cloud.close()
    assert wire.is_closed
    assert len(client.wires) == 1


async def test_every_listener_polls_after_a_reconnection() -> None:
    client = Client()
    shares = [await client.hint(name) for name in ("first", "second")]
    assert [share.take_reconnected() for share in shares] == [True, False]  # the second came later
    waits = [asyncio.create_task(share.receive(LONG)) for share in shares]
    await settle()
    client.shared._live._failures = -1000  # reconnects at once
    client.wires[0].messages.put_nowait(SocketFailed("broken"))
    assert await waits[0] is None
    client.shared._live.next_attempt = 0.0
    assert await shares[0].receive(LONG) is None
    assert await waits[1] is None
    assert [share.take_reconnected() for share in shares] == [True, True]
    for share in shares:
        await share.close()
    await client.cloud.close()
    assert [wire.is_closed for wire in client.wires] == [True, True]


async def test_a_hint_wakes_for_what_changes_its_polls_and_takes_no_memory() -> None:
    client = Client()
    share = await client.hint("watched")
    messages = client.wires[0].messages
    for value in range(1000):
        messages.put_nowait(progress(value))
    messages.put_nowait(success("another job"))
    for _ in range(1000):
        messages.put_nowait(success("watched"))
    first = await share.receive(LONG)
    second = await share.receive(LONG)
    assert first is not None
    assert second is not None
    assert [first.type, second.type] == ["progress", "execution_success"]
    other = await client.hint("other")
    messages.put_nowait(success("other"))
    assert await id_of(other) == "other"
    assert len(share.events) == 1
    await share.close()
    await other.close()
    await client.cloud.close()


async def test_a_slow_listener_loses_nothing_and_costs_little_memory() -> None:
    client = Client()
    hint = await client.hint("other")
    slow = client.shared.share(is_hint=False)
    slow.follow("watched")
    waiting = asyncio.create_task(id_of(hint))
    messages = client.wires[0].messages
    count = MOST_BEHIND + 50
    for value in range(count):
        messages.put_nowait(progress(value))
    messages.put_nowait(success("other"))
    await settle()
    assert len(slow.events) == MOST_BEHIND
    assert not waiting.done()
    received = [await slow.receive(LONG) for _ in range(count)]
    assert [event.value for event in received if event is not None] == list(range(count))  # type: ignore[attr-defined]
    last = await slow.receive(LONG)
    assert last is not None
    assert last.job_id == await waiting == "other"
    await slow.close()
    await hint.close()
    await client.cloud.close()


async def test_a_forked_child_has_a_websocket_of_its_own() -> None:
    client = Client()
    share = await client.hint("job")
    parent, connected = client.wires[0], client.shared._live
    client.shared.after_fork_in_child()
    assert await share.receive(LONG) is None
    assert share.take_reconnected()
    assert len({address.client_id for address in client.addresses}) == 2
    client.wires[1].messages.put_nowait(success("job"))
    assert await id_of(share) == "job"
    await share.close()
    assert not parent.is_closed  # it is the parent's
    await connected.close()
    await client.cloud.close()


def test_a_second_event_loop_has_a_websocket_of_its_own() -> None:
    """The waits of the first were abandoned, as by a loop that was stopped."""
    client = Client()
    left: list[AsyncLiveShare] = []

    async def first() -> None:
        left.append(await client.hint("job"))

    async def second() -> None:
        share = await client.hint("job")
        client.wires[-1].messages.put_nowait(success("job"))
        assert await id_of(share) == "job"
        await share.close()
        await client.cloud.close()

    asyncio.run(first())
    asyncio.run(second())
    assert [wire.is_closed for wire in client.wires] == [False, True]


# Threads


class SyncWire:
    """The same for threads."""

    def __init__(self) -> None:
        self.messages: SimpleQueue[str] = SimpleQueue()
        self.readers: set[int] = set()
        self.is_closed = False

    def receive(self, seconds: float) -> str | None:
        assert not self.readers, "two threads read at the same time"
        self.readers.add(threading.get_ident())
        try:
            return self.messages.get(timeout=max(0.0, seconds))
        except Empty:
            return None
        finally:
            self.readers.clear()

    def close(self) -> None:
        self.is_closed = True


def test_threads_hand_the_reading_on() -> None:
    wires: list[SyncWire] = []

    def connect(address: SocketAddress) -> Any:
        wires.append(SyncWire())
        return wires[-1]

    names = [f"job {number}" for number in range(8)]
    with ComfyCloud(api_key="comfyui-k", base_url=URL, runtime=Runtime(connect=connect)) as cloud:
        shared = cloud._parts.job_operations.shared_live
        shares = {name: shared.share(is_hint=True) for name in names}
        shares[names[0]].open()
        for name, share in shares.items():
            share.follow(name)
            share.receive(0)

        def wait(name: str) -> str | None:
            with_first = [shares[name].receive(LONG) for _ in range(3)]
            shares[name].close()
            return {event.job_id for event in with_first if event is not None}.pop()

        (wire,) = wires
        with ThreadPoolExecutor(len(names)) as pool:
            waits = [pool.submit(wait, name) for name in names]
            for kind in ("execution_start", "execution_success", "execution_interrupted"):
                for name in reversed(names):
                    wire.messages.put(json.dumps({"type": kind, "data": {"prompt_id": name}}))
            assert [each.result() for each in waits] == names
        assert (shared._listeners, shared._waiting, shared._leader) == ({}, {}, None)
    assert wire.is_closed
    assert len(wires) == 1
