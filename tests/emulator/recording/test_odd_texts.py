"""Secrets in JSON that is not as it should be, in URLs that are escaped, and at borders."""

from __future__ import annotations

import base64
import json
import zlib
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from comfy_cloud_emulator.recording.exchange_log import ExchangeLog
from comfy_cloud_emulator.recording.secrets_found import SecretsFound

KEY = "comfyui-the-real-key-0123456789"
SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
SIGNED = "https://storage.example/a?X-Goog-Algorithm=A&X-Goog-Signature=" + SECRET


@pytest.mark.parametrize(
    "body",
    [
        f'{{"x": "{KEY}", "x": "y"}}',  # a reader sees the last one only
        f'{{"token": "{SECRET}", "token": null}}',
        f'{{"a": {{"token": "{SECRET}"}}, "a": 1}}',
        f'{{"x": NaN, "tok\\u0065n": "{SECRET}"}}',
        f'{{"x": NaN, "token": "a\\"{SECRET}"}}',
        f'{{"x": "\\ud800", "tok\\u0065n": "{SECRET}"}}',
        f'\ufeff{{"tok\\u0065n": "{SECRET}"}}',
        f'{{"accessToken": "{SECRET}"}}',
        f'{{"idToken": "{SECRET}"}}',
        f'data: {{"url": "{SIGNED.replace("&", chr(92) + "u0026")}"}}\n\n',  # as Go writes it
        json.dumps({"inner": json.dumps({"url": SIGNED}).replace("&", "\\u0026").replace("/", "\\/")}),
        f'<a href="/x?a=1&amp;token={SECRET}">',
        f"https://host/x?to=https%3A%2F%2Fstorage%2Fa%3Fb%3D1%26X-Goog-Signature%3D{SECRET}",
        f"https://host/x?to=https%253A%252F%252Fstorage%252Fa%253Ftoken%253D{SECRET}",
    ],
)
def test_no_secret_is_left(body: str) -> None:
    clean = SecretsFound([KEY]).body(body.encode())
    assert SECRET.encode() not in clean
    assert KEY.encode() not in clean


@pytest.mark.parametrize(
    "body", ['{"x": NaN, "x2": 1}', '\ufeff{"a": 1}', '{"a":1,"a":2}'[:6] + "}", '{"u": "\\u0026 \\/"}']
)
def test_what_has_no_secret_stays_as_it_is(body: str) -> None:
    assert SecretsFound([KEY]).body(body.encode()) == body.encode()


@pytest.mark.parametrize("before", [0, 100, (1 << 16) - 9, 1 << 16, 1 << 17])
@pytest.mark.parametrize("first", [8, 18, 30])
@pytest.mark.parametrize("known", [False, True])
def test_a_key_that_is_recognised_before_it_is_complete(before: int, first: int, known: bool) -> None:
    content = b"\xff" * before + KEY.encode() + b"\xff" * (1 << 17)
    chunks = [content[: before + first], content[before + first :]]
    clean = b"".join(SecretsFound([KEY] if known else []).large(chunks))
    assert clean == b"\xff" * before + b"*" * len(KEY) + b"\xff" * (1 << 17)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cookie", f"a=b; bad[]=x; session={SECRET}; x=2"),
        ("set-cookie", f'session="{SECRET}"; Path=/'),
        ("authorization", "Basic " + base64.b64encode(f"user:{SECRET}".encode()).decode()),
        ("authorization", f"Bearer {SECRET}"),
    ],
)
def test_a_secret_of_a_header_is_found_elsewhere(name: str, value: str) -> None:
    secrets = SecretsFound()
    secrets.add_from_headers([(name, value)])
    assert SECRET not in secrets.text(f"it was {SECRET}")


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"token": [SECRET]}),
        json.dumps({"api_key": {"value": SECRET}}),
        "\n" + json.dumps({"token": SECRET}),
        f'{{"seed": NaN, "token": "{SECRET}"}}',
        json.dumps({"a": [SIGNED]}),
    ],
)
def test_a_secret_of_a_body_is_found_elsewhere(body: str) -> None:
    secrets = SecretsFound()
    secrets.add_from_body(body.encode())
    assert SECRET not in secrets.text(f"it was {SECRET}")


def test_a_secret_of_a_message_is_found_elsewhere() -> None:
    log = ExchangeLog(SecretsFound())
    log.message(1, "server", json.dumps({"token": SECRET}))
    assert SECRET not in log.secrets.text(f"it was {SECRET}")
    log.close()


@pytest.mark.parametrize("words", [{"zip": True}, {}])
@pytest.mark.parametrize("kind", ["text", "itxt"])
def test_texts_in_a_png_that_are_compressed(kind: str, words: dict[str, bool]) -> None:
    info = PngImagePlugin.PngInfo()
    add = info.add_text if kind == "text" else info.add_itxt
    add("prompt", f"a {KEY} b", **words)  # type: ignore[operator]
    add("workflow", "nothing", **words)  # type: ignore[operator]
    kept = BytesIO()
    Image.new("RGB", (4, 4)).save(kept, "PNG", pnginfo=info)
    clean = SecretsFound([KEY]).body(kept.getvalue())
    with Image.open(BytesIO(clean)) as image:
        image.load()
        assert image.info == {"prompt": f"a {'*' * len(KEY)} b", "workflow": "nothing"}
    assert SecretsFound([KEY]).body(clean) == clean


def test_a_bomb_in_a_png_is_taken_out() -> None:
    data = b"prompt\0\0" + zlib.compress(bytes((1 << 24) + 1) + KEY.encode())
    chunk = len(data).to_bytes(4, "big") + b"zTXt" + data + zlib.crc32(b"zTXt" + data).to_bytes(4, "big")
    clean = SecretsFound([KEY]).body(b"\x89PNG\r\n\x1a\n" + chunk)
    assert zlib.decompress(clean[24:-4]) == b""
