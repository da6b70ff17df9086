"""Requests as they are shown to people: without keys, wherever a key may be in them.

Covers the values of secret names in headers, queries, JSON and forms, what looks like a key, the
accounts' own keys, and every other place where one of these values is repeated. It covers too much
rather than too little: what is shown is for reading only.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

import orjson

from comfy_cloud_emulator.state.json_values import is_array, is_object
from comfy_cloud_emulator.state.redaction import REDACTED

from .request_log import Request

_WHOLE_NAMES: Final = frozenset(
    ("key", "token", "authorization", "proxyauthorization", "cookie", "setcookie", "secret", "password")
)
_PARTS: Final = ("apikey", "authtoken", "accesstoken", "refreshtoken", "idtoken", "clientsecret")
"""What makes a name secret anywhere in it, such as X-Comfy-Api-Key or api_key_comfy_org."""
_SHORTEST: Final = 6
"""Characters of a secret; shorter ones are covered only as the value of their name."""
_LONGEST: Final = 10_000
_LONGEST_PATTERN: Final = 300
"""Characters of a secret that is looked for in other forms as well."""

_NAME: Final = (
    r"(?:(?:api|partner)[_-]?key|(?:auth|access|refresh|id)[_-]?token|client[_-]?secret"
    r"|authorization|cookie|password|\bsecret|\btoken|\bkey)[\w-]{0,40}"
)
# Repetitions are bounded, so that the time stays in proportion to the length of the text.
_LIKE_A_KEY: Final = re.compile(
    r"comfyui-[A-Za-z0-9_-]{8,200}|(?i:\bbearer\s{1,8})[A-Za-z0-9._~+/=-]{4,4000}"
)
_WORDS: Final = ("key", "token", "secret", "authorization", "cookie", "password", "bearer", "comfyui-")
"""One of these is in every text that any pattern matches."""
_ESCAPED_ASCII: Final = re.compile(r"\\u00([4-6][0-9A-Fa-f]|7[0-9Aa])")  # letters, in JSON
_PAIR: Final = re.compile(
    rf"(?i)({_NAME}(?:\\{{0,8}}[\"'])?\s{{0,8}}[:=]\s{{0,8}}(?:\\{{0,8}}[\"'])?)([^\"'&\s,;}}\\]{{1,4000}})"
)
_FORM_FIELD: Final = re.compile(
    rf"(?i)(name=\"?[^\"\r\n]{{0,12}}{_NAME}\"?[^\r\n]{{0,200}}\r?\n(?:[^\r\n]{{1,200}}\r?\n){{0,4}}\r?\n)([^\r\n]{{1,4000}})"
)


class ShownRequest(NamedTuple):
    """The parts of a request, with its secrets covered."""

    path: str
    raw_path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: str

    @property
    def address(self) -> str:
        """The path with the query."""
        return self.raw_path + (f"?{urlencode(self.query, safe='[]/:,')}" if self.query else "")


def is_secret(name: str) -> bool:
    """Whether the value of a header, parameter, field or JSON member of this name is a secret."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return plain in _WHOLE_NAMES or any(part in plain for part in _PARTS)


def shown(record: Request, keys: Collection[str], *, with_body: bool = True) -> ShownRequest:
    """A request as it is shown; `keys` are the accounts' keys."""
    secrets = set(keys)
    query = list(_covered_pairs(record.query, secrets))
    headers = dict(_covered_pairs(record.headers.items(), secrets))
    body = _covered_body(record.body, secrets) if with_body else ""
    forms = _forms_of(secrets)
    return ShownRequest(
        _without(forms, record.path),
        _without(forms, record.raw_path),
        [(_without(forms, name), _without(forms, value)) for name, value in query],
        {_without(forms, name): _without(forms, value) for name, value in headers.items()},
        _without(forms, body),
    )


def shown_json(value: Any, keys: Collection[str]) -> Any:
    """A JSON value as it is shown; what was given stays as it is."""
    secrets = set(keys)
    copy = orjson.loads(orjson.dumps(value))
    covered = _cover_json(copy, secrets)
    return orjson.loads(_without(_forms_of(secrets), orjson.dumps(covered).decode()))


