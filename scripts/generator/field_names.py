"""The Python names of the fields of a model, whatever their JSON names are."""

from __future__ import annotations

import keyword
import unicodedata
from functools import lru_cache

from openapi_python_client.strings import PythonIdentifier

FIELD_PREFIX = "field_"
"""What the generator puts before what cannot begin a name, by its settings."""

RESERVED = frozenset(
    {
        "additional_properties", "from_dict", "from_records", "to_dict", "read", "keys", "get",
        "as_is", "read_date", "read_datetime", "read_instant",
    }
)  # fmt: skip
"""Names that every model has or that its tables refer to: a field so named gets an underscore, as
Python's keywords do."""


def is_usual_name(name: str) -> bool:
    """Whether the generator makes a valid Python name of a JSON name."""
    made = str(PythonIdentifier(name, FIELD_PREFIX))
    return made == unicodedata.normalize("NFKC", made) and _is_valid(made) and not name.startswith("_")


def field_names(names: list[str]) -> dict[str, str]:
    """A Python name for each JSON name: no two are the same.

    A name that is a Python name already keeps it, whatever the order.
    """
    found: dict[str, str] = {}
    for name in [*(n for n in names if _python_name(n) == n), *(n for n in names if _python_name(n) != n)]:
        taken = set(found.values())
        plain = _python_name(name)
        tries = [plain, *(f"{plain.rstrip('_')}_{number}" for number in range(2, len(names) + 2))]
        found[name] = next(candidate for candidate in tries if candidate not in taken)
    return found


# A contract has some hundred names, and each is asked for hundreds of times.
@lru_cache(maxsize=4096)
def _python_name(name: str) -> str:
    made = unicodedata.normalize("NFKC", str(PythonIdentifier(name, FIELD_PREFIX))).lstrip("_")
    if not _is_valid(made):
        made = "".join(char for char in made if f"a{char}".isidentifier())
        made = made if _is_valid(made) else f"field_{made}".rstrip("_")
    return f"{made}_" if made in RESERVED else made


def _is_valid(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
