"""SQLite's `printf` and `format`, without widths that take half a minute to fill.

A query that runs too long is stopped between two steps of it, and a function is one step.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from typing import Any

MOST_WIDTH = 999
WIDTH_REFUSED = f"a width or precision in printf is larger than {MOST_WIDTH}, or is given by *"
_WIDE = re.compile(r"%[^a-zA-Z%]*(\*|[0-9]{4})")


def bound_printf(connection: sqlite3.Connection, refuse: Callable[[str], object]) -> sqlite3.Connection:
    """Replace both functions of a connection; returns what they run in, to be closed.

    `refuse` is called with the reason when one of them raises.
    """
    plain = sqlite3.connect(":memory:", check_same_thread=False)

    def printf(*values: Any) -> Any:
        if values and isinstance(values[0], str) and _WIDE.search(values[0]):
            refuse(WIDTH_REFUSED)
            raise ValueError(WIDTH_REFUSED)
        marks = ", ".join("?" * len(values))
        return plain.execute(f"SELECT printf({marks})", values).fetchone()[0]

    for name in ("printf", "format"):
        connection.create_function(name, -1, printf, deterministic=True)
    return plain
