"""A mirror in PostgreSQL, given by a URL of SQLAlchemy. I/O."""

from __future__ import annotations

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from ..errors import ConfigurationError

CONNECT_SECONDS = 10


def postgres_engine(text: str) -> tuple[Engine, URL]:
    """An engine for a URL such as postgresql+psycopg://user@host/database, and the URL.

    Raises ConfigurationError for a URL that is not valid, and without the driver.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "The address of the database is not valid; write postgresql+psycopg://user:password@host/database"
        ) from None
    if url.get_backend_name() != "postgresql":
        raise ConfigurationError(
            f"A mirror cannot be kept in {url.get_backend_name()!r}: give the path of a file, or a "
            "postgresql+psycopg:// URL"
        )
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    try:
        return create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS}), url
    except NoSuchModuleError:
        raise ConfigurationError(
            f"{url.drivername} is not known: write postgresql+psycopg://user:password@host/database"
        ) from None
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"PostgreSQL needs the package {error.name}: pip install 'comfy-cloud[mirror,postgres]'"
        ) from None
