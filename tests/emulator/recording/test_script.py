"""Which response is played: in order, after its causes, not older than what was sent."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from comfy_cloud_emulator.recording.matching import (
    BodyDigest,
    Identity,
    difference,
    identity_of_json,
    is_json,
)
from comfy_cloud_emulator.recording.records import Body, Exchange, Message, Record, SocketEnd, Upgrade
from comfy_cloud_emulator.recording.script import RecordedExchange, Script


def identity(exchange: Exchange) -> Identity:
    return identity_of_json(
        exchange.method, exchange.path, exchange.query, exchange.request.inline or b"", ()
    )


def of(method: str, path: str, after: int, text: str) -> Exchange:
    body = text.encode()
    return Exchange(after, method, path, status=200, response=Body(inline=body, size=len(body)))


def ask(script: Script, method: str, path: str) -> str:
    found = script.take(identity(of(method, path, 0, "")))
    assert isinstance(found, RecordedExchange)
    script.done(found)
    return (found.exchange.response.inline or b"").decode()


def script_of(*records: Record) -> Script:
    return Script(records, identity)


def poll(script: Script, times: int) -> Sequence[str]:
    return [ask(script, "GET", "/job") for _ in range(times)]


def test_responses_come_in_order_and_the_last_repeats() -> None:
    script = script_of(*(of("GET", "/job", 0, text) for text in "abc"))
    assert poll(script, 5) == ["a", "b", "c", "c", "c"]


def test_nothing_comes_before_the_change_that_it_followed() -> None:
    script = script_of(of("GET", "/job", 0, "none"), of("POST", "/p", 0, "id"), of("GET", "/job", 1, "one"))
    assert poll(script, 3) == ["none"] * 3
    assert script.awaited is not None
    assert ask(script, "POST", "/p") == "id"
    assert poll(script, 2) == ["one"] * 2
    assert script.awaited is None


def test_what_is_older_than_the_last_change_is_skipped() -> None:
    script = script_of(
        of("GET", "/job", 0, "a"),
        of("GET", "/job", 0, "b"),
        of("POST", "/p", 0, ""),
        of("GET", "/job", 1, "c"),
    )
    ask(script, "POST", "/p")
    assert poll(script, 1) == ["c"]


def test_polls_do_not_lag_behind_the_messages() -> None:
    running = [of("GET", "/job", 1, "running") for _ in range(5)]
    message = Message(1, 1, "server", Body(inline=b"done"), is_text=True)
    records = [of("POST", "/p", 0, ""), *running, message, of("GET", "/job", 1, "done")]
    script = script_of(*records)
    ask(script, "POST", "/p")
    assert poll(script, 1) == ["running"]
    script.sent(6)
    assert poll(script, 2) == ["done", "done"]


def test_equal_old_responses_count_once() -> None:
    old = [of("GET", "/job", 0, text) for text in ("running", "running", "running", "done")]
    script = script_of(*old, Message(1, 0, "server", Body(), is_text=True))
    script.sent(4)
    assert poll(script, 3) == ["running", "done", "done"]


def test_changes_in_another_order_are_played_all_the_same() -> None:
    script = script_of(of("POST", "/a", 0, "1"), of("POST", "/b", 1, "2"), of("GET", "/job", 2, "both"))
    assert ask(script, "POST", "/b") == "2"
    assert not script.is_due(1)
    assert ask(script, "POST", "/a") == "1"
    assert script.is_due(2)


def test_what_nobody_asked_for_is_listed() -> None:
    script = script_of(
        *(of("POST", "/p", 0, "") for _ in range(3)),
        of("GET", "/job", 0, ""),
        Upgrade(1, 0, "/ws"),
        SocketEnd(1, 0, "server", 1000),
    )
    assert script.unplayed == ["POST /p (3 times)", "GET /job"]
    ask(script, "POST", "/p")
    ask(script, "GET", "/job")
    assert script.take_socket("/ws") is not None
    assert script.unplayed == ["POST /p (2 times)"]
    ask(script, "POST", "/p")
    assert script.unplayed == ["POST /p"]
    ask(script, "POST", "/p")
    assert script.unplayed == []
    assert script.take_socket("/other") is None


def test_bodies_are_compared_by_meaning() -> None:
    def key(text: str, *ignored: str) -> object:
        return identity_of_json("POST", "/p", [("b", "1"), ("a", "2")], text.encode(), ignored).key

    same = key('{"a": 1.0, "client_id": "x", "extra": {"my_nonce": 1, "api_key": "k"}}')
    assert key('{"extra":{"api_key":"other","my_nonce":2},"a":1}') == same
    assert key('{"extra":{"api_key":"other"},"a":2}') != same
    assert key('{"seed": 1}', "seed") == key("{}", "seed")
    assert key('{"a": true}') != key('{"a": 1}')
    assert key("not json") != key("not json either")


def test_parameters_are_compared_in_any_order_and_without_secrets() -> None:
    first = identity_of_json(
        "GET", "/p", [("a", "1"), ("b", "2"), ("token", "x"), ("clientId", "y")], b"", ()
    )
    second = identity_of_json("GET", "/p", [("b", "2"), ("a", "1")], b"", ())
    assert first.key == second.key
    third = identity_of_json("GET", "/p", [("b", "3"), ("a", "1")], b"", ())
    assert difference(third, second) == "the parameter b=3 is not in the recording; b=2 is missing"


@pytest.mark.parametrize(
    ("here", "recorded", "expected"),
    [
        ('{"a": true}', '{"a": 1}', "in the body, /a is true, and was 1"),
        ('{"a": [1, {"b": 0}]}', '{"a": [1, {"b": false}]}', "in the body, /a/1/b is 0, and was false"),
        ('{"a": [1]}', '{"a": [1, 2]}', "in the body, /a is [1], and was [1, 2]"),
        ('{"a": 1}', '{"b": 1}', "in the body, /a is 1, and was missing"),
        ("5", "6", "in the body, / is 5, and was 6"),
        ("not JSON", '{"a": 1}', "the body has other bytes"),
    ],
)
def test_what_makes_two_bodies_different_is_named(here: str, recorded: str, expected: str) -> None:
    first, second = (identity_of_json("POST", "/p", [], text.encode(), ()) for text in (here, recorded))
    assert first.key != second.key
    assert difference(first, second) == expected


def test_a_form_is_recognised_with_another_boundary() -> None:
    def digest(boundary: str, pieces: int) -> str:
        content = f'--{boundary}\r\nname="a"\r\n\r\nvalue\r\n--{boundary}--\r\n'.encode()
        found = BodyDigest(f"multipart/form-data; boundary={boundary}")
        for first in range(0, len(content), pieces):
            found.write(content[first : first + pieces])
        return found.result()

    assert digest("abcdef", 1000) == digest("xyz", 1000) == digest("a-long-one", 1)


def test_curl_sends_json_without_saying_so() -> None:
    assert is_json("application/x-www-form-urlencoded", b' {"a": 1}')
    assert is_json("application/json; charset=utf-8", b"")
    assert not is_json("image/png", b"{")
    assert not is_json("application/x-www-form-urlencoded", b"a=1")
