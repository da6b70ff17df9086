"""`/_emulator/accounts`: the accounts, and changing what they may do. They show no key."""

from __future__ import annotations

from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX
from comfy_cloud_emulator.http.responses import ApiProblem, json_line_response
from comfy_cloud_emulator.http.routing import Operation

from .controlled import Controlled, ControlledAccount
from .reading import FieldTypes, fields, known_query, named_account

CHANGES: Final[FieldTypes] = {
    "tier": (str,),
    "credits": (float, type(None)),
    "subscription_active": (bool,),
}
ADDITIONS: Final[FieldTypes] = {"key": (str,), "name": (str,), **CHANGES}
_PATH: Final = f"{CONTROL_PREFIX}accounts"


def routes(emulator: Controlled) -> list[Operation]:
    """The operations of this module."""

    async def get_accounts(request: Request) -> Response:
        known_query(request)
        return json_line_response({"accounts": [_document(each) for each in emulator.accounts.values()]})

    async def add_account(request: Request) -> Response:
        known_query(request)
        given = await fields(request, ADDITIONS)
        try:
            account = await run_in_threadpool(lambda: emulator.add_account(**given))
        except ValueError as error:
            raise ApiProblem(400, str(error)) from error
        # Whoever gave a key has it; one that was made here is shown this once.
        made = {} if "key" in given else {"key": account.key}
        return json_line_response(_document(account) | made, 201)

    async def get_account(request: Request) -> Response:
        known_query(request)
        return json_line_response(_document(named_account(emulator, request.path_params["name"])))

    async def change_account(request: Request) -> Response:
        known_query(request)
        account = named_account(emulator, request.path_params["name"])
        given = await fields(request, CHANGES)
        try:
            account.account.change(**given)
        except ValueError as error:
            raise ApiProblem(400, str(error)) from error
        return json_line_response(_document(account))

    return [
        Operation("GET", _PATH, get_accounts),
        Operation("POST", _PATH, add_account),
        Operation("GET", f"{_PATH}/{{name}}", get_account),
        Operation("PATCH", f"{_PATH}/{{name}}", change_account),
    ]


def _document(account: ControlledAccount) -> dict[str, Any]:
    values = account.account
    return {
        "name": account.name,
        "tier": values.tier,
        "concurrent_jobs": values.concurrent_jobs,
        "credits": values.credits,
        "subscription_active": values.subscription_active,
    }
