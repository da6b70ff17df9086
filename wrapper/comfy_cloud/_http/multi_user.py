"""A self-hosted ComfyUI with several users: the error where no user is named. Pure.

Started with `--multi-user`, such a server has personal files and settings for each user, and reads
the id of the user from the header `comfy-user`. Without it, or with an unknown id, it responds with
500 and no reason. GET /api/users lists the users.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from comfy_cloud_api.types import Operation, Request

from ..errors import ApiError, ConfigurationError

_PERSONAL = ("/api/userdata", "/api/settings", "/userdata", "/settings")
_MOST_SHOWN = 10

USERS_REQUEST = Request(Operation("request", "GET", "/api/users", "none"), "/api/users")


def may_lack_user(operation: Operation, error: object) -> bool:
    """Whether an error can mean that the server does not know the user.

    That is a 500 without a reason, of an operation on personal files or settings.
    """
    return (
        isinstance(error, ApiError)
        and error.status == 500
        and operation.path.startswith(_PERSONAL)
        and not error.body.lstrip().startswith((b"{", b"["))
    )


def unknown_user(comfy_user: str | None, users_body: bytes) -> ConfigurationError | None:
    """The error for a user that the server does not have, from the body of GET /api/users.

    None if the server has only one user, or knows this one.
    """
    try:
        found: Any = orjson.loads(users_body)
    except ValueError:
        return None
    users = found.get("users") if isinstance(found, Mapping) else None
    if not isinstance(users, Mapping) or comfy_user in users:
        return None
    problem = (
        "This server has several users and needs to know which one you are"
        if comfy_user is None
        else f"This server has no user with the id {comfy_user!r}"
    )
    shown = [f"{id} ({name})" if name != id else f"{id}" for id, name in users.items()]
    more = f" and {len(shown) - _MOST_SHOWN} more" if len(shown) > _MOST_SHOWN else ""
    listed = f"{', '.join(shown[:_MOST_SHOWN])}{more}" if shown else "none yet; add one in its web page"
    return ConfigurationError(
        f"{problem}: pass comfy_user= with the id, or set COMFY_CLOUD_COMFY_USER. Its users: {listed}"
    )
