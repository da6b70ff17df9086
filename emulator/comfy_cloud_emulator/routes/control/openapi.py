"""The OpenAPI document of the control routes. The schemas of bodies are in `openapi_schemas`."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from comfy_cloud_emulator.http.access import HEALTH_PATH
from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX
from comfy_cloud_emulator.state.jobs.statuses import STATUSES

from .openapi_schemas import COUNT, SCHEMAS, TEXT, Schema, closed, listed, named

_ERRORS: Final = {
    400: "The request is not valid; the message says what is expected.",
    401: "Other machines can reach this emulator, and the request does not carry its key.",
    403: "The request came from a web page of another site, or asked for an unknown host.",
    404: "There is none; the message says how to find one.",
    409: "Its state does not allow this; the message says why.",
}
_ACCOUNT: Final = ("account", TEXT, "The name of an account.")
_JOB: Final = {"name": "id", "in": "path", "required": True, "schema": TEXT, "description": "The job's id."}
_ONE_FAULT: Final = {"oneOf": [named("Fault"), named("FaultText")]}


def _operation(
    id: str,
    summary: str,
    content: Schema | None = None,
    *errors: int,
    status: int = 200,
    body: Schema | None = None,
    needs_body: bool = False,
    query: tuple[tuple[str, Schema, str], ...] = (),
    path: tuple[dict[str, Any], ...] = (),
) -> dict[str, Any]:
    """One operation. `content` is the schema of its success, None for one without a body."""
    success: dict[str, Any] = {"description": summary}
    if content is not None:
        success["content"] = {"application/json": {"schema": content}}
    found: dict[str, Any] = {
        "operationId": id,
        "summary": summary,
        "parameters": [
            *path,
            *(
                {"name": name, "in": "query", "schema": schema, "description": description}
                for name, schema, description in query
            ),
        ],
        "responses": {
            str(status): success,
            **{
                str(each): {"$ref": f"#/components/responses/Error{each}"}
                for each in sorted({400, 401, 403, *errors})
            },
        },
    }
    if body is not None:
        found["requestBody"] = {"required": needs_body, "content": {"application/json": {"schema": body}}}
    return found


def _steering(id: str, summary: str, body: Schema | None = None) -> dict[str, Any]:
    return {
        "post": _operation(id, summary, named("Job"), 404, 409, body=body, query=(_ACCOUNT,), path=(_JOB,))
    }


def _faults(noun: str, of: str) -> dict[str, Any]:
    added = closed({"added": COUNT, "ids": listed(COUNT)})
    pending = closed({"faults": listed(named("Fault")), "pending": listed(named("PendingFault"))})
    id = {"name": "id", "in": "path", "required": True, "schema": COUNT, "description": "Its id."}
    given = {"oneOf": [*_ONE_FAULT["oneOf"], listed(_ONE_FAULT)]}
    path = f"{CONTROL_PREFIX}{'faults' if noun == 'Fault' else 'file_faults'}"
    return {
        path: {
            "get": _operation(f"list{noun}s", f"The pending faults of {of}, with their ids.", pending),
            "post": _operation(
                f"add{noun}s", f"Add faults of {of}.", added, status=201, body=given, needs_body=True
            ),
            "delete": _operation(f"clear{noun}s", f"Remove all faults of {of}.", status=204),
        },
        f"{path}/{{id}}": {
            "delete": _operation(
                f"remove{noun}", f"Remove one fault of {of}.", None, 404, status=204, path=(id,)
            )
        },
    }


def _paths() -> dict[str, Any]:
    account = {"name": "name", "in": "path", "required": True, "schema": TEXT, "description": "Its name."}
    filters = (
        ("method", TEXT, "Only requests with this method."),
        ("path", TEXT, "Only those with this path, or with one that fits the pattern."),
        ("status", {"type": "integer"}, "Only those with a response of this status."),
        ("account", TEXT, "Only those that carried the key of the account of this name."),
        ("limit", {"type": "integer", "minimum": 1}, "Only so many of the newest."),
    )
    jobs = f"{CONTROL_PREFIX}jobs"
    requests = closed({"requests": listed(named("Request"))})
    found = {
        HEALTH_PATH: {
            "get": _operation("getHealth", "Whether it serves, and what is in it.", named("Health"))
        },
        f"{CONTROL_PREFIX}openapi.json": {
            "get": _operation("getDocument", "This document.", {"type": "object", "required": ["openapi"]})
        },
        f"{CONTROL_PREFIX}reset": {
            "post": _operation(
                "reset",
                "Return to the initial state: only the seed data is left.",
                named("Health"),
                409,
                body=named("Settings"),
            )
        },
        jobs: {
            "get": _operation(
                "listJobs",
                "The jobs of all accounts, newest first.",
                closed({"jobs": listed(named("Job"))}),
                404,
                query=(
                    _ACCOUNT,
                    ("status", {"type": "string", "enum": list(STATUSES)}, "Only jobs of this status."),
                    ("limit", {"type": "integer", "minimum": 1, "maximum": 1000}, "At most so many; 100."),
                ),
            )
        },
        f"{jobs}/{{id}}": {
            "get": _operation("getJob", "One job.", named("Job"), 404, query=(_ACCOUNT,), path=(_JOB,))
        },
        f"{jobs}/{{id}}/finish": _steering("finishJob", "Run it to its end now."),
        f"{jobs}/{{id}}/fail": _steering(
            "failJob", "Let it fail now, at its current node or a later one.", named("Failure")
        ),
        f"{jobs}/{{id}}/hold": _steering("holdJob", "Keep it where it is until it is released."),
        f"{jobs}/{{id}}/release": _steering("releaseJob", "Let it go on."),
        f"{jobs}/{{id}}/cancel": _steering("cancelJob", "Cancel it, as if the service did."),
        f"{CONTROL_PREFIX}failures": {
            "post": _operation(
                "failNextJob",
                "Let the next job fail.",
                None,
                404,
                status=201,
                body=named("Failure"),
                query=(_ACCOUNT,),
            )
        },
        f"{CONTROL_PREFIX}submissions": {
            "get": _operation(
                "listSubmissions",
                "What was submitted, oldest first.",
                closed({"submissions": listed(named("Submission"))}),
                404,
                query=(_ACCOUNT,),
            )
        },
        f"{CONTROL_PREFIX}accounts": {
            "get": _operation(
                "listAccounts", "The accounts.", closed({"accounts": listed(named("Account"))})
            ),
            "post": _operation(
                "addAccount", "Add an account.", named("Account"), status=201, body=named("NewAccount")
            ),
        },
        f"{CONTROL_PREFIX}accounts/{{name}}": {
            "get": _operation("getAccount", "One account.", named("Account"), 404, path=(account,)),
            "patch": _operation(
                "changeAccount",
                "Change what an account may do.",
                named("Account"),
                404,
                body=named("AccountChanges"),
                path=(account,),
            ),
        },
        f"{CONTROL_PREFIX}time": {
            "get": _operation("getTime", "The emulated time.", named("Time")),
            "post": _operation(
                "changeTime",
                "Advance, set, freeze or resume the emulated time.",
                named("Time"),
                body=named("TimeChange"),
                needs_body=True,
            ),
        },
        **_faults("Fault", "the API"),
        **_faults("FileFault", "the storage of files"),
        f"{CONTROL_PREFIX}requests": {
            "get": _operation(
                "listRequests", "The requests to the API, oldest first.", requests, query=filters
            ),
            "delete": _operation(
                "clearRequests", "Forget the requests, also those to the storage.", status=204
            ),
        },
        f"{CONTROL_PREFIX}file_requests": {
            "get": _operation(
                "listFileRequests", "The requests to the storage, oldest first.", requests, query=filters
            )
        },
        f"{CONTROL_PREFIX}leaks": {
            "get": _operation(
                "listLeaks",
                "Requests that sent a key to the storage, where none must go.",
                closed({"leaks": listed(named("Leak"))}),
            )
        },
    }
    found[HEALTH_PATH]["get"]["responses"].pop("401")
    found[HEALTH_PATH]["get"]["security"] = [{}]
    return found


@cache
def document() -> dict[str, Any]:
    """The document, which is the same for every emulator."""
    error = {"application/json": {"schema": named("Error")}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Control of a local Comfy Cloud",
            "version": "1",
            "description": "Jobs, accounts, time and faults of the emulator, and what it received.",
        },
        "servers": [{"url": "/"}],
        # The key is needed only where other machines can reach the emulator.
        "security": [{}, {"key": []}, {"bearer": []}, {"password": []}],
        "paths": _paths(),
        "components": {
            "schemas": SCHEMAS,
            "responses": {
                f"Error{status}": {"description": text, "content": error} for status, text in _ERRORS.items()
            },
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
                "password": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The key as the password of any user, for browsers.",
                },
            },
        },
    }
