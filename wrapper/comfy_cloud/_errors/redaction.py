"""Keep secrets out of everything that is shown: one rule for text and for structures.

It goes by field names, by what an API key looks like, and by the keys that clients use
(`key_forms`). It removes too much rather than too little, so the results are for people to read
and never for a server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from .key_forms import REDACTED, KnownKey, redact_known_keys

T = TypeVar("T")

_DEEPEST = 40

_SECRET_FIELDS = frozenset(
    (
        *("api_key", "apikey", "x_api_key", "x_comfy_api_key", "api_key_comfy_org", "partner_api_key"),
        *("token", "auth_token", "auth_token_comfy_org", "access_token", "refresh_token", "id_token"),
        *("authorization", "proxy_authorization", "cookie", "set_cookie"),
        *("password", "secret", "client_secret"),
    )
)
# The fields of a submission's extra data in which ComfyUI expects a key for partner nodes.
PARTNER_KEY_FIELDS = ("api_key_comfy_org", "auth_token_comfy_org")
# Also in camel case.
_PLAIN_FIELDS = frozenset(name.replace("_", "") for name in _SECRET_FIELDS)
_FIELD_PATTERN = "|".join(sorted({name.replace("_", "[_-]?") for name in _SECRET_FIELDS}))
_KEY_TEXT = re.compile(r"comfyui-[A-Za-z0-9_-]{8,}")
_BEARER_TEXT = re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,}")
# What a proxy was sent, whose password is in it. "Basic" alone is an ordinary word.
_BASIC_TEXT = re.compile(r"(?i)(authorization[\"'\\\s:=]{1,8}basic\s{1,8})[A-Za-z0-9+/_=-]+")
# What makes a signed URL usable: of Google, Amazon, Azure, and others.
_SIGNATURES = "x-(?:goog|amz)-signature|x-amz-security-token|signature|sig"
_SIGNATURE_NAME = re.compile(rf"(?i){_SIGNATURES}")
# A parameter, also of a URL in JSON or HTML, or in a parameter of another URL.
_QUERY_TEXT = re.compile(
    rf"(?i)((?:[?&]|&amp;|\\u0026|%(?:25)?(?:26|3f))(?:{_FIELD_PATTERN}|{_SIGNATURES})(?:=|%(?:25)?3d))[^&\s\"'<>]+"
)
# A secret field inside text that holds JSON or the repr of a dict, even with escaped quotes.
# The backslashes are bounded: every starting point would otherwise run through all of them. A quote
# with more of them than the first one has is part of the value.
_QUOTED_TEXT = re.compile(
    rf"(?i)([\"'](?:{_FIELD_PATTERN})\\{{0,8}}[\"']\s{{0,8}}:[\s\[]{{0,8}}(\\{{0,8}})([\"']))"
    r"(?:(?!(?<!\\)\2\3).)+"
)


def redact(value: T) -> T:
    """A copy of `value` without the values of secret fields and text that looks like a key.

    Descends into mappings, lists, tuples, str and bytes, down to 40 levels; deeper parts are
    dropped.
    """
    clean: Any = _redact(value, 0)
    return clean  # type: ignore[no-any-return]


def _redact(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes):
        # Latin-1 maps every byte to one character and back, so whatever is not redacted is
        # unchanged.
        return redact_text(value.decode("latin-1")).encode("latin-1")
    if not isinstance(value, (Mapping, list, tuple)):
        return value
    if depth >= _DEEPEST:
        return REDACTED
    if isinstance(value, Mapping):
        return {
            redact_text(name) if isinstance(name, str) else name: REDACTED
            if item is not None and isinstance(name, str) and is_secret_field(name)
            else _redact(item, depth + 1)
            for name, item in value.items()
        }
    items = [_redact(item, depth + 1) for item in value]
    return items if isinstance(value, list) else tuple(items)


def is_secret_field(name: str) -> bool:
    """Whether what has this name is a secret: a header, a parameter, or a member of an object."""
    return name.lower().replace("-", "").replace("_", "") in _PLAIN_FIELDS


def is_signature(name: str) -> bool:
    """Whether the parameter of this name makes a signed URL usable."""
    return _SIGNATURE_NAME.fullmatch(name) is not None


def redact_partner_keys(extra_data: object) -> None:
    """Remove the keys for partner nodes from the extra data of a job, in place.

    Some self-hosted servers show them to everyone.
    """
    if isinstance(extra_data, dict):
        for name in PARTNER_KEY_FIELDS:
            if extra_data.get(name) is not None:
                extra_data[name] = REDACTED


def redact_text(text: str) -> str:
    """Text without API keys, bearer tokens, and values of secret parameters and fields."""
    text = redact_known_keys(text)
    text = _KEY_TEXT.sub(REDACTED, text)
    text = _BEARER_TEXT.sub(rf"\1{REDACTED}", text)
    text = _BASIC_TEXT.sub(rf"\1{REDACTED}", text)
    text = _QUERY_TEXT.sub(rf"\1{REDACTED}", text)
    return _QUOTED_TEXT.sub(rf"\1{REDACTED}", text)


def redact_urls(text: str) -> str:
    """Text without the signatures and secret parameters of URLs."""
    return _QUERY_TEXT.sub(rf"\1{REDACTED}", text)


def redact_key(content: bytes, key: str) -> bytes:
    """Content without a certain key, in any form: some servers quote what they refuse."""
    return KnownKey(key).redact(content.decode("latin-1")).encode("latin-1")


def clean(text: str) -> str:
    """Text without secrets and lone surrogates, which JSON can carry but no terminal prints."""
    return redact_text(text).encode("utf-8", "replace").decode("utf-8")


def one_line(text: str, limit: int) -> str:
    """Text as one printable line of at most `limit` characters."""
    line = "".join(char if char.isprintable() else " " for char in text[: 4 * limit])
    line = " ".join(line.split())
    return line if len(line) <= limit else f"{line[: limit - 3]}..."
