"""Create the tables, and bring those of an earlier version up to date, in one transaction.

A step is added for each version of the schema after the first: `STEPS[n]` makes version n + 1 of n.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, inspect, select

from ..errors import ConfigurationError
from .migration_progress import migration_begins
from .schema import META, METADATA, SCHEMA_VERSION
from .search_index import create_search_index
from .search_migration import order_search_by_time
from .views import create_views, drop_views

STEPS: Mapping[int, Callable[[Connection], None]] = {1: order_search_by_time}


def schema_version(connection: Connection, name: str) -> int | None:
    """The version of the schema; None for an empty database.

    Raises ConfigurationError for a database that is not a mirror, or that a newer version wrote.
    """
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    found = None
    if "meta" in tables and {column["name"] for column in inspect(connection).get_columns("meta")} == {
        "name",
        "value",
    }:
        found = connection.scalar(select(META.c.value).where(META.c.name == "schema_version"))
    if found is None or not str(found).isdigit():
        raise ConfigurationError(
            f"{name} has tables, but is not a mirror of a history; it was not changed. Give another database"
        )
    version = int(found)
    if version > SCHEMA_VERSION:
        raise ConfigurationError(
            f"The mirror {name} was written by a newer comfy-cloud (schema {version}; this one knows "
            f"{SCHEMA_VERSION}). Update it: pip install --upgrade 'comfy-cloud[mirror]'"
        )
    return version


def create_tables(connection: Connection, meta: Mapping[str, str]) -> None:
    """Create every table, index and view, and write `meta`."""
    METADATA.create_all(connection)
    create_search_index(connection)
    create_views(connection)
    rows = {"schema_version": str(SCHEMA_VERSION), **meta}
    connection.execute(META.insert(), [{"name": name, "value": value} for name, value in rows.items()])


def migrate(connection: Connection, version: int, name: str) -> None:
    """Apply the steps from a version to the newest one."""
    migration_begins(name, connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar_one())
    drop_views(connection)
    for number in range(version, SCHEMA_VERSION):
        STEPS[number](connection)
    create_views(connection)
    connection.execute(META.update().where(META.c.name == "schema_version").values(value=str(SCHEMA_VERSION)))
