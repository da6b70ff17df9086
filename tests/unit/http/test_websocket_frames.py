"""Reading many websocket frames at a time gives what `websockets` gives by itself.

Both read the same bytes in the same pieces: whatever a server sends, and wherever the network cuts
it, messages, replies and the end of the connection are the same.
"""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from comfy_cloud._http.websocket import AsyncSocket, Socket
from comfy_cloud._http.websocket_frames import WholeFrames, with_whole_frames

MOST = 100_000  # the largest message; the tests send larger ones
URI = parse_uri("ws://localhost/ws")


def handshake() -> tuple[ClientProtocol, bytes]:
    """A client that has sent its request, and the response to it."""
    client = ClientProtocol(URI, max_size=MOST)
    client.send_request(client.connect())
    server = ServerProtocol()
    server.receive_data(b"".join(client.data_to_send()))
    (request,) = server.events_received()
    server.send_response(server.accept(request))  # type: ignore[arg-type]
    return client, b"".join(server.data_to_send())


def sent(opcode: int, data: bytes, *, fin: bool = True, rsv1: bool = False, mask: bool = False) -> bytes:
    """A frame as a server sends it; a broken one, too."""
    first = (0x80 if fin else 0) | (0x40 if rsv1 else 0) | opcode
    flag = 0x80 if mask else 0
    if len(data) < 126:
        head = bytes([first, flag | len(data)])
    elif len(data) < 65536:
        head = bytes([first, flag | 126]) + len(data).to_bytes(2, "big")
    else:
        head = bytes([first, flag | 127]) + len(data).to_bytes(8, "big")
    return head + (bytes(4) if mask else b"") + data


class Reading:
    """What a client makes of the bytes that it receives."""

    def __init__(self, client: ClientProtocol, *, is_quick: bool) -> None:
        self.client = client
        self.frames = WholeFrames(client) if is_quick else None
        self.messages: list[str | bytes] = []
        self.batches = 0
        self._fragments: list[Frame] = []
        self._ended: str | None = None

    def receive(self, data: bytes) -> None:
        self.client.receive_data(data)
        for event in self.client.events_received():
            if not isinstance(event, Frame) or event.opcode not in (0, 1, 2) or self._ended:
                continue
            self._fragments.append(event)
            if event.fin:
                self._assembled()

    def _assembled(self) -> None:
        """As `recv` of a connection does it: text that is not UTF-8 ends the messages."""
        content = b"".join(bytes(frame.data) for frame in self._fragments)
        is_text = self._fragments[0].opcode == Opcode.TEXT
        self._fragments = []
        messages = None if self.frames is None else self.frames.take()
        if messages is not None:
            self.batches += 1
            self.messages += messages
            return
        try:
            self.messages.append(content.decode() if is_text else content)
        except UnicodeDecodeError as error:
            self._ended = str(error)

    def result(self) -> tuple[object, ...]:
        client = self.client
        writes = [len(data) for data in client.data_to_send()]
        failure = (type(client.parser_exc), str(client.parser_exc))
        return self.messages, self._ended, writes, client.state, client.close_rcvd, failure


def compared(frames: bytes, cuts: list[int]) -> Reading:
    """Read with and without, in the same pieces; returns the reading with."""
    readings = []
    for is_quick in (False, True):
        client, response = handshake()
        reading = Reading(client, is_quick=is_quick)
        received = response + frames
        places = [0, *sorted(cut % (len(received) + 1) for cut in cuts), len(received)]
        for start, stop in pairwise(places):
            if start < stop:
                reading.receive(received[start:stop])
        readings.append(reading)
    before = readings[0].result()
    assert readings[1].result() == before
    for reading in readings:
        reading.client.receive_eof()
    assert readings[1].client.state is readings[0].client.state
    assert str(readings[1].client.close_exc) == str(readings[0].client.close_exc)
    return readings[1]


PAYLOADS = st.one_of(
    st.text(max_size=20).map(str.encode),
    st.binary(max_size=20),
    st.sampled_from([b"x" * size for size in (125, 126, 127, 300, 65535, 65536, MOST, MOST + 1)]),
)
FRAMES = st.one_of(
    st.builds(sent, st.sampled_from([1, 1, 1, 2]), PAYLOADS),
    st.builds(sent, st.sampled_from([0, 1, 2]), PAYLOADS, fin=st.booleans()),
    st.builds(sent, st.sampled_from([8, 9, 10]), st.sampled_from([b"", b"ping", b"\x03\xe8bye"])),
    st.builds(sent, st.integers(0, 15), PAYLOADS, rsv1=st.booleans(), mask=st.booleans()),
)


@given(st.lists(FRAMES, max_size=12), st.lists(st.integers(0, 2**20), max_size=8))
def test_whatever_a_server_sends(frames: list[bytes], cuts: list[int]) -> None:
    compared(b"".join(frames), cuts)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 200, 10**6])
def test_messages_of_all_kinds_in_pieces_of_any_size(step: int) -> None:
    frames = [
        sent(1, b'{"type": "status"}'),
        sent(9, b"still there?"),
        sent(2, b"\x00\x00\x00\x01" * 40),
        sent(1, "späße".encode() * 100, fin=False),
        sent(10, b""),
        sent(0, b" and more"),
        sent(1, b""),
        sent(1, b"y" * 300),
        sent(2, b"z" * 70_000) if step >= 200 else b"",
        sent(1, b"last"),
        sent(8, b"\x03\xe8"),
        sent(1, b"after the end"),
    ]
    received = b"".join(frames)
    reading = compared(received, list(range(0, len(received) + 200, step)))
    assert reading.messages[0] == '{"type": "status"}'
    assert "späße" * 100 + " and more" in reading.messages
    assert reading.messages[-1] == "last"
    if step == 10**6:  # between what is passed on: before ping, fragments and large message, and after
        assert reading.batches == 4


