"""A database of the whole execution history: kept up by `sync`, searched, asked, exported, shown.

It needs the extra `mirror` (`pip install 'comfy-cloud[mirror]'`).

    from comfy_cloud.mirror import Mirror

    with Mirror.open("history.sqlite") as mirror:
        ...

- `mirror`: the class `Mirror`, which all else is reached by.
- `schema`, `exact_text`, `migrations`, `views`: the tables, and how they came to be.
- `search_index`, `search_rowids`, `index_tokens`, `name_words`: the full-text index;
  `search_writing` and `search_migration` write it, `query_language` and `search` ask it.
- `store`, `sqlite_file`, `postgres`, `database_errors`, `locks`: opening a database, and its lock.
- `location`: which file belongs to which account.
- `facts`: what a graph says, found in it without any I/O.
- `records`, `writing`: jobs as rows, and rows into tables.
- `late_jobs`, `downloads`: jobs that end after newer ones, and files that were saved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from .mirror import Mirror

__all__ = ["Mirror"]

MISSING_LIBRARY = "The mirror needs the package sqlalchemy: pip install 'comfy-cloud[mirror]'"


def check_libraries() -> None:
    """Raise ConfigurationError without the extra `mirror`."""
    try:
        import sqlalchemy  # noqa: F401
    except ModuleNotFoundError:
        raise ConfigurationError(MISSING_LIBRARY) from None


def __getattr__(name: str) -> object:
    if name != "Mirror":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    check_libraries()
    from .mirror import Mirror

    globals()[name] = Mirror
    return Mirror
