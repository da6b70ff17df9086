"""What the control routes read of a request: its query, its optional JSON body, and its account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request

from comfy_cloud_emulator.http.request_reading import json_object
from comfy_cloud_emulator.http.responses import ApiProblem
from comfy_cloud_emulator.state.json_values import is_array

from .controlled import Controlled, ControlledAccount

FieldTypes = Mapping[str, tuple[type, ...]]
"""The types of a body's fields, by their names. `bool` is not taken for a number."""
_WORDS: Final = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
    list: "a list of texts",
}


def known_query(request: Request, *names: str) -> None:
    """Raise ApiProblem for a parameter that the operation does not have, or one given twice."""
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if name not in names:
            known = f"known parameters: {', '.join(names)}" if names else "it has none"
            raise ApiProblem(400, f"unknown query parameter {name[:40]!r}; {known}")
        if given.count(name) > 1:
            raise ApiProblem(400, f"{name}: given more than once")


async def fields(request: Request, types: FieldTypes) -> dict[str, Any]:
    """The fields in the body, which may be missing. Raises ApiProblem for unknown or wrong ones."""
    if not (await request.body()).strip():
        return {}
    data = await json_object(request, types)
    for name, value in data.items():
        if not _is_of(value, types[name]):
            expected = " or ".join(_WORDS[each] for each in types[name])
            raise ApiProblem(400, f"{name}: expected {expected}")
    return data


def _is_of(value: Any, types: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in types
    if is_array(value):
        return list in types and all(isinstance(item, str) for item in value)
    return isinstance(value, types) or (isinstance(value, int) and float in types)


def account_of(request: Request, emulator: Controlled, own: str) -> ControlledAccount:
    """The account of the parameter `account`, else that of the request's key."""
    return named_account(emulator, request.query_params.get("account", own))


def named_account(emulator: Controlled, name: str) -> ControlledAccount:
    """The account of a name. Raises ApiProblem when there is none."""
    accounts = emulator.accounts
    if name not in accounts:
        # Somebody may have sent a key, so it is not repeated.
        raise ApiProblem(404, f"there is no account of this name; there are: {', '.join(accounts)}")
    return accounts[name]
