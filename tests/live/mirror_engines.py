"""Three questions to every engine that reads an exported history: all must answer alike.

The expected answers are those of SQLite over the mirror itself. `make mirror-engines` asks DuckDB,
Polars, pandas, Delta Lake and dlt, `make mirror-spark` a PySpark. Each is a real one.

- How many jobs are there of each status?
- How long did the completed jobs run in total, by month?
- Which models were used most?
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from comfy_cloud.mirror.mirror import Mirror
from tests.mirror.sample import fill

Answers = tuple[dict[str, int], dict[str, float], dict[str, int]]

STATUSES = "SELECT status, count(*) FROM {} GROUP BY status"
SECONDS = """
    SELECT month, sum(run_seconds) FROM {} WHERE status = 'completed' AND run_seconds IS NOT NULL
    GROUP BY month
"""
MODELS = "SELECT model, count(*) FROM {} WHERE model IS NOT NULL GROUP BY model"


def answers(statuses: Any, seconds: Any, models: Any) -> Answers:
    """The rows of three results, in a form that compares."""
    return (
        {name: int(count) for name, count in statuses},
        {str(month): round(float(total), 3) for month, total in seconds if month is not None},
        {name: int(count) for name, count in models},
    )


def of_sqlite(mirror: Mirror) -> Answers:
    def asked(sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in mirror.query(sql).to_dicts()]

    month = "strftime('%Y-%m', created_ms / 1000, 'unixepoch')"
    return answers(
        asked("SELECT status, count(*) AS n FROM jobs GROUP BY status"),
        asked(
            f"SELECT {month} AS month, sum(run_seconds) AS total FROM jobs WHERE status = 'completed' "
            "AND run_seconds IS NOT NULL GROUP BY 1"
        ),
        asked("SELECT model, count(*) AS n FROM models GROUP BY model"),
    )


class Folders:
    """The exported datasets: the jobs, with their months as partitions, and the models."""

    def __init__(self, mirror: Mirror, folder: Path) -> None:
        self.jobs, self.models = folder / "jobs", folder / "models.parquet"
        self.delta = folder / "delta"
        for _ in range(2):  # the second must double nothing
            mirror.export(self.jobs, table="jobs", partition="month")
            mirror.export(self.models, table="models", overwrite=True)
            mirror.export(self.delta, table="jobs", delta=True)


def of_duckdb(folders: Folders) -> Answers:
    import duckdb

    jobs = f"read_parquet('{folders.jobs}/*/*.parquet', hive_partitioning = true)"
    models = f"read_parquet('{folders.models}')"
    with duckdb.connect() as connection:
        return answers(
            connection.execute(STATUSES.format(jobs)).fetchall(),
            connection.execute(SECONDS.format(jobs)).fetchall(),
            connection.execute(MODELS.format(models)).fetchall(),
        )


def of_polars(folders: Folders) -> Answers:
    import polars as pl

    jobs = pl.scan_parquet(folders.jobs / "**" / "*.parquet", hive_partitioning=True)
    ran = jobs.filter(pl.col("status") == "completed", pl.col("run_seconds").is_not_null())
    models = pl.scan_parquet(folders.models)
    return answers(
        jobs.group_by("status").len().collect().rows(),
        ran.group_by("month").agg(pl.col("run_seconds").sum()).collect().rows(),
        models.group_by("model").len().collect().rows(),
    )


def of_pandas(folders: Folders) -> Answers:
    import pandas as pd

    jobs = pd.read_parquet(folders.jobs)
    ran = jobs[(jobs["status"] == "completed") & jobs["run_seconds"].notna()]
    return answers(
        jobs.groupby("status").size().items(),
        ran.groupby("month", observed=True)["run_seconds"].sum().items(),
        pd.read_parquet(folders.models).groupby("model").size().items(),
    )


def of_delta(folders: Folders) -> Answers:
    """Delta Lake has the jobs; the models are those of Parquet."""
    import duckdb
    from deltalake import DeltaTable

    table = DeltaTable(str(folders.delta)).to_pyarrow_table()
    with duckdb.connect() as connection:
        connection.register("jobs", table)
        return answers(
            connection.execute(STATUSES.format("jobs")).fetchall(),
            connection.execute(SECONDS.format("jobs")).fetchall(),
            connection.execute(MODELS.format(f"read_parquet('{folders.models}')")).fetchall(),
        )


def of_dlt(mirror: Mirror, folder: Path) -> Answers:
    """Loaded into DuckDB by dlt, twice."""
    import dlt
    import duckdb

    from comfy_cloud.integrations.dlt import comfy_cloud_history

    file = folder / "loaded.duckdb"
    pipeline = dlt.pipeline(
        "comfy_cloud",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(str(file)),
        dataset_name="comfy",
    )
    for _ in range(2):
        pipeline.run(comfy_cloud_history(mirror.path or "")).raise_on_failed_jobs()
    month = "(SELECT *, strftime(make_timestamp(created_ms * 1000), '%Y-%m') AS month FROM comfy.jobs)"
    with duckdb.connect(str(file)) as connection:
        return answers(
            connection.execute(STATUSES.format("comfy.jobs")).fetchall(),
            connection.execute(SECONDS.format(month)).fetchall(),
            connection.execute(MODELS.format("comfy.models")).fetchall(),
        )


def of_spark(folders: Folders) -> Answers:
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        # A month such as 2026-11 is text, not a date.
        "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    try:
        spark.read.parquet(str(folders.jobs)).createOrReplaceTempView("jobs")
        spark.read.parquet(str(folders.models)).createOrReplaceTempView("models")
        return answers(
            *(
                [tuple(row) for row in spark.sql(question.format(table)).collect()]
                for question, table in ((STATUSES, "jobs"), (SECONDS, "jobs"), (MODELS, "models"))
            )
        )
    finally:
        spark.stop()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--spark", action="store_true", help="ask PySpark instead of the others")
    options.add_argument("--jobs", type=int, default=20_000, help="how many jobs the history has")
    chosen = options.parse_args()
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Mirror.open(folder / "history.sqlite") as mirror:
            fill(mirror, chosen.jobs)
            expected = of_sqlite(mirror)
            assert sum(expected[0].values()) == chosen.jobs
            folders = Folders(mirror, folder)
            engines: dict[str, Callable[[], Answers]] = {
                "DuckDB": lambda: of_duckdb(folders),
                "Polars": lambda: of_polars(folders),
                "pandas": lambda: of_pandas(folders),
                "Delta Lake": lambda: of_delta(folders),
                "dlt": lambda: of_dlt(mirror, folder),
            }
            if chosen.spark:
                engines = {"PySpark": lambda: of_spark(folders)}
            different = 0
            for engine, ask in engines.items():
                began = time.monotonic()
                found = ask()
                is_same = found == expected
                different += not is_same
                took = f"{time.monotonic() - began:.1f} s"
                print(f"{engine}: {'the same answers' if is_same else 'OTHER ANSWERS'} in {took}")
                if not is_same:
                    print(f"  expected {expected}\n  found    {found}", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
