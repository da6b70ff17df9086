"""Nothing that shows requests shows a key: the control routes, the page, the log of the command."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest

from comfy_cloud.cli._emulate.request_log import RequestLog
from comfy_cloud_emulator import Account, Emulator
from comfy_cloud_emulator.http.redaction import shown
from comfy_cloud_emulator.http.request_log import Request
from tests.emulator.workflows import plain, submit

pytestmark = pytest.mark.beyond_contract
KEY = "s3cret/of-a partner"
SECOND = "second-account-key"

BODIES: dict[str, tuple[str, bytes]] = {
    "extra data": ("application/json", orjson.dumps({"extra_data": {"api_key_comfy_org": KEY}})),
    "deep inside": ("application/json", orjson.dumps({"a": [{"b": [[{"Auth-Token": KEY}]]}]})),
    "an object": ("application/json", orjson.dumps({"apiKey": {"of": [KEY]}, "b": KEY})),
    "repeated": ("application/json", orjson.dumps({"c": f"a {KEY} b", "x-api-key": KEY})),
    "JSON in JSON": ("application/json", orjson.dumps({"a": orjson.dumps({"token": "s3cret"}).decode()})),
    "escaped name": ("application/json", b'{"api\\u005fkey": "s3cret/of-a partner"}'),
    "cut off": ("application/json", b'{"extra_data": {"api_key_comfy_org": "s3cret/of'),
    "too deep": ("application/json", b"[" * 900 + b'{"password": "s3cret"}' + b"]" * 900),
    "form": ("application/x-www-form-urlencoded", b"a=1&api_key=s3cret&b=2"),
    "multipart": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="X-API-Key"\r\n\r\ns3cret/of\r\n--x--\r\n',
    ),
    "multipart with a type": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="token"\r\nContent-Type: text/plain\r\n\r\ns3cret\r\n',
    ),
    "text": ("text/plain", b"Authorization: Bearer s3cret/of and comfyui-s3cret-of-mine"),
    "bytes": ("application/octet-stream", b'\xff\xfe"api_key": "s3cret"\0'),
}
HEADERS = {
    "x-api-key": f"{KEY}",
    "X-Comfy-Api-Key": KEY,
    "authorization": "Basic s3cret",
    "proxy-authorization": "s3cret",
    "cookie": "session=s3cret",
    "x-auth-token": "s3cret",
    "x-repeated": f"it is {KEY}",
    "x-like-a-key": "comfyui-s3cret-of-mine",
}
QUERY = f"api_key={quote(KEY)}&token=s3cret&Key=s3cret&access_token=s3cret&q={quote(KEY)}&a=1&second={SECOND}"


@pytest.mark.parametrize("kind", BODIES)
def test_no_surface_shows_a_key(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    media_type, body = BODIES[kind]
    accounts = {SECOND: Account(name="second")}
    with Emulator(key="first-account-key", accounts=accounts) as emulator:
        with httpx.Client(base_url=emulator.url, trust_env=False) as client:
            for path in ("/api/prompt", f"/api/jobs/{quote(KEY, safe='')}/first-account-key"):
                client.post(f"{path}?{QUERY}", content=body, headers=HEADERS | {"content-type": media_type})
            requests = client.get("/_emulator/requests").text
            with client.stream("GET", "/_emulator/page/stream") as stream:
                page = ""
                for line in stream.iter_lines():
                    page += line
                    if "/api/prompt" in page:
                        break
        assert "/api/prompt" in requests
        assert "a=1" in page
        log = RequestLog(color=False, keys=[emulator.key, SECOND])
        for record in emulator.requests:
            log.request(record)
        texts = [requests, page, capsys.readouterr().err, repr(emulator.requests), repr(emulator)]
    for text in texts[:3]:
        assert "s3cret" not in text
        for secret in ("first-account-key", SECOND):
            assert secret not in text
        assert quote(KEY, safe="") not in text


def test_what_is_no_secret_stays_as_it_was_sent() -> None:
    body = b'{"prompt": {"1": {"class_type": "KSampler", "inputs": {"keys": 3,  "max_tokens": 5}}}}'
    record = Request(
        "POST", "/api/a b", "/api/a%20b", [("q", "a key"), ("max_items", "3")], {"range": "bytes=0-"}, body
    )
    found = shown(record, ["first-account-key"])
    assert (found.path, found.raw_path) == ("/api/a b", "/api/a%20b")
    assert found.address == "/api/a%20b?q=a+key&max_items=3"
    assert found.headers == {"range": "bytes=0-"}
    assert orjson.loads(found.body) == orjson.loads(body)


def test_submissions_are_shown_without_keys_at_any_depth(emulator: Emulator, client: httpx.Client) -> None:
    extra: dict[str, Any] = {
        "api_key_comfy_org": KEY,
        "extra_pnginfo": {"workflow": {"nodes": [{"auth_token": KEY, "title": f"with {KEY}"}]}},
        "mine": emulator.key,
    }
    submit(client, plain(), extra_data=extra)
    text = httpx.get(f"{emulator.url}/_emulator/submissions", trust_env=False).text
    assert "[REDACTED]" in text
    for secret in (KEY, emulator.key):
        assert secret not in text
    assert emulator.submissions[0].extra_data["api_key_comfy_org"] == KEY
