"""Background tasks: importing model files, on the emulated clock.

A task starts and ends at instants that are fixed when it is created. Each access first brings the
tasks up to date; this is when a finished import adds its asset to the store.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast, get_args

import orjson
from blake3 import blake3

from comfy_cloud_emulator.state.database import Database
from comfy_cloud_emulator.state.files.file_store import FileStore
from comfy_cloud_emulator.state.json_values import Json

from .asset_store import Asset, AssetStore
from .remote_files import RemoteFile, remote_file_at

TaskStatus = Literal["created", "running", "completed", "failed", "cancelled"]

STATUSES: Final[tuple[TaskStatus, ...]] = get_args(TaskStatus)
DOWNLOAD: Final = "asset_download"
"""Name of the import tasks."""
START_MS: Final = 500
"""Milliseconds from creation until a task runs."""
RUN_MS: Final = 3_000
"""Milliseconds that a task runs."""

_ACTIVE: Final = "status IN ('created', 'running')"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS tasks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    idempotency_key TEXT NOT NULL,
    task_name TEXT NOT NULL,
    payload TEXT NOT NULL,
    status TEXT NOT NULL,
    result TEXT,
    error_message TEXT,
    create_time INTEGER NOT NULL,
    update_time INTEGER NOT NULL,
    started_at INTEGER,
    completed_at INTEGER
);
CREATE INDEX IF NOT EXISTS tasks_by_status ON tasks (status);
"""
_COLUMNS: Final = (
    "id, idempotency_key, task_name, payload, status, result, error_message, create_time, update_time,"
    " started_at, completed_at"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task. Instants are Unix milliseconds."""

    id: str
    idempotency_key: str
    task_name: str
    payload: Json = field(repr=False)
    status: TaskStatus
    result: Json | None
    error_message: str | None
    create_time: int
    update_time: int
    started_at: int | None
    completed_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQuery:
    """The query; None and empty values do not filter. Instants are Unix milliseconds."""

    task_name: str | None = None
    idempotency_key: str | None = None
    statuses: Collection[str] = ()
    created_after: int | None = None
    created_before: int | None = None
    descending: bool = True
    offset: int = 0
    limit: int = 20


class TaskStore:
    """Tasks by id. `now` gives Unix milliseconds. Safe to use from any thread."""

    def __init__(
        self, database: Database, files: FileStore, assets: AssetStore, now: Callable[[], int]
    ) -> None:
        self._database = database
        self._files = files
        self._assets = assets
        self._now = now
        database.create(_SCHEMA)

    def import_file(
        self,
        remote: RemoteFile,
        *,
        tags: Sequence[str] = (),
        user_metadata: Json | None = None,
        preview_id: str | None = None,
    ) -> Task | Asset:
        """Begin to import a file.

        Returns the asset if it exists, or the running task if there is one.
        """
        self.settle()
        with self._database.write() as database:
            known = self._assets.by_digest(blake3(remote.content).hexdigest())
            if known is not None:
                return known
            running = self._select(f"{_ACTIVE} AND idempotency_key = ?", [remote.url])
            if running:
                return running[0]
            id, now = str(uuid.uuid4()), self._now()
            payload: Json = {
                "source_url": remote.url,
                "filename": remote.filename,
                "tags": list(tags) or remote.tags,
                "user_metadata": user_metadata or {},
                "preview_id": preview_id,
                "bytes_total": remote.content_length,
            }
            database.execute(
                f"INSERT INTO tasks ({_COLUMNS})"  # noqa: S608
                " VALUES (?, ?, ?, ?, 'created', NULL, NULL, ?, ?, NULL, NULL)",
                (id, remote.url, DOWNLOAD, orjson.dumps(payload).decode(), now, now),
            )
        return self._existing(id)

    def settle(self) -> None:
        """Bring every task up to date."""
        if not self._database.read(f"SELECT 1 FROM tasks WHERE {_ACTIVE} LIMIT 1"):  # noqa: S608
            return
        now = self._now()
        with self._database.write() as database:
            for task in self._select(_ACTIVE):
                start, end = task.create_time + START_MS, task.create_time + START_MS + RUN_MS
                if now >= end:
                    self._finish(task, start, end)
                elif now >= start and task.status == "created":
                    database.execute(
                        "UPDATE tasks SET status = 'running', started_at = ?, update_time = ? WHERE id = ?",
                        (start, start, task.id),
                    )

    def active(self) -> list[Task]:
        """The tasks that are not over, oldest first."""
        self.settle()
        return self._select(f"{_ACTIVE} ORDER BY number")

    def get(self, id: str) -> Task | None:
        """The task with this id (in any spelling of the UUID), or None."""
        self.settle()
        found = self._select("id = ?", [id.lower()])
        return found[0] if found else None

    def page(self, query: TaskQuery) -> tuple[list[Task], int]:
        """One page of the matching tasks by time of creation, and the number of all of them."""
        self.settle()
        conditions, parameters = ["1"], list[Any]()
        for condition, value in (
            ("task_name = ?", query.task_name),
            ("idempotency_key = ?", query.idempotency_key),
            ("create_time > ?", query.created_after),
            ("create_time < ?", query.created_before),
        ):
            if value is not None:
                conditions.append(condition)
                parameters.append(value)
        if query.statuses:
            conditions.append(f"status IN ({', '.join('?' * len(query.statuses))})")
            parameters += query.statuses
        where, order = " AND ".join(conditions), "DESC" if query.descending else "ASC"
        total: int = self._database.read(f"SELECT count(*) FROM tasks WHERE {where}", parameters)[0][0]  # noqa: S608
        found = self._select(
            f"{where} ORDER BY create_time {order}, number {order} LIMIT ? OFFSET ?",
            [*parameters, query.limit, query.offset],
        )
        return found, total

    def cancel(self, id: str) -> bool | None:
        """Cancel a task. True when it was active, False when it was over, None when unknown."""
        task = self.get(id)
        if task is None:
            return None
        if task.status not in ("created", "running"):
            return False
        now = self._now()
        with self._database.write() as database:
            database.execute(
                "UPDATE tasks SET status = 'cancelled', update_time = ?, completed_at = ? WHERE id = ?",
                (now, now, task.id),
            )
        return True

    def _finish(self, task: Task, start: int, end: int) -> None:
        payload = task.payload
        remote = remote_file_at(payload["source_url"])
        status, result, error = "completed", None, None
        if remote.fails:
            status, error = "failed", "the site refused the file: access to the model is gated"
        else:
            file = self._files.record(
                self._files.put(remote.content, ".safetensors", remote.filename, "input")
            )
            if file is None:
                raise LookupError(f"{remote.filename} was not stored")
            asset = self._assets.add(
                file,
                name=remote.filename,
                tags=payload["tags"],
                user_metadata=payload["user_metadata"],
                metadata={"source_url": remote.url},
                preview_id=payload["preview_id"],
            )
            result = orjson.dumps({"asset_id": asset.id, "asset_name": asset.name}).decode()
        with self._database.write() as database:
            database.execute(
                "UPDATE tasks SET status = ?, result = ?, error_message = ?, started_at = ?, update_time = ?,"
                " completed_at = ? WHERE id = ?",
                (status, result, error, start, end, end, task.id),
            )

    def _select(self, condition: str, parameters: Sequence[object] = ()) -> list[Task]:
        rows = self._database.read(f"SELECT {_COLUMNS} FROM tasks WHERE {condition}", parameters)  # noqa: S608
        return [_task(row) for row in rows]

    def _existing(self, id: str) -> Task:
        task = self.get(id)
        if task is None:
            raise LookupError(f"the task {id} is gone")
        return task


def _task(row: Sequence[Any]) -> Task:
    id, key, name, payload, status, result, error, created, updated, started, completed = row
    return Task(
        id=id,
        idempotency_key=key,
        task_name=name,
        payload=orjson.loads(payload),
        status=cast("TaskStatus", status),
        result=None if result is None else orjson.loads(result),
        error_message=error,
        create_time=created,
        update_time=updated,
        started_at=started,
        completed_at=completed,
    )
