"""The request log shows the account's key in no form that a request may carry it in."""

from __future__ import annotations

import base64
from urllib.parse import quote

import httpx
import pytest

from comfy_cloud_emulator import Emulator

KEY = "local-Key/0123+456789"
ENCODED = base64.b64encode(KEY.encode()).decode()
FORMS = {
    "as it is": KEY,
    "in capitals": KEY.upper(),
    "percent-encoded": quote(KEY, safe=""),
    "every character percent-encoded": "".join(f"%{ord(each):02x}" for each in KEY),
    "percent-encoded twice": quote(quote(KEY, safe=""), safe=""),
    "escaped as in JSON": "".join(f"\\u{ord(each):04x}" for each in KEY),
    "escaped as in HTML": "".join(f"&#{ord(each)};" for each in KEY),
    "in base64": ENCODED,
    "in base64 behind a word": base64.b64encode(f"user:{KEY}".encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", ["header", "query", "body", "path"])
def test_no_form_of_the_key_is_shown(form: str, place: str) -> None:
    text = FORMS[form]
    with Emulator(key=KEY) as emulator, httpx.Client(base_url=emulator.url) as client:
        address = "/api/queue"
        if place == "path":
            address = f"/api/jobs/{text if '%' in text else quote(text, safe='')}"
        elif place == "query":
            address += f"?x={text if '%' in text else quote(text, safe='')}"
        client.request(
            "POST" if place == "body" else "GET",
            address,
            headers={"X-API-Key": KEY} | ({"X-Other": text} if place == "header" else {}),
            content=f"note {text} end" if place == "body" else None,
        )
        shown = client.get("/_emulator/requests").text
    for each in (KEY, KEY.upper(), quote(KEY, safe=""), text, ENCODED[:-4]):
        assert each not in shown
    assert "[REDACTED]" in shown or "REDACTED" in shown
