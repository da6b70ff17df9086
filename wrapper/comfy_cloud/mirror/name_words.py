"""The words inside names: `sampler` in KSampler, `flux` in flux1-dev.safetensors. Pure.

The full-text index divides texts at everything that is not a letter or digit, which leaves
KSampler and flux1 whole. Names of classes, models and files are indexed with these words beside
them, in the same column.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SHORTEST = 2
_LONGEST_CACHED = 10_000
_NAME = re.compile(r"[^\W_]+")


def with_name_words(text: str) -> str:
    """The text, and below it the words inside its names."""
    # Jobs of one workflow have the same names.
    return _cached(text) if len(text) < _LONGEST_CACHED else _with_words(text)


def _with_words(text: str) -> str:
    found = dict.fromkeys(inner for name in _NAME.findall(text) for inner in _inner_words(name))
    return f"{text}\n{' '.join(found)}" if found else text


_cached = lru_cache(maxsize=512)(_with_words)


@lru_cache(maxsize=4096)
def _inner_words(name: str) -> tuple[str, ...]:
    """The parts of a name with two letters or more, in lower case; nothing if it is one part.

    A part ends before a digit, after one, before a capital that follows a small letter, and before
    the last of several capitals if a small letter follows it, as in CLIP|Text|Encode.
    """
    parts = [""]
    for place, mark in enumerate(name):
        if place and _is_end(name[place - 1], mark, name[place + 1 : place + 2]):
            parts.append("")
        parts[-1] += mark
    return tuple(part.lower() for part in parts if len(part) >= _SHORTEST and part.isalpha() and part != name)


def _is_end(before: str, mark: str, after: str) -> bool:
    if before.isalpha() != mark.isalpha():
        return True
    return mark.isupper() and (before.islower() or (before.isupper() and after.islower()))
