"""Names of Python for the names of a contract, each different from the others."""

from __future__ import annotations

import unicodedata
from collections.abc import Container

from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import PythonIdentifier

_MOST = 120


def snake_name(text: str, prefix: str) -> str:
    """The text in snake case, as a name of Python; with the prefix if it cannot begin a name.

    Characters that no name has are left out. Words of Python and builtins get an underscore.
    """
    plain = unicodedata.normalize("NFKC", text).replace("/", "_").replace(":", "_")
    if not plain.isascii():  # the stock generator only knows capitals of English
        plain = _with_words_apart(plain).lower()
    found = str(PythonIdentifier(UntrustedString(plain[:_MOST]), prefix))
    return found if found.isidentifier() else f"{prefix}{found}".rstrip("_")


def _with_words_apart(text: str) -> str:
    return "".join(
        f"_{char}" if char.isupper() and before.islower() else char
        for before, char in zip(" " + text, text, strict=False)
    )


def different_names(texts: list[str], prefix: str, taken: Container[str] = ()) -> list[str]:
    """A name for each text, all different, and none of those that are taken.

    A text that is its own name keeps it. A taken name gets an underscore, and a name that occurs
    again a number.
    """
    names = [snake_name(text, prefix) for text in texts]
    kept = {name for text, name in zip(texts, names, strict=True) if text == name}
    used: set[str] = set()
    found = []
    for text, name in zip(texts, names, strict=True):
        base = f"{name}_" if name in taken else name
        is_other = base in kept and text != base
        number = 1
        choice = base
        while choice in used or (is_other and number == 1) or (number > 1 and choice in kept):
            number += 1
            choice = f"{base.rstrip('_')}_{number}"
        used.add(choice)
        found.append(choice)
    return found
