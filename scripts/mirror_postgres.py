"""Try the mirror on a PostgreSQL of its own: `make mirror-postgres`.

A cluster is made in a temporary folder, on a free port of loopback, and stopped at the end. It
needs Debian's package `postgresql`, and psycopg. The server does not run as root, which becomes
`postgres` for it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from comfy_cloud import ComfyCloud, ConfigurationError
from comfy_cloud.mirror import Mirror
from comfy_cloud_emulator import Emulator
from tests.live.postgres_sync import try_sync
from tests.mirror.same_answers import check_the_same_answers, check_the_same_jobs
from tests.mirror.sample import fill
from tests.mirror.values import check_that_every_value_survives

_PASSWORD = "mirror-secret"
_USER = "postgres"
_JOBS = 2000


def main() -> int:
    """Make a cluster and try everything; 0 if all is well."""
    with _cluster() as port:
        server = f"postgresql+psycopg://{_USER}:{_PASSWORD}@127.0.0.1:{port}"
        _try(server)
        try_sync(server)
    print("PostgreSQL: the mirror works")
    return 0


def _try(server: str) -> None:
    with Emulator(seed_data="demo") as emulator:
        with ComfyCloud(api_key=emulator.key, base_url=emulator.url) as cloud:
            with tempfile.TemporaryDirectory() as folder, cloud.mirror(Path(folder) / "m.sqlite") as mirror:
                mirror.sync()
                expected = _counts(mirror)
            with cloud.mirror(database=f"{server}/postgres") as mirror:
                first = mirror.sync()
                assert first.details == first.total > 250, first
                assert _counts(mirror) == expected, (_counts(mirror), expected)
                again = mirror.sync(full=True)
                assert (again.added, again.changed, again.details, again.deleted) == (0, 0, 0, 0), again
                assert _PASSWORD not in f"{mirror!r} {mirror.place}"
                with mirror.connect() as connection:
                    query = "SELECT count(*) FROM search WHERE document @@ to_tsquery('simple', 'blurry')"
                    assert connection.exec_driver_sql(query).scalar()
                release = mirror.store.lock()
                assert release is not None
                with Mirror.open(f"{server}/postgres") as second:
                    assert second.store.lock() is None
                    release()
                    taken = second.store.lock()
                    assert taken is not None
                    taken()
            print(f"PostgreSQL: {first.total} jobs synced, the same rows as in SQLite")
    for refused, words in ((f"{server}/postgres", "another account"), (f"{server}/nowhere", "nowhere")):
        try:
            Mirror.open(refused, account="somebody else").close()
        except ConfigurationError as error:
            message = str(error)
        else:
            raise AssertionError(refused)
        assert words in message, message
        assert _PASSWORD not in message
    with tempfile.TemporaryDirectory() as folder, Mirror.open(Path(folder) / "m.sqlite") as beside:
        fill(beside, _JOBS)
        with Mirror.open(f"{server}/template1") as mirror:
            fill(mirror, _JOBS)
            asked = check_the_same_answers(beside, mirror)
            print(f"PostgreSQL: {asked} searches and other questions, the same answers as SQLite")
            _make_schema_1(mirror)
        with Mirror.open(f"{server}/template1") as mirror:
            check_the_same_jobs(beside, mirror)
            print("PostgreSQL: a mirror of schema 1 was brought up to date, the same jobs are found")
            check_that_every_value_survives(mirror)


def _make_schema_1(mirror: Mirror) -> None:
    """The mirror as schema 1 had it: other columns and another index for search."""
    with mirror.store.writing() as connection:
        for statement in (
            "DROP TABLE search",
            "ALTER TABLE jobs DROP COLUMN search_rowid",
            "CREATE TABLE search (job_id TEXT PRIMARY KEY, document tsvector NOT NULL)",
            "CREATE INDEX search_by_document ON search USING gin (document)",
            "UPDATE meta SET value = '1' WHERE name = 'schema_version'",
        ):
            connection.exec_driver_sql(statement)


def _counts(mirror: Mirror) -> dict[str, int | None]:
    tables = (
        "jobs",
        "outputs",
        "output_texts",
        "nodes",
        "inputs",
        "prompts",
        "models",
        "loras",
        "seeds",
        "graphs",
    )
    with mirror.connect() as connection:
        return {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in tables
        }


@contextmanager
def _cluster() -> Iterator[int]:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        raise SystemExit("error: PostgreSQL is missing; run: apt-get install postgresql")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "password").write_text(_PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(folder, _USER)
            shutil.chown(folder / "password", _USER)
        data = str(folder / "data")
        _run(programs[-1] / "initdb", "-D", data, "-U", _USER, "-A", "scram-sha-256", "-E", "UTF8",
             "--pwfile", str(folder / "password"), "--no-sync")  # fmt: skip
        options = f"-p {port} -h 127.0.0.1 -k {folder} -F"
        _run(programs[-1] / "pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield port
        finally:
            _run(programs[-1] / "pg_ctl", "-D", data, "-w", "-m", "fast", "stop")
    finally:
        shutil.rmtree(folder)


def _run(program: Path, *arguments: str) -> None:
    command = [str(program), *arguments]
    if os.geteuid() == 0:
        command = ["runuser", "-u", _USER, "--", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


if __name__ == "__main__":
    sys.exit(main())
