"""Workflows that the account saved, in versions. Nothing here reads a graph."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from comfy_cloud_emulator.state.database import Database
from comfy_cloud_emulator.state.json_values import Json

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS saved_workflows (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    details TEXT NOT NULL,
    latest_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS saved_workflow_versions (
    workflow_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    graph TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (workflow_id, version)
);
"""
_COLUMNS: Final = "id, name, details, latest_version, created_at, updated_at"
_VERSION_COLUMNS: Final = "id, version, graph, created_at"
_ORDERS: Final = {"create_time": "created_at", "update_time": "updated_at", "name": "name"}

Order = Literal["create_time", "update_time", "name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedWorkflow:
    """A workflow without its graphs. `details` are its optional fields as they are shown."""

    id: str
    name: str
    details: Json
    latest_version: int
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedVersion:
    """One version of a workflow."""

    id: str
    version: int
    graph: Json
    created_at: int


class SavedWorkflows:
    """Saved workflows by id. `now` gives Unix milliseconds. Safe to use from any thread."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._database = database
        self._now = now
        database.create(_SCHEMA)

    def create(self, graph: Json, name: str, details: Json) -> SavedWorkflow:
        """Save a new workflow with its first version."""
        id, now = str(uuid.uuid4()), self._now()
        with self._database.write() as database:
            database.execute(
                f"INSERT INTO saved_workflows ({_COLUMNS}) VALUES (?, ?, ?, 1, ?, ?)",  # noqa: S608
                (id, name, _text(details), now, now),
            )
            database.execute(
                "INSERT INTO saved_workflow_versions (workflow_id, version, id, graph, created_at)"
                " VALUES (?, 1, ?, ?, ?)",
                (id, str(uuid.uuid4()), _text(graph), now),
            )
        return SavedWorkflow(
            id=id, name=name, details=details, latest_version=1, created_at=now, updated_at=now
        )

    def get(self, id: str) -> SavedWorkflow | None:
        """The workflow with this id, or None."""
        found = self._database.read(
            f"SELECT {_COLUMNS} FROM saved_workflows WHERE id = ?",  # noqa: S608
            (id,),
        )
        return _workflow(found[0]) if found else None

    def version(self, id: str, number: int | None = None) -> SavedVersion | None:
        """A version of a workflow, by default the latest; None when there is none."""
        condition, parameters = ("", (id,)) if number is None else (" AND version = ?", (id, number))
        found = self._database.read(
            f"SELECT {_VERSION_COLUMNS} FROM saved_workflow_versions WHERE workflow_id = ?"  # noqa: S608
            f"{condition} ORDER BY version DESC LIMIT 1",
            parameters,
        )
        if not found:
            return None
        id, version, graph, created = found[0]
        return SavedVersion(id=id, version=version, graph=orjson.loads(graph), created_at=created)

    def page(
        self, *, name: str | None, view: str | None, order: Order, descending: bool, offset: int, limit: int
    ) -> tuple[list[SavedWorkflow], int]:
        """A page of the workflows that match, and how many do. None does not filter."""
        conditions, parameters = ["1"], list[Any]()
        if name is not None:
            conditions.append("instr(lower(name), lower(?)) > 0")
            parameters.append(name)
        if view is not None:
            conditions.append("coalesce(json_extract(details, '$.default_view'), 'workflow') = ?")
            parameters.append(view)
        where = " AND ".join(conditions)
        ((total,),) = self._database.read(
            f"SELECT count(*) FROM saved_workflows WHERE {where}",  # noqa: S608
            parameters,
        )
        direction = "DESC" if descending else "ASC"
        rows = self._database.read(
            f"SELECT {_COLUMNS} FROM saved_workflows WHERE {where}"  # noqa: S608
            f" ORDER BY {_ORDERS[order]} {direction}, rowid {direction} LIMIT ? OFFSET ?",
            [*parameters, limit, offset],
        )
        return [_workflow(row) for row in rows], total

    def add_version(self, id: str, base: int, graph: Json) -> SavedVersion | None:
        """Add a version, or None when `base` is not the latest one or the workflow is gone."""
        made, now = str(uuid.uuid4()), self._now()
        with self._database.write() as database:
            changed = database.execute(
                "UPDATE saved_workflows SET latest_version = latest_version + 1, updated_at = ?"
                " WHERE id = ? AND latest_version = ?",
                (now, id, base),
            ).rowcount
            if not changed:
                return None
            database.execute(
                "INSERT INTO saved_workflow_versions (workflow_id, version, id, graph, created_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (id, base + 1, made, _text(graph), now),
            )
        return SavedVersion(id=made, version=base + 1, graph=graph, created_at=now)

    def delete(self, id: str) -> bool:
        """Remove a workflow with its versions. False when there is none."""
        with self._database.write() as database:
            database.execute("DELETE FROM saved_workflow_versions WHERE workflow_id = ?", (id,))
            return database.execute("DELETE FROM saved_workflows WHERE id = ?", (id,)).rowcount > 0


def _text(value: Json) -> str:
    return orjson.dumps(value).decode()


def _workflow(row: Any) -> SavedWorkflow:
    id, name, details, latest, created, updated = row
    return SavedWorkflow(
        id=id,
        name=name,
        details=orjson.loads(details),
        latest_version=latest,
        created_at=created,
        updated_at=updated,
    )
