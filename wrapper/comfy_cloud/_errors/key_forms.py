"""The forms in which a server may send a key back, and the keys that clients use at present.

Pure rules. A key is recognised as it is, in other case, and with any of its characters escaped as
in JSON, URLs, HTML or a Python repr; also inside base64, as in an Authorization header. Keys are
remembered for as long as the client that uses them, so that whatever is shown can be searched.
"""

from __future__ import annotations

import base64
import html.entities
import re
import weakref
from functools import lru_cache

REDACTED = "[REDACTED]"
# Very short strings are not keys; replacing them would only garble the text.
_SHORTEST_KEY = 8
# What begins and ends an escape, itself as it is or percent-encoded.
_BACKSLASH, _AMPERSAND = r"(?:\\|%(?:25){0,4}5[cC])", "(?:&|%(?:25){0,4}26)"
_HASH, _SEMICOLON = "(?:#|%(?:25){0,4}23)", "(?:;|%(?:25){0,4}3[bB])"
# The names of characters in HTML, with their semicolon.
_ENTITIES: dict[str, list[str]] = {}
for _name, _character in html.entities.html5.items():
    if _name.endswith(";") and len(_character) == 1 and _character.isascii():
        _ENTITIES.setdefault(_character, []).append(re.escape(_name))
# Digits of base64 that need not be as they are, and what may stand between two of them.
_BETWEEN = r"(?:\s|\\[rn]){0,4}"
_BASE64 = {"+": r"(?:\\{0,8}(?:\+|u002[bB])|-|%2[bB])", "/": r"(?:\\{0,8}(?:/|u002[fF])|_|%2[fF])"}


class KnownKey:
    """One key. Its pattern is made when it is first needed."""

    __slots__ = ("__weakref__", "_key")

    def __init__(self, key: str) -> None:
        self._key = key

    def __len__(self) -> int:
        return len(self._key)

    def __repr__(self) -> str:
        return "KnownKey(****)"

    def redact(self, text: str) -> str:
        """The text without the key."""
        return _without_keys(text, {self._key})


_known: dict[int, weakref.ref[KnownKey]] = {}


def remember_key(key: str) -> KnownKey:
    """Redact this key from now on, for as long as the returned object is kept."""
    known = KnownKey(key)
    number = id(known)
    _known[number] = weakref.ref(known, lambda _: _known.pop(number, None))
    return known


def redact_known_keys(text: str) -> str:
    """The text without the keys that are remembered, in any form."""
    known = {found._key for reference in list(_known.values()) if (found := reference()) is not None}
    return _without_keys(text, known)


def _without_keys(text: str, keys: set[str]) -> str:
    """The text without these keys.

    To make the pattern of a key takes much longer than to use it, and most texts have none. So a
    text is first searched for the beginnings of keys, which are the same for all that the service
    gives out.
    """
    beginnings = {key[:_SHORTEST_KEY] for key in keys if len(key) >= _SHORTEST_KEY}
    found = {each for each in beginnings if _may_begin(each, text)}
    # The longest first, since one key may be the beginning of another.
    for key in sorted(keys, key=len, reverse=True):
        if key[:_SHORTEST_KEY] in found and (pattern := _pattern_of(key)) is not None:
            text = pattern.sub(REDACTED, text)
    return text


def _may_begin(beginning: str, text: str) -> bool:
    """Whether a key with these first characters may be in the text."""
    # The case of other characters may depend on what follows.
    pattern = _pattern_of(beginning) if beginning.isascii() else None
    return pattern is None or pattern.search(text) is not None


@lru_cache(maxsize=64)
def _pattern_of(key: str) -> re.Pattern[str] | None:
    """What matches a key in any form; None for a text that is too short to be a key."""
    if len(key) < _SHORTEST_KEY:
        return None
    plain = "\\x00?".join(map(_forms_of, key))
    cases = dict.fromkeys((key, key.lower(), key.upper()))
    return re.compile("|".join([plain, *(form for each in cases for form in _base64_forms(each))]))


def _forms_of(character: str) -> str:
    """A pattern for one character in either case, as it is or escaped.

    The number of backslashes and of `25` is bounded, so that hostile text takes linear time.
    """
    cases = sorted({character.lower(), character.upper()})
    codes = "|".join(
        "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in f"{ord(each):02x}")
        for each in cases
    )
    decimals = "|".join(str(ord(each)) for each in cases)
    escaped = rf"(?:[uU]0{{0,6}}|[xX])(?:{codes})"
    if not character.isalnum():
        escaped = f"(?:{escaped}|{re.escape(character)})"
    forms = [
        f"{_BACKSLASH}{{1,8}}{escaped}",
        f"%(?:25){{0,4}}(?:{codes})",
        f"{_AMPERSAND}(?:amp;){{0,4}}{_HASH}(?:0{{0,6}}(?:{decimals})|[xX]0{{0,6}}(?:{codes})){_SEMICOLON}?",
    ]
    forms += [f"{_AMPERSAND}(?:amp;){{0,4}}{name}" for name in _ENTITIES.get(character, ())]
    forms += (re.escape(each) for each in cases)  # last, since an escape may begin like a character
    return f"(?:{'|'.join(forms)})"


def _base64_forms(key: str) -> list[str]:
    """Patterns for the key inside base64, for each of the three ways in which it can be aligned."""
    forms = []
    for before, mixed in ((0, 0), (1, 2), (2, 3)):  # bytes before the key, and digits that mix them
        encoded = base64.b64encode(b"\0" * before + key.encode()).decode()
        whole = (before + len(key.encode())) * 8 // 6  # digits of which the key gives every bit
        digits = (_BASE64.get(digit, digit) for digit in encoded[mixed:whole])
        forms.append(_BETWEEN.join(digits) + "[A-Za-z0-9+/_-]{0,2}={0,2}")
    return forms
