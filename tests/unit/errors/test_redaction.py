"""Secrets are removed from text, bytes and structures, and nothing else is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._errors.redaction import one_line, redact, redact_key, redact_text

KEY = "comfyui-0123456789abcdef"
REDACTED = "[REDACTED]"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"api_key": "x", "API-KEY": "x", "other": "x"},
            {"api_key": REDACTED, "API-KEY": REDACTED, "other": "x"},
        ),
        ({"auth_token_comfy_org": ["x"], "token": None}, {"auth_token_comfy_org": REDACTED, "token": None}),
        ([("a", f"k={KEY}!")], [("a", f"k={REDACTED}!")]),
        (f"Bearer abcdef.ghijk-{1}", f"Bearer {REDACTED}"),
        ("wss://h/ws?clientId=1&token=abc&x=2", f"wss://h/ws?clientId=1&token={REDACTED}&x=2"),
        ('{"api_key_comfy_org": "abc", "n": 1}', f'{{"api_key_comfy_org": "{REDACTED}", "n": 1}}'),
        ("{'password': 'abc'}", f"{{'password': '{REDACTED}'}}"),
        ('"{\\"token\\": \\"abc\\"}"', f'"{{\\"token\\": \\"{REDACTED}\\"}}"'),
        (f"\xff {KEY}".encode("latin-1"), f"\xff {REDACTED}".encode("latin-1")),
        ({KEY: 1}, {REDACTED: 1}),
        ("comfyui-short", "comfyui-short"),
        (3, 3),
        (None, None),
    ],
)
def test_redaction(value: object, expected: object) -> None:
    assert redact(value) == expected


def test_redaction_ends_in_endless_structures() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert REDACTED in str(redact(endless))


@given(
    st.recursive(
        st.one_of(st.none(), st.integers(), st.text(alphabet="ab ?&=:", max_size=8)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
def test_values_without_secrets_are_unchanged(value: object) -> None:
    assert redact(value) == value


@given(
    st.sampled_from(("token", "Authorization", "x-api-key", "API_KEY_COMFY_ORG")),
    st.text(min_size=1, max_size=9),
)
def test_secret_fields_are_removed_in_every_form(field: str, text: str) -> None:
    secret = f"s3cret{text.encode().hex()}"
    for value in (
        {field: secret},
        [{"a": {field: [secret]}}],
        json.dumps({field: secret}),
        repr({field: secret}),
    ):
        assert secret not in str(redact(value))
        assert secret not in str(redact(str(value).encode()))


@given(st.text(), st.integers(4, 30))
def test_a_line_is_printable_and_short(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert line.isprintable()
    assert len(line) <= limit


def test_a_short_line_is_not_cut() -> None:
    assert one_line("a\n  b\x1b[31m", 20) == "a b [31m"
    assert one_line("abcdefgh", 6) == "abc..."


@pytest.mark.parametrize(
    "text",
    [
        "\\" * 100_000,
        '"token": "' + "\\" * 100_000,
        '"token"' + " " * 100_000,
        "bearer " * 30_000,
        "?token=" * 30_000,
    ],
    ids=["backslashes", "escaped value", "spaces", "bearer", "query"],
)
def test_hostile_text_is_handled_in_linear_time(text: str) -> None:
    """With a quadratic pattern each of these takes minutes."""
    assert isinstance(redact(text), str)


@pytest.mark.parametrize(
    "field",
    [
        "api_key", "apikey", "x_api_key", "x_comfy_api_key", "api_key_comfy_org", "partner_api_key", "token",
        "auth_token", "auth_token_comfy_org", "access_token", "refresh_token", "id_token", "authorization",
        "proxy_authorization", "cookie", "set_cookie", "password", "secret", "client_secret",
    ],
)  # fmt: skip
def test_every_secret_field(field: str) -> None:
    for name in (field, field.upper(), field.replace("_", "-")):
        assert redact({name: "hidden"}) == {name: REDACTED}
        assert redact(f"/ws?a=1&{name}=hidden") == f"/ws?a=1&{name}={REDACTED}"
        assert redact(f'{{"{name}": "hidden"}}') == f'{{"{name}": "{REDACTED}"}}'


@pytest.mark.parametrize("name", ["signature", "X-Goog-Signature"])
def test_signatures_of_urls(name: str) -> None:
    assert redact(f"https://host/x?{name}=hidden&b=2") == f"https://host/x?{name}={REDACTED}&b=2"


def test_structures_are_searched_down_to_40_levels() -> None:
    value: object = "visible"
    for _ in range(40):
        value = [value]
    assert redact(value) == value
    assert "visible" not in str(redact([value]))


def test_a_known_key_is_removed() -> None:
    assert redact_key(b"no: 12345678, 12345678", "12345678") == b"no: [REDACTED], [REDACTED]"
    assert redact_key(b"no: 1234567", "1234567") == b"no: 1234567"
    assert redact_key(b"anything", "") == b"anything"


def test_json_inside_json_inside_json_is_searched() -> None:
    text = json.dumps({"token": "hidden", "n": 1})
    for _ in range(3):
        text = json.dumps(text)
        assert "hidden" not in redact(text)
        assert json.loads(redact(text)) is not None


@pytest.mark.parametrize("header", ["Proxy-Authorization: ", "authorization=", "AUTHORIZATION:"])
def test_a_password_of_a_proxy_is_not_shown(header: str) -> None:
    assert redact_text(f"sent {header}Basic dXM6c2VjcmV0= here") == f"sent {header}Basic [REDACTED] here"


def test_basic_is_an_ordinary_word() -> None:
    assert redact_text("Basic authentication is required") == "Basic authentication is required"
