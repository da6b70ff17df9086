"""Read the frames of a websocket many at a time.

`websockets` parses each frame with several generators, and hands over each message under locks or
through futures. With short messages, that takes longer than decoding them. Here, whole and short
frames are cut out of what the socket has received, and all messages of one read are handed over
together. All other frames (fragments, compressed and large messages, pings, closes, and what breaks
the protocol) go to `websockets` unchanged, which also does the handshake, the flow control and the
end of a connection. Opens no socket.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

# The first byte of a frame that is a whole message, and not compressed.
_TEXT, _BINARY = 0x81, 0x82
_FINAL, _OPCODE = 0x80, 0x0F
_CONTINUATION, _DATA = 0, (1, 2)
# In the second byte, instead of a length: it is in the next two or eight bytes. (Above that, the
# frame is masked, for which `websockets` ends the connection.)
_IN_TWO_BYTES, _IN_EIGHT_BYTES = 126, 127
_END_OF_HANDSHAKE = b"\r\n\r\n"


def with_whole_frames(create: Callable[..., Any]) -> Any:
    """The same factory of client connections; these have an attribute `whole_frames`.

    The first argument is the protocol, or the second one where the first is a socket.
    """

    def created(*arguments: Any, **options: Any) -> Any:
        frames = WholeFrames(arguments[-1])
        connection = create(*arguments, **options)
        connection.whole_frames = frames
        return connection

    return created


class WholeFrames:
    """Stands in front of the parser of one client connection: `receive_data` of its protocol.

    For the messages of a read, the connection receives one binary frame without content, and `take`
    has the messages. The connection's limit for a message must be 64 KiB or more.
    """

    def __init__(self, protocol: Any) -> None:
        from websockets.frames import Frame, Opcode
        from websockets.protocol import State

        self._protocol = protocol
        self._pass_on: Callable[[bytes], None] = protocol.receive_data
        self._new_frame: Callable[[], Any] = lambda: Frame(Opcode.BINARY, b"")
        self._open, self._connecting = State.OPEN, State.CONNECTING
        # For each message that the connection will return, in order: the messages that it stands
        # for, or None if it is a message itself.
        self._returned: deque[list[str | bytes] | None] = deque()
        self._handshake = b""  # the last bytes of it
        self._held = b""  # the beginning of a frame
        self._left = 0  # how many bytes of a frame are missing whose beginning was passed on
        self._in_fragments = False
        self._is_ended = False  # everything is passed on
        protocol.receive_data = self.receive_data

    def take(self) -> list[str | bytes] | None:
        """What the message stands for that the connection has just returned, or None."""
        return self._returned.popleft() if self._returned else None

    def receive_data(self, data: bytes) -> None:
        """Read what the socket has received."""
        data = bytes(data)
        if self._protocol.state is self._connecting:
            data = self._after_handshake(data)
        if data:
            self._read(self._held + data)

    def _after_handshake(self, data: bytes) -> bytes:
        """Pass on the response to the handshake; returns what comes after it."""
        known = self._handshake + data
        found = known.find(_END_OF_HANDSHAKE)
        end = len(data) if found < 0 else found + len(_END_OF_HANDSHAKE) - len(self._handshake)
        self._handshake = known[1 - len(_END_OF_HANDSHAKE) :] if found < 0 else b""
        self._pass_on(data[:end])
        return data[end:]

    def _read(self, data: bytes) -> None:
        self._held = b""
        at = self._pass_part(data, 0, self._left) if self._left else 0
        while at < len(data):
            if self._is_ended or self._protocol.state is not self._open:
                self._is_ended = True
                self._pass_on(data[at:])
                return
            if not self._in_fragments:
                at = self._hand_over(data, at)
            size = _size_of_frame(data, at)
            if size is None or (at + size > len(data) and self._is_taken(data, at)):
                self._held = data[at:]
                return
            self._note(data, at)
            at = self._pass_part(data, at, size)

    def _hand_over(self, data: bytes, at: int) -> int:
        """Hand over the whole messages from a position on; returns the position after them."""
        messages: list[str | bytes] = []
        add, end = messages.append, len(data)
        while at + 1 < end:
            kind, length, start = data[at], data[at + 1], at + 2
            if length >= _IN_TWO_BYTES:
                if length != _IN_TWO_BYTES or start + 2 > end:
                    break
                length, start = data[start] << 8 | data[start + 1], start + 2
            stop = start + length
            if stop > end:
                break
            if kind == _TEXT:
                try:
                    add(data[start:stop].decode())
                except UnicodeDecodeError:  # `websockets` ends the connection for it
                    break
            elif kind == _BINARY:
                add(data[start:stop])
            else:
                break
            at = stop
        if messages:
            self._returned.append(messages)
            self._protocol.events.append(self._new_frame())
        return at

    def _is_taken(self, data: bytes, at: int) -> bool:
        """Whether the frame at a position is handed over here once it is complete."""
        return data[at] in (_TEXT, _BINARY) and data[at + 1] <= _IN_TWO_BYTES and not self._in_fragments

    def _note(self, data: bytes, at: int) -> None:
        """Note what kind of frame is passed on."""
        first = data[at]
        if first & _OPCODE in _DATA:
            self._returned.append(None)
            self._in_fragments = not first & _FINAL
        elif first & _OPCODE == _CONTINUATION:
            self._in_fragments = not first & _FINAL

    def _pass_part(self, data: bytes, at: int, size: int) -> int:
        """Pass on a frame, or as much of it as is there; returns the position after it."""
        part = data[at : at + size]
        self._left = size - len(part)
        self._pass_on(part)
        return at + len(part)


def _size_of_frame(data: bytes, at: int) -> int | None:
    """The size of the frame at a position, with its head; None if the head is not complete."""
    head = data[at : at + 10]
    if len(head) < 2:
        return None
    length = head[1]
    if length == _IN_TWO_BYTES:
        return 4 + int.from_bytes(head[2:4], "big") if len(head) >= 4 else None
    if length == _IN_EIGHT_BYTES:
        return 10 + int.from_bytes(head[2:10], "big") if len(head) == 10 else None
    return 2 + length
