"""`/_emulator/jobs`, `/_emulator/failures` and `/_emulator/submissions`: jobs, and how they end.

They show no key.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.engine.submissions import Submission
from comfy_cloud_emulator.http.redaction import shown_json
from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX
from comfy_cloud_emulator.http.request_reading import bounded, choice
from comfy_cloud_emulator.http.responses import ApiProblem, json_line_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.jobs.statuses import STATUSES
from comfy_cloud_emulator.state.json_values import is_object

from .controlled import Controlled, ControlledAccount
from .reading import FieldTypes, account_of, fields, known_query

MOST_LISTED: Final = 1000
LISTED: Final = 100
"""Jobs in a list, unless `limit` asks for another number."""
FAILURE: Final[FieldTypes] = {
    "exception_type": (str, type(None)),
    "node": (str, type(None)),
    "message": (str, type(None)),
}
_PATH: Final = f"{CONTROL_PREFIX}jobs"


def routes(emulator: Controlled, own: str, keys: Collection[str]) -> list[Operation]:
    """The operations of this module. `own` is the account where none is named."""

    def listed(request: Request, status: str | None, limit: int) -> list[dict[str, Any]]:
        emulator.time.advance(0)  # brings the jobs up to date
        named = "account" in request.query_params
        accounts = [account_of(request, emulator, own)] if named else list(emulator.accounts.values())
        where, values = ("", ()) if status is None else ("WHERE status = ?", (status,))
        rows = [
            (created, number, id, account)
            for account in accounts
            for created, number, id in account.store.read(
                f"SELECT create_time, number, id FROM jobs {where}"  # noqa: S608 - no text of the request
                " ORDER BY create_time DESC, number DESC LIMIT ?",
                (*values, limit),
            )
        ]
        rows.sort(key=lambda row: row[:2], reverse=True)
        found = [(account, account.store.get(id)) for _, _, id, account in rows[:limit]]
        return [_document(account, job) for account, job in found if job is not None]

    async def get_jobs(request: Request) -> Response:
        known_query(request, "account", "status", "limit")
        status = choice(request, "status", STATUSES)
        limit = bounded(request, "limit", LISTED, least=1, most=MOST_LISTED)
        return json_line_response({"jobs": await run_in_threadpool(listed, request, status, limit)})

    def found(request: Request) -> tuple[ControlledAccount, Job]:
        emulator.time.advance(0)
        id = request.path_params["id"]
        named = "account" in request.query_params
        accounts = [account_of(request, emulator, own)] if named else list(emulator.accounts.values())
        for account in accounts:
            if (job := account.store.get(id)) is not None:
                return account, job
        raise ApiProblem(404, f"there is no job {id[:80]!r}; GET {_PATH} lists them")

    async def get_job(request: Request) -> Response:
        known_query(request, "account")
        return json_line_response(_document(*await run_in_threadpool(found, request)))

    async def finish(request: Request) -> Response:
        return await steered(request, lambda account, id: account.jobs.finish(id) or True)

    async def hold(request: Request) -> Response:
        return await steered(request, lambda account, id: account.jobs.hold(id))

    async def release(request: Request) -> Response:
        return await steered(request, lambda account, id: account.jobs.release(id) or True)

    async def fail(request: Request) -> Response:
        data = await fields(request, FAILURE)
        return await steered(
            request,
            lambda account, id: account.jobs.fail(
                id,
                data.get("exception_type") or "OOMError",
                node=data.get("node"),
                message=data.get("message"),
            ),
            data.get("node"),
        )

    async def cancel(request: Request) -> Response:
        return await steered(request, lambda account, id: account.jobs.cancel(id), seeded=True)

    async def steered(
        request: Request,
        action: Callable[[ControlledAccount, str], bool],
        node: str | None = None,
        *,
        seeded: bool = False,
    ) -> Response:
        known_query(request, "account")

        def work() -> dict[str, Any]:
            account, job = found(request)
            _refuse_unmoved(account, job, seeded=seeded)
            if node is not None and not _has_node(job, node):
                raise ApiProblem(400, "node: the job has no node of this id or class")
            if not action(account, job.id):
                _refuse_unmoved(account, account.store.get(job.id) or job, seeded=seeded)
                raise ApiProblem(409, "the job changed meanwhile; read it again")
            return _document(account, account.store.get(job.id) or job)

        return json_line_response(await run_in_threadpool(work))

    async def add_failure(request: Request) -> Response:
        known_query(request, "account")
        data = await fields(request, FAILURE)
        account_of(request, emulator, own).jobs.fail_next(
            data.get("exception_type") or "OOMError", node=data.get("node"), message=data.get("message")
        )
        return Response(status_code=201)

    async def get_submissions(request: Request) -> Response:
        known_query(request, "account")
        account = account_of(request, emulator, own)
        return json_line_response(
            {"submissions": [_shown(each, account, keys) for each in account.submissions]}
        )

    return [
        Operation("GET", _PATH, get_jobs),
        Operation("GET", f"{_PATH}/{{id}}", get_job),
        Operation("POST", f"{_PATH}/{{id}}/finish", finish),
        Operation("POST", f"{_PATH}/{{id}}/fail", fail),
        Operation("POST", f"{_PATH}/{{id}}/hold", hold),
        Operation("POST", f"{_PATH}/{{id}}/release", release),
        Operation("POST", f"{_PATH}/{{id}}/cancel", cancel),
        Operation("POST", f"{CONTROL_PREFIX}failures", add_failure),
        Operation("GET", f"{CONTROL_PREFIX}submissions", get_submissions),
    ]


def _refuse_unmoved(account: ControlledAccount, job: Job, *, seeded: bool) -> None:
    """Raise ApiProblem for a job that is over, or that came with the seed data."""
    if job.terminal:
        raise ApiProblem(409, f"the job is over: {job.status}")
    if not seeded and not account.jobs.moves(job.id):
        raise ApiProblem(409, "this job came with the seed data and never proceeds; it can only be cancelled")


def _has_node(job: Job, node: str) -> bool:
    classes = [each.get("class_type") for each in job.graph.values() if is_object(each)]
    return node in job.graph or node in classes


def _document(account: ControlledAccount, job: Job) -> dict[str, Any]:
    error = job.execution_error
    return {
        "id": job.id,
        "account": account.name,
        "status": job.status,
        "state": job.state,
        "number": job.number,
        "create_time": job.create_time,
        "start_time": job.start_time,
        "end_time": job.end_time,
        "held": account.jobs.is_held(job.id),
        "moves": account.jobs.moves(job.id),
        "node": account.jobs.current_node(job.id),
        "executed": account.jobs.executed(job.id),
        "error": None
        if error is None
        else {
            name: str(error.get(name) or "")
            for name in ("exception_type", "exception_message", "node_id", "node_type")
        },
    }


def _shown(submission: Submission, account: ControlledAccount, keys: Collection[str]) -> dict[str, Any]:
    return {
        "prompt_id": submission.prompt_id,
        "number": submission.number,
        "create_time": submission.create_time,
        "workflow_id": submission.workflow_id,
        "client_id": submission.client_id,
        "extra_data": shown_json(submission.extra_data, list(keys)),
        "executed": account.jobs.executed(submission.prompt_id),
    }
