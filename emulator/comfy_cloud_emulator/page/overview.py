"""What the page shows of one account: jobs, files, faults, requests and settings, ready for JSON.

Reads the parts of the emulator and changes none. Marks show cheaply whether a section may have
changed, so an open page costs next to nothing while nothing happens. Numbers of rows and lengths of
texts are limited.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any, Final

import orjson

from comfy_cloud_emulator.engine.clock import EngineTime
from comfy_cloud_emulator.engine.job_engine import MOST_WAITING, JobEngine
from comfy_cloud_emulator.faults import FaultScript
from comfy_cloud_emulator.faults.json_form import fault_to_json
from comfy_cloud_emulator.http.redaction import shown
from comfy_cloud_emulator.http.request_log import Request, RequestLog
from comfy_cloud_emulator.media.media_types import media_type
from comfy_cloud_emulator.state.assets.asset_store import Asset
from comfy_cloud_emulator.state.store import Store

from . import details
from .graph_summaries import GraphSummaries, cut
from .live_progress import LiveProgress
from .search_conditions import contains

MOST_JOBS: Final = 60
"""Finished jobs shown; waiting and running ones are all shown."""
MOST_FILES: Final = 60
MOST_FAULTS: Final = 100
MOST_REQUESTS: Final = 100
_ROW: Final = "SELECT number, id, status, state, create_time, start_time, end_time, digest, listing FROM jobs"
_NEWEST: Final = "ORDER BY create_time DESC, number DESC"
_NEWEST_FILES: Final = "ORDER BY created_at DESC, number DESC"
MOST_SEARCHED: Final = 20_000
"""Jobs that a search looks through, the newest; the rest of an account is for the mirror."""
_SEARCHED_OF_JOB: Final = ("id", "status", "CAST(listing AS TEXT)", "CAST(source AS TEXT)")
_SEARCHED_OF_FILE: Final = ("name", "filename", "mime_type", "tags", "coalesce(job_id, '')")

Section = dict[str, Any]


class Overview:
    """One account as the page shows it, and the requests of all. `keys` are never shown."""

    def __init__(
        self,
        store: Store,
        engine: JobEngine,
        time: EngineTime,
        script: FaultScript,
        records: RequestLog,
        *,
        keys: Collection[str],
    ) -> None:
        self.store = store
        self.progress = LiveProgress(engine.hub)
        self._engine = engine
        self._time = time
        self._script = script
        self._records = records
        self._keys = keys
        self._graphs = GraphSummaries(store)

    # Sections, and marks that change whenever the section may have changed

    def jobs_mark(self) -> object:
        """Changes when jobs change."""
        return (self.store.changes, self._engine.slots_taken, self._engine.account.concurrent_jobs)

    def jobs(self) -> Section:
        """Every waiting or running job, the newest finished ones, and counts by status."""
        counts = dict(self.store.read("SELECT status, count(*) FROM jobs GROUP BY status"))
        unfinished = self.store.read(
            f"{_ROW} WHERE status IN ('pending', 'in_progress') {_NEWEST} LIMIT ?", (2 * MOST_WAITING,)
        )
        over = self.store.read(f"{_ROW} WHERE terminal = 1 {_NEWEST} LIMIT ?", (MOST_JOBS,))
        return {
            "counts": counts,
            "places": self._engine.account.concurrent_jobs,
            "places_taken": self._engine.slots_taken,
            "most_waiting": MOST_WAITING,
            "jobs": [self._job(row) for row in (*unfinished, *over)],
        }

    def found_jobs(self, text: str) -> Section:
        """The newest jobs with every word of a text in id, status, error, outputs or workflow."""
        condition, values = contains(_SEARCHED_OF_JOB, text)
        found = self.store.read(
            f"{_ROW} JOIN sources USING (digest) WHERE number > (SELECT max(number) FROM jobs) - ?"  # noqa: S608
            f" AND {condition} {_NEWEST} LIMIT ?",
            (MOST_SEARCHED, *values, MOST_JOBS + 1),
        )
        return {"jobs": [self._job(row) for row in found[:MOST_JOBS]], "more": len(found) > MOST_JOBS}

    def files_mark(self) -> object:
        """Changes when files change."""
        return self.store.assets.changes

    def files(self) -> Section:
        """The newest of the account's files, and the number of files."""
        count, size = self.store.assets.extent()
        newest = self.store.assets.select(f"NOT is_public {_NEWEST_FILES} LIMIT ?", (MOST_FILES,))
        return {"count": count, "bytes": size, "files": [_file(asset) for asset in newest]}

    def found_files(self, text: str) -> Section:
        """The newest files that contain every word of a text in name, type, tags or job id."""
        condition, values = contains(_SEARCHED_OF_FILE, text)
        found = self.store.assets.select(
            f"NOT is_public AND {condition} {_NEWEST_FILES} LIMIT ?", (*values, MOST_FILES + 1)
        )
        return {"files": [_file(asset) for asset in found[:MOST_FILES]], "more": len(found) > MOST_FILES}

    def job_details(self, id: str) -> Section | None:
        """Everything about one job, or None."""
        return details.job_details(self.store, self._engine, id, self._keys)

    def request_details(self, id: str) -> Section | None:
        """Everything about one request, or None."""
        return details.request_details(self._records, id, self._keys)

    def faults(self) -> Section:
        """The pending faults in order, with their remaining counts."""
        awaited = self._script.awaited()
        return {
            "count": len(awaited),
            "faults": [
                {
                    "id": each.id,
                    "fault": _shortened(fault_to_json(each.fault)),
                    "skips_left": each.skips_left,
                    "hits_left": each.hits_left,
                }
                for each in awaited[:MOST_FAULTS]
            ],
        }

    def account(self) -> Section:
        """The account and the quirks."""
        account, quirks = self._engine.account, self._engine.quirks
        return {
            "tier": account.tier,
            "concurrent_jobs": account.concurrent_jobs,
            "credits": None if account.credits is None else round(account.credits, 2),
            "subscription_active": account.subscription_active,
            "quirks": asdict(quirks),
        }

    def time(self) -> Section:
        """The emulated instant in whole seconds since 1970, and how it passes."""
        return {"kind": self._time.kind, "speed": self._time.speed, "now": int(self._time.now())}

    def requests_mark(self) -> object:
        """Changes when requests arrive, end, or are forgotten."""
        count, records = self._records.latest(MOST_REQUESTS)
        upgrade_count, upgrades = self._records.upgrades.latest(MOST_REQUESTS)
        latest = [*records, *upgrades]
        return count, upgrade_count, [(record.status, record.seconds) for record in latest]

    def requests(self) -> tuple[int, list[dict[str, Any]]]:
        """The number of requests and websockets, and the newest logged ones, newest first."""
        count, records = self._records.latest(MOST_REQUESTS)
        upgrade_count, upgrades = self._records.upgrades.latest(MOST_REQUESTS)
        rows = [self._request(f"r{count - index}", record) for index, record in enumerate(records)]
        rows += [self._request(f"w{upgrade_count - index}", record) for index, record in enumerate(upgrades)]
        rows.sort(key=lambda row: row["started"], reverse=True)
        return count + upgrade_count, rows[:MOST_REQUESTS]

    # Rows

    def _job(self, row: Sequence[Any]) -> dict[str, Any]:
        number, id, status, state, created, started, ended, digest, listing = row
        document, summary = orjson.loads(listing), self._graphs.of(digest)
        preview = document.get("preview_output") or {}
        file, text = preview.get("filename"), preview.get("content")
        error = document.get("execution_error")
        return {
            "id": id,
            "number": number,
            "status": status,
            "state": state,
            "created": created,
            "started": started,
            "ended": ended,
            "words": summary.words,
            "nodes": len(summary.nodes),
            # Node names are needed only while the job runs.
            "names": summary.nodes if status == "in_progress" else {},
            "moves": self._engine.runs_job(id),
            "outputs": document.get("outputs_count", 0),
            "file": file,
            "kind": media_type(file).partition("/")[0] if file else "text" if text else None,
            "text": cut(text) if text else None,
            "error": None if error is None else _shown_error(error),
        }

    def _request(self, id: str, record: Request) -> dict[str, Any]:
        return {
            "id": id,
            "method": record.method[:20],
            "path": shown(record, list(self._keys), with_body=False).address[:300],
            "status": record.status,
            "fault": record.fault,
            "started": record.started,
            "seconds": record.seconds,
        }


def _file(asset: Asset) -> dict[str, Any]:
    return {
        "id": asset.id,
        "name": cut(asset.name),
        "filename": asset.filename,
        "mime_type": asset.mime_type[:80],
        "size": asset.size,
        "created_at": asset.created_at,
        "tags": [cut(tag) for tag in asset.tags[:6]],
        "job_id": asset.job_id,
    }


def _shown_error(error: dict[str, Any]) -> dict[str, str]:
    return {
        "type": cut(str(error.get("exception_type", ""))),
        "message": cut(str(error.get("exception_message", ""))),
        "node_id": cut(str(error.get("node_id", ""))),
        "node_type": cut(str(error.get("node_type", ""))),
    }


def _shortened(fault: dict[str, Any]) -> dict[str, Any]:
    """The fields of a fault, shortened.

    A body may be large and of any kind, so only its beginning is shown.
    """
    body = {"body": cut(str(fault["body"]))} if "body" in fault else {}
    return {name: cut(value) if isinstance(value, str) else value for name, value in (fault | body).items()}