@pytest.mark.parametrize("cut", range(1, 6))
def test_the_first_frames_arrive_with_the_end_of_the_handshake(cut: int) -> None:
    _, response = handshake()
    reading = compared(sent(1, b"one") + sent(1, b"two"), [len(response) - cut, len(response) + 7])
    assert reading.messages == ["one", "two"]
    assert reading.batches == 2


@pytest.mark.parametrize(
    "broken",
    [
        sent(1, b"begun", fin=False) + sent(1, b"another"),
        sent(1, b"begun", fin=False) + sent(9, b"") + sent(2, b"another"),
        sent(0, b"not begun"),
        sent(1, b"masked", mask=True),
        sent(1, b"masked" * 100, mask=True),
        sent(1, b"compressed", rsv1=True),
        sent(3, b"of no kind"),
        sent(1, b"\xff"),
        sent(9, b"p" * 126),
        sent(1, b"x" * (MOST + 1)),
        sent(1, b"f" * 300, fin=False)
        + sent(0, b"f" * 400, fin=False)
        + sent(0, b"f" * 70_000)
        + sent(5, b""),
    ],
)
def test_what_breaks_the_protocol_is_for_websockets_to_judge(broken: bytes) -> None:
    frames = sent(1, b"one") + broken + sent(1, b"two") * 3
    for cuts in [], [10**6], list(range(0, 1000, 50)):
        reading = compared(frames, cuts)
        assert reading.messages[0] == "one"
        assert reading.client.parser_exc is not None or reading.result()[1] is not None


def test_messages_that_arrive_together_are_handed_over_together() -> None:
    reading = compared(b"".join(sent(1, b"%d" % number) for number in range(500)), [])
    assert reading.messages == [str(number) for number in range(500)]
    assert reading.batches == 1


def test_a_large_message_is_passed_on_as_it_arrives() -> None:
    """To hold it back until it is complete would copy it again with each part."""
    client, response = handshake()
    passed: list[int] = []
    pass_on = client.receive_data
    client.receive_data = lambda data: (passed.append(len(data)), pass_on(data))[1]  # type: ignore[method-assign]
    reading = Reading(client, is_quick=True)
    message = sent(2, bytes(70_000))
    for part in (response, message[:20_000], message[20_000:50_000], message[50_000:]):
        reading.receive(part)
    assert passed[1:] == [20_000, 30_000, len(message) - 50_000]
    assert reading.messages == [bytes(70_000)]


def test_after_this_side_has_closed_everything_is_passed_on() -> None:
    client, response = handshake()
    reading = Reading(client, is_quick=True)
    reading.receive(response + sent(1, b"one") + sent(1, b"two")[:3])
    assert client.state is OPEN
    client.send_close(1000)
    reading.receive(sent(1, b"two")[3:] + sent(1, b"three"))
    reading.receive(sent(8, b"\x03\xe8"))
    assert reading.messages == ["one", "two", "three"]
    assert reading.batches == 1
    assert client.close_rcvd is not None


def test_a_refused_handshake_is_left_to_websockets() -> None:
    client, _ = handshake()
    frames = WholeFrames(client)
    client.receive_data(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\n\x81\x03one")
    client.receive_data(b"\r\n\r\n")
    (response,) = client.events_received()
    assert isinstance(response, Response)
    assert (response.status_code, response.body) == (403, b"\x81\x03one\r\n\r\n")
    assert frames.take() is None


class FakeConnection:
    """A connection that returns frames without content for what `whole_frames` has."""

    def __init__(self, protocol: Any) -> None:
        self.protocol = protocol
        self.whole_frames: WholeFrames

    def recv(self, timeout: float) -> bytes | str:
        (frame,) = self.protocol.events_received()
        return bytes(frame.data)


class AsyncFakeConnection(FakeConnection):
    async def recv(self) -> bytes | str:  # type: ignore[override]
        return super().recv(0)


def received_connection(kind: type[FakeConnection]) -> Any:
    client, response = handshake()
    connection = with_whole_frames(kind)(client)
    client.receive_data(response)
    client.events_received()
    client.receive_data(sent(1, b"one") + sent(2, b"two") + sent(1, b"three"))
    return connection


def test_a_socket_has_what_arrived_together_ready() -> None:
    socket = Socket(received_connection(FakeConnection))
    assert socket.take_ready() is None
    assert socket.receive(1) == "one"
    assert socket.take_ready() == b"two"
    assert socket.receive(1) == "three"
    assert socket.take_ready() is None


async def test_an_async_socket_has_what_arrived_together_ready() -> None:
    socket = AsyncSocket(received_connection(AsyncFakeConnection))
    assert socket.take_ready() is None
    assert await socket.receive(1) == "one"
    assert socket.take_ready() == b"two"
    assert await socket.receive(1) == "three"
    assert socket.take_ready() is None


def test_a_forked_child_does_not_have_the_messages_of_its_parent() -> None:
    socket = Socket(received_connection(FakeConnection))
    socket.receive(1)
    socket.after_fork_in_child()
    assert socket.take_ready() is None

    async def in_loop() -> None:
        socket = AsyncSocket(received_connection(AsyncFakeConnection))
        await socket.receive(1)
        socket.after_fork_in_child()
        assert socket.take_ready() is None

    asyncio.run(in_loop())
