"""Keys are taken out of log lines, those of the libraries below included."""

from __future__ import annotations

import logging

import pytest

from comfy_cloud._errors.key_forms import remember_key
from comfy_cloud._http.log_filter import keep_keys_out_of_logs

KEY = "comfyui-0123456789abcdef"


class Odd:
    def __str__(self) -> str:
        raise RuntimeError("not to be shown")

    def __repr__(self) -> str:
        return "Odd"


@pytest.mark.parametrize("name", ["comfy_cloud", "httpx", "httpcore.http11", "asyncio", "websockets.client"])
@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("the key is %s", (KEY,)),
        (f"the key is {KEY}", ()),
        (f"too many arguments {KEY}", (KEY, KEY)),
        ("%d is no number", (KEY,)),
        (f"an object that cannot be shown, %s {KEY}", (Odd(),)),
    ],
)
def test_a_line_is_logged_without_the_key(
    caplog: pytest.LogCaptureFixture, name: str, message: str, arguments: tuple[object, ...]
) -> None:
    known = remember_key(KEY)
    keep_keys_out_of_logs()
    with caplog.at_level(logging.DEBUG, name):
        logging.getLogger(name).debug(message, *arguments)
    assert len(caplog.records) == 1
    assert KEY not in caplog.text
    assert "[REDACTED]" in caplog.text
    assert repr(known) == "KnownKey(****)"


def test_a_line_without_the_key_is_left_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    keep_keys_out_of_logs()
    with caplog.at_level(logging.INFO, "comfy_cloud"):
        logging.getLogger("comfy_cloud").info("%s of %d", "one", 3)
    (record,) = caplog.records
    assert (record.msg, record.args) == ("%s of %d", ("one", 3))


def test_a_traceback_is_logged_without_the_key(caplog: pytest.LogCaptureFixture) -> None:
    known = remember_key(KEY)
    keep_keys_out_of_logs()
    try:
        raise ValueError(KEY)
    except ValueError:
        logging.getLogger("asyncio").exception("failed")
    assert "ValueError" in caplog.text
    assert KEY not in caplog.text
    assert len(known) == len(KEY)


@pytest.mark.parametrize(
    "name", ["X-Goog-Signature", "X-Amz-Signature", "X-Amz-Security-Token", "Signature", "sig"]
)
def test_a_signed_url_is_logged_without_its_signature(caplog: pytest.LogCaptureFixture, name: str) -> None:
    keep_keys_out_of_logs()
    for logger in ("httpx", "httpcore.http11", "aiohttp.client"):
        with caplog.at_level(logging.DEBUG, logger):
            logging.getLogger(logger).info("GET %s", f"https://a/b.png?{name}=0a1b2c&expires=3")
    assert "0a1b2c" not in caplog.text
    assert caplog.text.count(f"https://a/b.png?{name}=[REDACTED]&expires=3") == 3
