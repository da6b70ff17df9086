"""The text/event-stream parser: the HTML standard, in pieces of any size, and within bounds."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._http.server_sent_events import EventStreamParser, EventStreamRefused, SentEvent

MIB = 2**20


def parsed(*pieces: bytes) -> list[tuple[str, bytes]]:
    parser = EventStreamParser()
    return [(event.name, event.data) for piece in pieces for event in parser.feed(piece)]


@pytest.mark.parametrize(
    ("sent", "events"),
    [
        (b"data: a\n\n", [("message", b"a")]),
        (b"data:a\n\n", [("message", b"a")]),
        (b"data:  a\n\n", [("message", b" a")]),
        (b"event: status\ndata: a\n\n", [("status", b"a")]),
        (b"data: a\nevent: status\n\n", [("status", b"a")]),
        (b"data: a\ndata: b\ndata\n\n", [("message", b"a\nb\n")]),
        (b"data\n\n", [("message", b"")]),
        (b"data: a\r\n\r\ndata: b\r\rdata: c\n\n", [("message", b"a"), ("message", b"b"), ("message", b"c")]),
        (b": a comment\n\n:\n\ndata: a\n\n", [("message", b"a")]),
        (b"event: left\n\ndata: a\n\n", [("message", b"a")]),
        (b"unknown: 1\n data: x\ndata: a\n\n", [("message", b"a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [("message", b"a")]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", [("message", b"b")]),
        (b"data: a\x0bb\x0c\xe2\x80\xa8c\n\n", [("message", b"a\x0bb\x0c\xe2\x80\xa8c")]),
        ("data: \u00e9\U0001f3a8\n\n".encode(), [("message", "\u00e9\U0001f3a8".encode())]),
        (b"data: the end is missing\n", []),
        (b"event: \xff\ndata: \xff\n\n", [("\ufffd", b"\xff")]),
        (b"", []),
    ],
)
def test_the_standard(sent: bytes, events: list[tuple[str, bytes]]) -> None:
    assert parsed(sent) == events
    assert parsed(*(sent[at : at + 1] for at in range(len(sent)))) == events


WORDS = st.sampled_from(
    [
        b"data: x", b"data", b"event: e", b"id: 1", b"retry: 5", b":", b"\xef\xbb\xbf", b"\xc3\xa9", b"a",
        b"\n", b"\r", b"\r\n", b"\n\n",
    ]
)  # fmt: skip


@given(st.lists(WORDS), st.lists(st.integers(0, 60)))
def test_it_does_not_matter_where_the_stream_is_cut(words: list[bytes], cuts: list[int]) -> None:
    sent = b"".join(words)
    ends = sorted({min(cut, len(sent)) for cut in cuts} | {len(sent)})
    pieces = [sent[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    assert parsed(*pieces, b"") == parsed(sent) == list(reference(sent))


def reference(sent: bytes) -> Iterator[tuple[str, bytes]]:
    """The same by the standard, for a stream that is complete."""
    text = sent.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    name, data = "", None
    for line in text.split(b"\n")[:-1]:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not line:
            if data is not None:
                yield name or "message", data[:-1]
            name, data = "", None
        elif field == b"event":
            name = value.decode("utf-8", "replace")
        elif field == b"data":
            data = (data or b"") + value + b"\n"


def test_ids_and_delays() -> None:
    parser = EventStreamParser("before")
    assert parser.last_id == "before"
    parser.feed(b"id: 7\nretry: 1500\ndata: a\n")
    assert parser.last_id == "before"  # until the event is complete
    parser.feed(b"\n")
    assert (parser.last_id, parser.retry_seconds) == ("7", 1.5)
    for ignored in (b"id: 8\0\n\n", b"id: " + b"9" * 300 + b"\n\n"):
        parser.feed(ignored)
    assert parser.last_id == "7"
    for ignored in (b"retry: soon\n", b"retry: -1\n", b"retry: 1e3\n", b"retry: " + b"9" * 5000 + b"\n"):
        parser.feed(ignored)
    assert parser.retry_seconds == 1.5
    parser.feed(b"id\n\n")
    assert parser.last_id == ""


def repeated(piece: bytes, size: int) -> Iterable[bytes]:
    """The piece, in chunks of 64 KiB, up to this many bytes."""
    chunk = piece * (64 * 1024 // len(piece))
    return (chunk for _ in range(size // len(chunk)))


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"", b"x"),
        (b"data: ", b"x"),
        (b"", b":\n"),
        (b"", b": still here\n\n"),
        (b"", b"\n"),
        (b"", b"\r"),
        (b"", b"event: status\n"),
        (b"", b"data\n"),
        (b"", b"data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"),
        (b"", b"id: 1\n\n"),
        (b"data: ", b": nothing but a comment\n"),
    ],
)
def test_a_stream_that_never_completes_an_event_is_refused(first: bytes, piece: bytes) -> None:
    parser = EventStreamParser()
    parser.feed(first)
    sizes = []

    def feed_all() -> None:
        for chunk in repeated(piece, 32 * MIB):
            sizes.append(len(chunk))
            assert parser.feed(chunk) == []

    with pytest.raises(EventStreamRefused):
        feed_all()
    assert sum(sizes) < 24 * MIB


def test_large_events_and_many_events_are_read() -> None:
    preview = b"data: " + b"x" * (12 * MIB) + b"\n\n"
    parser = EventStreamParser()
    for _ in range(3):
        found = [event for at in range(0, len(preview), MIB) for event in parser.feed(preview[at : at + MIB])]
        assert [len(event.data) for event in found] == [12 * MIB]
    event = b": why not\nevent: progress\ndata: {}\n\n"
    count = sum(len(parser.feed(chunk)) for chunk in repeated(event, 8 * MIB))
    assert count > 200_000


def test_what_a_byte_costs_does_not_depend_on_the_size_of_its_event() -> None:
    """Each byte is read once: a large event in small pieces takes time in proportion."""

    def seconds(size: int) -> float:
        line = b"x" * 1024
        parser = EventStreamParser()
        began = time.process_time()
        parser.feed(b"data: ")
        for _ in range(size // len(line)):
            parser.feed(line)
        assert parser.feed(b"\n\n") == [SentEvent("message", line * (size // len(line)))]
        return time.process_time() - began

    small = min(seconds(MIB) for _ in range(3))
    assert min(seconds(8 * MIB) for _ in range(2)) < 8 * 6 * small + 0.05


def test_names_are_cut_off() -> None:
    ((name, data),) = parsed(b"event: " + b"n" * 5000 + b"\ndata: a\n\n")
    assert (set(name), data) == ({"n"}, b"a")
    assert len(name) < 500
