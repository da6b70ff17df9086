"""What a database refuses, in words that name the fix."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from .._errors.redaction import one_line, redact_text
from ..errors import ConfigurationError

_LONGEST = 300
# What SQLite says, and what to do about it.
_SQLITE = (
    ("database is locked", "is in use by another program. Wait until that ends, and try again"),
    ("disk is full", "cannot grow: the disk is full. Nothing that was in it is lost; free space, and go on"),
    ("readonly", "cannot be written. Allow writing to it and to its folder, or give another file"),
    ("unable to open", "cannot be opened. Give the path of a file in a folder that you can write to"),
    ("malformed", "is damaged. It was not repaired; restore a copy, or give another path and sync anew"),
    ("not a database", "is not a database. It was not changed; give another path"),
    ("locking protocol", "cannot be locked, as on some network drives. Give a path on a local disk"),
    (
        "disk i/o error",
        "cannot be read or written: the disk reports an error, or the file may not become larger. What was "
        "in it is still there; try again, or give a path on another disk",
    ),
)


@contextmanager
def database_errors(name: str, hidden: str | None = None) -> Iterator[None]:
    """Turn what a database refuses into a ConfigurationError.

    `name` is what the message calls the database, and `hidden` a password that it never contains.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise refusal_of(error, name, hidden) from None


def refusal_of(error: Exception, name: str, hidden: str | None = None) -> ConfigurationError:
    """The ConfigurationError for what a database raised."""
    original = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = str(original)
    if isinstance(original, sqlite3.Error):
        for words, meaning in _SQLITE:
            if words in text.lower():
                return ConfigurationError(f"The mirror {name} {meaning}")
    if hidden:
        text = text.replace(hidden, "***")
    return ConfigurationError(f"The mirror {name} refused: {one_line(redact_text(text), _LONGEST)}")