def _covered_pairs(pairs: Iterable[tuple[str, str]], secrets: set[str]) -> Iterable[tuple[str, str]]:
    for name, value in pairs:
        if is_secret(name):
            secrets.update((value, value.rpartition(" ")[2]))
            yield name, REDACTED
        else:
            yield name, _covered_text(value, secrets)


def _covered_body(body: bytes, secrets: set[str]) -> str:
    text = body.decode("utf-8", "replace")
    if body.lstrip()[:1] in (b"{", b"["):
        try:
            return orjson.dumps(_cover_json(orjson.loads(body), secrets)).decode()
        except (orjson.JSONDecodeError, orjson.JSONEncodeError):
            pass  # cut off, or too deep to be written again
    return _covered_text(text, secrets)


def _cover_json(value: Any, secrets: set[str]) -> Any:
    """Cover the secrets inside a JSON value, in place. Without recursion: clients nest deeply."""
    root = [value]
    waiting: list[Any] = [root]
    while waiting:
        container = waiting.pop()
        members: list[tuple[Any, Any]] = list(
            container.items() if is_object(container) else enumerate(container)
        )
        for name, member in members:
            if isinstance(name, str) and is_secret(name) and member is not None:
                if isinstance(member, str):
                    secrets.add(member)
                container[name] = REDACTED
            elif isinstance(member, str):
                container[name] = _covered_text(member, secrets)
            elif is_object(member) or is_array(member):
                waiting.append(member)
    return root[0]


def _covered_text(text: str, secrets: set[str]) -> str:
    def covered_value(found: re.Match[str]) -> str:
        secrets.add(found[2])
        return found[1] + REDACTED

    if len(text) < _SHORTEST:
        return text
    text = _ESCAPED_ASCII.sub(lambda found: chr(int(found[1], 16)), text)
    lower = text.lower()
    if not any(word in lower for word in _WORDS):
        return text
    text = _LIKE_A_KEY.sub(REDACTED, text)
    text = _FORM_FIELD.sub(covered_value, text)
    return _PAIR.sub(covered_value, text)


def _forms_of(secrets: Iterable[str]) -> list[re.Pattern[str]]:
    """What finds the secrets however they are written, the longest first."""
    found = {each for each in secrets if _SHORTEST <= len(each) <= _LONGEST and each != REDACTED}
    return [_pattern_of(secret) for secret in sorted(found, key=len, reverse=True)]


@lru_cache(maxsize=256)
def _pattern_of(secret: str) -> re.Pattern[str]:
    """A secret in either case, each character as it is or escaped, and in base64."""
    if len(secret) > _LONGEST_PATTERN:
        plain = (secret, quote(secret, safe=""), orjson.dumps(secret).decode()[1:-1])
        return re.compile("|".join(map(re.escape, plain)))
    characters = (
        f"(?:{re.escape(each)}|%(?:25)*{ord(each):02x}|\\\\u{ord(each):04x}|&#(?:{ord(each)}|x{ord(each):x});?)"
        for each in secret
    )
    forms = ["".join(characters), re.escape(quote(secret, safe="")), *_base64_forms(secret)]
    return re.compile("|".join(forms), re.IGNORECASE)


def _base64_forms(secret: str) -> Iterator[str]:
    """The digits of base64 that the secret alone decides, for each way in which it is aligned."""
    content = secret.encode("utf-8", "replace")
    for before, mixed in ((0, 0), (1, 2), (2, 3)):
        digits = b64encode(bytes(before) + content).decode()[mixed : (before + len(content)) * 8 // 6]
        yield "".join(f"[{each}{'-_'['+/'.index(each)]}]" if each in "+/" else each for each in digits)


def _without(forms: Iterable[re.Pattern[str]], text: str) -> str:
    if len(text) < _SHORTEST:
        return text
    for form in forms:
        text = form.sub(REDACTED, text)
    return text
