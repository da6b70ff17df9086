"""Syncs of a mirror in PostgreSQL that are killed or meet; downloads; and dlt from it and into it.

`scripts.mirror_postgres` calls it with a server of its own.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url

from comfy_cloud import ComfyCloud
from comfy_cloud.mirror import Mirror
from comfy_cloud_emulator import Emulator
from tests.mirror.killed_sync import SYNC

_KILLS = 8
_MOST_SECONDS = 4.0
# What does not depend on when it was written, or in which order.
_CONTENTS = {
    "jobs": "id, status, created_ms, started_ms, finished_ms, graph_digest, prompt, model, seed, files",
    "outputs": "job_id, position, filename, hash",
    "inputs": "job_id, node_id, name, type, value",
    "prompts": "job_id, node_id, name, role, text",
    "search": "job_id",
}


def try_sync(server: str) -> None:
    """Try all of it on a server."""
    with (
        Emulator(seed_data="demo") as emulator,
        ComfyCloud(api_key=emulator.key, base_url=emulator.url) as cloud,
        tempfile.TemporaryDirectory() as folder,
    ):
        with cloud.mirror(Path(folder) / "m.sqlite") as mirror:
            mirror.sync()
            expected = contents(mirror)
        _kill(emulator, database(server, "killed"), expected)
        _meet(emulator, database(server, "met"), expected)
        _download(cloud, database(server, "killed"), Path(folder))
        _load(database(server, "loaded"), database(server, "killed"), Path(folder))


def database(server: str, name: str) -> str:
    """The URL of a database, which is created if it is not there."""
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        query = f"SELECT count(*) FROM pg_database WHERE datname = '{name}'"
        if not connection.exec_driver_sql(query).scalar():
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
    engine.dispose()
    return f"{server}/{name}"


def contents(mirror: Mirror) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table that says what jobs are."""
    with mirror.connect() as connection:
        return {
            table: sorted(
                (tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM {table}")),
                key=repr,
            )
            for table, columns in _CONTENTS.items()
        }


def _check(mirror: Mirror, expected: dict[str, list[tuple[Any, ...]]]) -> None:
    for table, found in contents(mirror).items():
        assert found == expected[table], (
            table,
            [row for row in found if row not in expected[table]][:3],
            [row for row in expected[table] if row not in found][:3],
        )


def _begin(emulator: Emulator, url: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", SYNC, emulator.url, emulator.key, url]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def _kill(emulator: Emulator, url: str, expected: dict[str, list[tuple[Any, ...]]]) -> None:
    rng = random.Random(0)
    killed = 0
    for _ in range(_KILLS):
        process = _begin(emulator, url)
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.wait(rng.uniform(0, _MOST_SECONDS))
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
        process.communicate()
    assert _begin(emulator, url).communicate()[0].endswith(b"done\n")
    with Mirror.open(url) as mirror:
        _check(mirror, expected)
    print(f"PostgreSQL: {killed} syncs killed; nothing was lost or doubled")


def _meet(emulator: Emulator, url: str, expected: dict[str, list[tuple[Any, ...]]]) -> None:
    both = [_begin(emulator, url) for _ in range(3)]
    assert [process.communicate()[0].endswith(b"done\n") for process in both] == [True] * 3
    with Mirror.open(url) as mirror:
        _check(mirror, expected)
    print("PostgreSQL: three syncs of one empty database at once wrote it once")


def _download(cloud: ComfyCloud, url: str, folder: Path) -> None:
    with cloud.mirror(database=url) as mirror:
        first = mirror.download(folder / "out", limit=10)
        assert {file.outcome for file in first.files} == {"saved"}, first
        again = mirror.download(folder / "out", limit=10)
        assert {file.outcome for file in again.files} == {"skipped"}, again
        query = "SELECT count(*) FROM outputs WHERE local_path IS NOT NULL AND size > 0"
        with mirror.connect() as connection:
            assert connection.exec_driver_sql(query).scalar() == len(first.files)
    print(f"PostgreSQL: {len(first.files)} downloads recorded, none repeated")


def _load(target: str, source: str, folder: Path) -> None:
    import dlt

    from comfy_cloud.integrations.dlt import comfy_cloud_history

    plain = make_url(target).set(drivername="postgresql").render_as_string(hide_password=False)
    pipeline = dlt.pipeline(
        "comfy_cloud_postgres",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.postgres(plain),
        dataset_name="comfy",
    )
    for _ in range(2):
        pipeline.run(comfy_cloud_history(source)).raise_on_failed_jobs()
    engine = create_engine(target)
    with engine.connect() as loaded, Mirror.open(source, read_only=True) as mirror, mirror.connect() as there:
        for table in ("jobs", "outputs", "models", "prompts", "seeds"):
            query = "SELECT count(*) FROM {}"
            rows = loaded.exec_driver_sql(query.format(f"comfy.{table}")).scalar()
            assert rows == there.exec_driver_sql(query.format(table)).scalar(), (table, rows)
        texts = 'SELECT job_id, text FROM {} ORDER BY job_id COLLATE "C", node_id COLLATE "C", name, role'
        assert (
            loaded.exec_driver_sql(texts.format("comfy.prompts")).all()
            == there.exec_driver_sql(texts.format("prompts")).all()
        )
    engine.dispose()
    print("PostgreSQL: dlt loaded the mirror into another database, twice, with the same rows")
