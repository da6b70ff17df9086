"""Python names for what a server calls otherwise: ASCII, no keyword, each once.

A name that is a plain identifier is kept. In others, accents are dropped and everything else that
is not a letter or a digit becomes an underscore, or its code if nothing would be left. No name
begins with an underscore: those are for the module itself.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_OTHER = re.compile(r"[^A-Za-z0-9]+")
_MAX_LENGTH = 100

BUILTINS = frozenset(dir(builtins))
"""Names that a class of the module must not hide from the program that imports it."""


def is_plain(name: str) -> bool:
    """Whether a name is kept as it is."""
    return bool(_PLAIN.match(name)) and len(name) <= _MAX_LENGTH and not keyword.iskeyword(name)


def identifiers(names: Iterable[str], before_digits: str, reserved: Iterable[str] = ()) -> dict[str, str]:
    """A Python name for each of these names, all different, in their order.

    Plain names come first, so that they are kept whatever the others are.

    Args:
        names: The names; one that is there twice counts once.
        before_digits: What is put before a name that does not begin with a letter.
        reserved: Names that may not be used; an underscore is added to them.
    """
    listed = list(dict.fromkeys(names))
    refused = set(reserved)
    found = {name: name for name in listed if is_plain(name) and name not in refused}
    taken = refused | found.keys()
    for name in listed:
        if name not in found:
            resembling = as_identifier(name, before_digits)
            found[name] = unused(f"{resembling}_" if resembling in refused else resembling, taken)
            taken.add(found[name])
    return {name: found[name] for name in listed}


def unused(name: str, taken: Iterable[str]) -> str:
    """The name, or one like it with a number, that is not taken."""
    known = taken if isinstance(taken, (set, frozenset, dict)) else set(taken)
    if name not in known:
        return name
    number = 2
    while f"{name}_{number}" in known:
        number += 1
    return f"{name}_{number}"


def as_identifier(name: str, before_digits: str) -> str:
    """A Python name that resembles this one."""
    if is_plain(name):
        return name
    latin = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    plain = _OTHER.sub("_", latin).strip("_")
    if not plain:
        plain = "_".join(f"u{ord(each):04x}" for each in name[:12]) or "unnamed"
    if not plain[0].isalpha():
        plain = f"{before_digits}_{plain}"
    plain = plain[:_MAX_LENGTH].rstrip("_")
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def snake_case(name: str, before_digits: str) -> str:
    """A name in small letters, for an attribute."""
    small = as_identifier(name, before_digits).lower()
    return f"{small}_" if keyword.iskeyword(small) else small


def camel_case(name: str, before_digits: str) -> str:
    """A name for a class, such as SamplerName for sampler_name."""
    words = as_identifier(name, before_digits).split("_")
    return "".join(f"{word[:1].upper()}{word[1:]}" for word in words)
