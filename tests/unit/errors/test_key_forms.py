"""A key is recognised in every form, while a client uses it."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud import ComfyCloud, ComfyCloudError
from comfy_cloud._errors import key_forms
from comfy_cloud._errors.key_forms import KnownKey, redact_known_keys, remember_key

KEY = "sk-Zq9x77/vAbC+12345678=z"
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)
ESCAPES = (
    lambda character: character,
    str.upper,
    str.lower,
    lambda character: f"\\u{ord(character):04x}",
    lambda character: f"\\\\u{ord(character):04X}",
    lambda character: f"%{ord(character):02x}",
    lambda character: f"%25{ord(character):02X}",
    lambda character: f"&#{ord(character)};",
    lambda character: f"&#x{ord(character):x};",
)


@given(KEYS, st.lists(st.sampled_from(range(len(ESCAPES))), min_size=40, max_size=40))
def test_each_character_may_be_written_in_its_own_way(key: str, chosen: list[int]) -> None:
    form = "".join(
        ESCAPES[number](character) for number, character in zip(chosen[: len(key)], key, strict=True)
    )
    assert KnownKey(key).redact(f"<{form}>") in ("<[REDACTED]>", "<[REDACTED];>")


@given(KEYS, st.binary(max_size=12), st.binary(max_size=12))
def test_a_key_inside_base64(key: str, before: bytes, after: bytes) -> None:
    content = before + key.encode() + after
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        shown = KnownKey(key).redact(json.dumps(encode(content).decode()).replace("/", "\\/"))
        assert "[REDACTED]" in shown


@pytest.mark.parametrize(
    "text",
    [
        "\\" * 500_000,
        "%25" * 150_000,
        "&amp;" * 100_000,
        "\\u" + "0" * 500_000,
        f"{KEY[:-1]} " * 20_000,
        "s" * 500_000,
    ],
    ids=["backslashes", "percent", "ampersands", "zeros", "almost the key", "its first letter"],
)
def test_hostile_text_is_searched_in_linear_time(text: str) -> None:
    """With a quadratic pattern each of these takes minutes."""
    assert KnownKey(KEY).redact(text) == text


def test_a_short_text_is_not_a_key() -> None:
    assert KnownKey("1234567").redact("no: 1234567") == "no: 1234567"


def test_a_key_is_known_as_long_as_its_client() -> None:
    with ComfyCloud(api_key=KEY, partner_api_key=f"{KEY}-partner", base_url="http://localhost:1") as cloud:
        assert str(ComfyCloudError(f"no: {KEY.lower()}")) == "no: [REDACTED]"
        assert "partner" not in str(ComfyCloudError(f"no: {KEY}-partner"))
        assert cloud is not None
    del cloud
    known = remember_key("another-key")
    assert redact_known_keys("another-key") == "[REDACTED]"
    del known
    assert redact_known_keys("another-key") == "another-key"
    assert repr(KnownKey(KEY)) == "KnownKey(****)"


@pytest.mark.parametrize(
    "written",
    [
        base64.encodebytes((KEY * 4).encode()).decode(),
        base64.encodebytes((KEY * 4).encode()).decode().replace("\n", "\\n"),
        base64.b64encode((KEY * 4).upper().encode()).decode(),
        base64.b64encode((KEY * 4).lower().encode()).decode(),
        (KEY * 4).replace("/", "&sol;").replace("+", "&plus;").replace("=", "&equals;"),
        (KEY * 4).replace("/", "&amp;sol;"),
    ],
)
def test_wrapped_base64_other_case_and_names_of_html(written: str) -> None:
    known = remember_key(KEY * 4)
    assert redact_known_keys(f"before {written} after").replace("\\n", "").split() == [
        "before",
        "[REDACTED]",
        "after",
    ]
    assert len(known) == 4 * len(KEY)


def test_a_text_without_keys_is_searched_once_for_all_that_begin_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Making the pattern of a key takes longer than everything else about an error."""
    monkeypatch.setattr(key_forms, "_known", {})  # without those of clients that are still there
    known = [remember_key(f"comfyui-{number:032x}") for number in range(12)]
    same = [remember_key("comfyui-the-same-key") for _ in range(12)]
    key_forms._pattern_of.cache_clear()
    assert redact_known_keys("HTTP 500 of comfyui") == "HTTP 500 of comfyui"
    assert key_forms._pattern_of.cache_info()[:2] == (0, 1)
    assert redact_known_keys(f"a {known and 'comfyui-' + '0' * 31 + '1'} b") == "a [REDACTED] b"
    assert key_forms._pattern_of.cache_info().misses == 1 + len(known) + 1
    assert len(same) == 12


@pytest.mark.parametrize("key", ["ΣΑΣΑΣΑΣΑΣ", "K-and-some-more"])
def test_a_key_that_is_not_ascii(key: str) -> None:
    for form in (key, key.lower(), key.upper()):
        shown = base64.b64encode(f"x{form}y".encode()).decode()
        assert "[REDACTED]" in KnownKey(key).redact(f"< {shown} >")
    assert KnownKey(key).redact(f"<{key}>") == "<[REDACTED]>"


def test_letters_whose_lower_case_depends_on_what_follows() -> None:
    """A sigma at the end of a word has another form; the beginning of a key may end with one."""
    key = "abcd\u0391\u0392\u0393\u03a3\u03a9\u03a9"
    encoded = base64.b64encode(key.lower().encode()).decode()
    assert encoded not in KnownKey(key).redact(f"<{encoded}>")
