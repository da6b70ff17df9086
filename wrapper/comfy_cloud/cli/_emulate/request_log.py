"""What `emulate` says of the emulator: a line for each request on stderr, and its accounts."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import click

from .._console.sanitizing import safe_line
from .._console.streams import write_message

if TYPE_CHECKING:
    from comfy_cloud_emulator import Emulator, Request


class RequestLog:
    """One line per request: method, path, status and duration, then the injected fault if any, and
    the account unless it is the default one."""

    def __init__(self, *, color: bool, keys: Collection[str] = ()) -> None:
        self._color = color
        self._keys = keys

    def request(self, record: Request) -> None:
        from comfy_cloud_emulator.http.redaction import shown

        # The query may contain a key, as ?token= of a websocket does.
        address = shown(record, self._keys, with_body=False).address
        status = "aborted" if record.status is None else str(record.status)
        if self._color:
            status = click.style(
                status, fg="green" if record.status is not None and record.status < 400 else "red"
            )
        fault = f" (fault: {record.fault})" if record.fault else ""
        fault += f" (account: {record.account})" if record.account not in (None, "default") else ""
        duration = "" if record.seconds is None else f" in {_duration(record.seconds)}"
        write_message(f"{record.method} {safe_line(address)} -> {status}{duration}{fault}")


def _duration(seconds: float) -> str:
    if seconds < 0.9995:
        return f"{seconds * 1000:.{1 if seconds < 0.00995 else 0}f} ms"
    return f"{seconds:.{1 if seconds < 9.95 else 0}f} s"


def other_accounts(emulator: Emulator) -> dict[str, str]:
    """The accounts beside the default one, by name, each in a few words."""
    found = {}
    for name, tenant in emulator.accounts.items():
        if tenant is not emulator.accounts.default:
            left = tenant.account.credits
            found[name] = tenant.account.tier + ("" if left is None else f", {left:g} credits")
    return found
