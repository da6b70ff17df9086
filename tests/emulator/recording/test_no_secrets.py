"""No key, cookie, token or signature gets into a recording, whatever the server writes."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from PIL import Image, PngImagePlugin
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send
from websockets.sync.client import connect as open_socket

from comfy_cloud_emulator import Recorder, Replay
from comfy_cloud_emulator.recording.secrets_found import REDACTED, SecretsFound

from .conftest import KEY, everything_in, serving

SECRET = "session-cookie-abcdef-123456"
SIGNATURE = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
PARTNER = "partner-secret-value-4711"


class Indiscreet:
    """A server that writes the key, a cookie and signed URLs wherever it can."""

    def __init__(self) -> None:
        self.keys: list[str | None] = []
        self.bodies: list[bytes] = []
        self.storage = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": json.dumps({"you": KEY, "query": "token"})})
            await send({"type": "websocket.send", "bytes": b"\x00\x01\xff" + KEY.encode() + b"\xfe"})
            await send({"type": "websocket.close", "code": 1000})
            return
        self.keys.append(headers.get("x-api-key"))
        message = await receive()
        self.bodies.append(message.get("body", b""))
        key = headers.get("x-api-key", "")
        quoted = {
            "/json": Response(
                json.dumps({"message": f"{key} is wrong", "text": base64.b64encode(key.encode()).decode()}),
                headers={"set-cookie": f"sid={SECRET}; Path=/", "x-echo": f"key {key}"},
                media_type="application/json",
            ),
            "/text": Response(f"{quote(key)} {SECRET} {key.upper()}", media_type="text/plain"),
            "/image": Response(_image(key), media_type="image/png"),
            "/view": RedirectResponse(f"{self.storage}/stored/a.png?X-Goog-Signature={SIGNATURE}&part=1"),
            "/stored/a.png": Response(_image("nothing"), media_type="image/png"),
            "/signed": Response(
                json.dumps({"url": f"{self.storage}/stored/a.png?X-Amz-Signature={SIGNATURE}"}),
                media_type="application/json",
            ),
        }
        await quoted.get(scope["path"], Response(status_code=404))(scope, receive, send)


def _image(text: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("prompt", json.dumps({"note": text}))
    kept = BytesIO()
    Image.new("RGB", (4, 4)).save(kept, "PNG", pnginfo=info)
    return kept.getvalue()


@pytest.fixture
def recorded(path: Path) -> tuple[Indiscreet, Path]:
    server = Indiscreet()
    with serving(server) as url, serving(server) as server.storage:
        with Recorder(path, base_url=url, api_key=KEY) as recorder:
            key = recorder.key or ""
            with httpx.Client(base_url=recorder.url, headers={"X-API-Key": key}, trust_env=False) as client:
                client.get("/json", headers={"authorization": f"Bearer {key}", "cookie": f"sid={SECRET}"})
                for target in (f"/text?api_key={key}", "/image", "/view"):
                    client.get(target, follow_redirects=True)
                client.get(client.get("/signed").json()["url"])
                client.post("/text", json={"extra_data": {"api_key_comfy_org": key}, "note": f"k={key}"})
                client.post("/text", json={"extra_data": {"api_key_comfy_org": PARTNER}, "again": PARTNER})
            with open_socket(f"{recorder.url.replace('http', 'ws')}/ws?token={key}") as socket:
                assert len([socket.recv(), socket.recv()]) == 2
            everything = key
    server.keys.append(everything)
    return server, path


def test_no_secret_is_in_the_file(recorded: tuple[Indiscreet, Path]) -> None:
    server, path = recorded
    stand_in = server.keys.pop() or ""
    content = everything_in(path)
    for secret in (KEY, stand_in, SECRET, SIGNATURE, PARTNER):
        for form in (
            secret,
            secret.upper(),
            quote(secret, safe=""),
            base64.b64encode(secret.encode()).decode(),
        ):
            assert form.encode() not in content, form
        for cut in range(3):  # inside base64, in each alignment
            digits = base64.b64encode(b"\0" * cut + secret.encode()).decode()[4:-4]
            assert digits.encode() not in content


def test_the_server_gets_its_own_key_and_no_other(recorded: tuple[Indiscreet, Path]) -> None:
    server, _ = recorded
    server.keys.pop()
    # The signed URL is read without a key.
    assert [key for key in server.keys if key != KEY] == [None, None]
    assert json.loads(server.bodies[-2])["extra_data"]["api_key_comfy_org"] == KEY
    assert json.loads(server.bodies[-1])["extra_data"]["api_key_comfy_org"] == PARTNER


def test_what_is_left_can_be_played(recorded: tuple[Indiscreet, Path]) -> None:
    _, path = recorded
    with Replay(path) as replay:
        with httpx.Client(base_url=replay.url, headers={"X-API-Key": "other"}, trust_env=False) as client:
            assert client.get("/json").json()["message"] == "[REDACTED] is wrong"
            image = client.get("/image").content
            Image.open(BytesIO(image)).verify()
            assert client.get("/view", follow_redirects=True).content == _image("nothing")
            assert client.get(client.get("/signed").json()["url"]).content == _image("nothing")
            body = {"extra_data": {"api_key_comfy_org": "other"}, "again": PARTNER}
            assert client.post("/text", json=body).status_code == 400  # that secret is not known to it
            body = {"extra_data": {"api_key_comfy_org": "another-key"}, "note": "k=another-key"}
            assert client.post("/text", json=body, headers={"x-api-key": "another-key"}).status_code == 200


def test_nothing_is_sent_elsewhere(path: Path) -> None:
    """A path that the recorder never gave out, and a URL that leads into the network."""
    reached: list[str] = []

    async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["path"])
        location = "http://169.254.169.254/latest/meta-data"
        await RedirectResponse(location)(scope, receive, send)

    with serving(elsewhere) as url:
        with Recorder(path, base_url=url, api_key=KEY) as recorder:
            with httpx.Client(base_url=recorder.url, trust_env=False) as client:
                assert client.get("/_recorded/1/a.png").status_code == 404
                found = client.get("/view", follow_redirects=True)
                assert found.status_code == 502
                assert "169.254.169.254" in found.text
                assert client.get("/", headers={"host": "evil.example"}).status_code == 403
                assert client.get("/", headers={"origin": "https://evil.example"}).status_code == 403
    assert reached == ["/view"]


def test_signed_urls_lose_their_parameters_in_any_text() -> None:
    secrets = SecretsFound()
    url = f"https://storage.example/a.png?X-Goog-Credential=me&X-Goog-Signature={SIGNATURE}"
    for text in (f'data: {{"url": "{url}"}}', f"<a href='{url.replace('&', '&amp;')}'>", url):
        assert (
            secrets.text(text) == text.partition("?")[0] + "?[REDACTED]" + text[text.index(SIGNATURE) + 32 :]
        )
    assert secrets.json({"a": [url]}) == {"a": ["https://storage.example/a.png?[REDACTED]"]}
    assert secrets.text("https://example.com/?page=2") == "https://example.com/?page=2"


@pytest.mark.parametrize("header", ["X-API-Key: {}", "authorization: Bearer {}", "cookie: a=b; session={}"])
def test_a_secret_of_a_header_is_found_elsewhere(header: str) -> None:
    secret = "9fQ2-token-of-mine"
    found = SecretsFound()
    name, _, value = header.format(secret).partition(": ")
    found.add_from_headers([(name.lower(), value)])
    assert found.text(f"it was {secret}, as sent") == f"it was {REDACTED}, as sent"


def test_how_short_a_secret_is_that_is_searched_for() -> None:
    found = SecretsFound(["7-chars", "8-chars!"])
    assert found.text("7-chars 8-chars!") == f"7-chars {REDACTED}"


def test_a_secret_that_looks_like_json_breaks_nothing() -> None:
    secrets = SecretsFound(['", "path": "'])
    value = {"a": "1", "path": "/"}
    assert secrets.json(value) == value
    assert json.loads(secrets.body(json.dumps(value).encode())) == value


@pytest.mark.parametrize("size", [10, 1 << 18, 3 << 17])
def test_a_secret_between_two_chunks_is_found(size: int) -> None:
    secrets = SecretsFound([KEY])
    content = b"\xff" * size + KEY.encode() + b"\xff" + KEY.encode("utf-16-le") + b"\xff" * size
    chunks = [content[first : first + (1 << 17)] for first in range(0, len(content), 1 << 17)]
    clean = b"".join(secrets.large(chunks))
    assert KEY.encode() not in clean
    assert KEY.encode("utf-16-le") not in clean
    assert len(clean) == len(content)
    assert clean.startswith(b"\xff" * size)
    assert clean.endswith(b"\xff" * size)
