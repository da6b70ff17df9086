"""What a mirror is asked: the methods of `Mirror` that read. Each has a module of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from .._late_names import names_imported_late

if TYPE_CHECKING:
    from .._files.download_options import SavePath
    from .._jobs.history_filter import When
    from .._workflows.workflow import Workflow
    from .difference import Difference
    from .estimates import Estimate
    from .export.export import Exported
    from .open_mirror import OpenMirror
    from .results import Rows
    from .stats import Stats


@names_imported_late(
    Difference=".difference",
    Estimate=".estimates",
    Exported=".export.export",
    OpenMirror=".open_mirror",
    Rows=".results",
    SavePath=".._files.download_options",
    Stats=".stats",
    When=".._jobs.history_filter",
    Workflow=".._workflows.workflow",
)
class Questions:
    """The questions to a mirror. They read its database, and take no network."""

    def search(
        self,
        query: str = "",
        *,
        status: str | Iterable[str] | None = None,
        since: When | None = None,
        until: When | None = None,
        model: str | None = None,
        workflow_id: str | None = None,
        limit: int | None = 100,
    ) -> Rows:
        """Find jobs by their prompts, texts, titles, models and files.

        Args:
            query: Words, which must all be there; "phrases"; -word and -"phrase" to exclude;
                word* for words that begin so; and fields: prompt:, text:, title:, model:, lora:
                and file: for one kind of text, status:, workflow: and seed: for exact values.
                Upper and lower case, and accents of Latin letters, do not matter. Names are also
                found by the words inside them: sampler finds KSampler. Nothing in it is an error.
            status: Only jobs of this status, or of one of these.
            since, until: Only jobs created at or after, and before: a datetime, a date, a
                timedelta before now, or text such as "30d".
            model: Only jobs with a model whose words begin so, such as "flux".
            workflow_id: Only jobs of this workflow.
            limit: At most so many; None for all.

        Returns:
            The columns of the view `overview`. Of the newest 300 matches, the best come first;
            without words to find, the newest jobs. `is_cut` says whether there are more.

        Raises:
            ConfigurationError: An argument is not valid, or the query has more than 64 terms.
        """
        from .search import search

        return search(
            cast("OpenMirror", self),
            query,
            status=status,
            since=since,
            until=until,
            model=model,
            workflow_id=workflow_id,
            limit=limit,
        )

    def jobs(
        self,
        *,
        status: str | Iterable[str] | None = None,
        since: When | None = None,
        until: When | None = None,
        model: str | None = None,
        workflow_id: str | None = None,
        limit: int | None = None,
    ) -> Rows:
        """The jobs in the mirror, newest first, with the columns of the view `overview`.

        The arguments are those of `search`.
        """
        return self.search(
            status=status, since=since, until=until, model=model, workflow_id=workflow_id, limit=limit
        )

    def stats(
        self,
        *,
        status: str | Iterable[str] | None = None,
        since: When | None = None,
        until: When | None = None,
        model: str | None = None,
        workflow_id: str | None = None,
    ) -> Stats:
        """Count jobs by day, status, workflow and model, with percentiles of their times.

        The arguments are those of `search`.
        """
        from .stats import stats

        return stats(
            cast("OpenMirror", self),
            status=status,
            since=since,
            until=until,
            model=model,
            workflow_id=workflow_id,
        )

    def query(
        self,
        sql: str,
        parameters: Sequence[Any] = (),
        *,
        engine: Literal["sqlite", "duckdb"] | None = None,
        timeout: float = 30.0,
        max_rows: int = 10_000,
    ) -> Rows:
        """Run a query that reads. It cannot write, or reach beyond the mirror.

        Args:
            sql: One statement, over the tables of the mirror and its views.
            parameters: Values for `?` in it (`%s` in PostgreSQL).
            engine: "duckdb" runs it in DuckDB (extra `duckdb`), over copies in memory of the tables
                that it names. By default the mirror's own database runs it.
            timeout: Seconds after which it is stopped.
            max_rows: At most so many rows; `is_cut` of the result says whether there are more.

        Raises:
            ConfigurationError: It writes, opens files, is not valid SQL or ran too long, or its
                result is larger than 512 MB.
        """
        from .sql_query import query

        return query(
            cast("OpenMirror", self), sql, parameters, engine=engine, timeout=timeout, max_rows=max_rows
        )

    def export(
        self,
        to: SavePath,
        *,
        table: str = "history",
        form: str | None = None,
        partition: Literal["month"] | None = None,
        delta: bool = False,
        since: When | None = None,
        overwrite: bool = False,
        filesystem: Any = None,
        progress: Callable[[int], object] | None = None,
    ) -> Exported:
        """Write a table to a file, or to a folder with a file for each month.

        Files appear when they are complete. Memory stays flat, whatever the size of the mirror.

        Args:
            to: A path, or a URL of any fsspec file system. Its ending says the format: .csv,
                .jsonl, .parquet, .xlsx or .duckdb.
            table: "history" has one row for each job, with its prompts, models and files. Others
                are the tables and views of the mirror.
            form: The format, such as "csv", if the name does not say it. A folder gets Parquet.
            partition: "month" writes `month=2026-11/history.parquet` and so on below the folder
                `to`. Files of months that are there are replaced.
            delta: Write a table of Delta Lake at `to`, partitioned by month (package deltalake).
                Months that are there are replaced.
            since: Only jobs created then or later; of partitions, the months from that one on,
                whole.
            overwrite: Whether to replace a file that is there.
            filesystem: A file system of fsspec that `to` is a path on.
            progress: Called with the number of rows that were written.

        Raises:
            ConfigurationError: The table or format does not exist, or a package is missing, which
                the message names.
            FileExistsError: There is a file at `to`, and `overwrite` is false.
        """
        from .export.export import export

        return export(
            cast("OpenMirror", self),
            to,
            table=table,
            form=form,
            partition=partition,
            delta=delta,
            since=since,
            overwrite=overwrite,
            filesystem=filesystem,
            progress=progress,
        )

    def graph(self, job_id: str) -> dict[str, Any]:
        """The graph of a job in API format, as `cloud.run` takes it.

        Raises:
            ConfigurationError: The mirror has no such job (also a LookupError), or not its graph.
        """
        from .stored_jobs import stored_job

        return stored_job(cast("OpenMirror", self), job_id).graph

    def similar(self, job_id: str, *, limit: int = 20) -> Rows:
        """Find other jobs with the same graph, newest first, and say what differs.

        Args:
            job_id: The id of a job, or its beginning.
            limit: At most so many.

        Returns:
            Columns `id`, `status`, `created_ms`, `run_seconds`, `credits`, `changed` (such as
            "3.seed, 6.text") and `values` (the values of these there, by the ids of this job).

        Raises:
            ConfigurationError: The mirror has no such job (also a LookupError), or not its graph.
        """
        from .similar import similar

        return similar(cast("OpenMirror", self), job_id, limit=limit)

    def difference(self, one: str, other: str) -> Difference:
        """How the graphs of two jobs differ: inputs, models, seeds and wiring.

        Ids and order of nodes, their titles and the layout do not count.

        Raises:
            ConfigurationError: The mirror has no such job (also a LookupError), or not its graph.
        """
        from .difference import difference

        return difference(cast("OpenMirror", self), one, other)

    def estimate(self, workflow: Workflow | Mapping[str, Any]) -> Estimate:
        """Estimate the time and credits of a workflow from completed jobs of the same graph.

        Other values of inputs, such as prompts and seeds, do not make another graph. More steps
        or a larger image take longer all the same: the interval shows how much jobs differed.

        Args:
            workflow: A workflow, or a graph in API format.
        """
        from .._workflows.workflow import Workflow
        from .estimates import estimate

        graph = workflow.graph if isinstance(workflow, Workflow) else workflow
        return estimate(cast("OpenMirror", self), graph)
