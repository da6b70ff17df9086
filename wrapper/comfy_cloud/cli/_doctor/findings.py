"""What `comfy-cloud doctor` finds: one finding for each check, made within a deadline."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from .._console.wording import in_command_words

State = Literal["ok", "warning", "failed", "skipped"]

DEADLINE = 10.0
"""Seconds that a check may take, whatever it waits for."""


class Finding(NamedTuple):
    """The outcome of one check: what was measured, and what to try if it is not well.

    `is_auth` is True if it failed because the key is missing or not accepted.
    """

    check: str
    state: State
    figure: str
    remedy: str = ""
    is_auth: bool = False

    def with_texts(self, figure: str, remedy: str) -> Finding:
        """The same with other texts."""
        return Finding(self.check, self.state, figure, remedy, self.is_auth)

    def record(self) -> dict[str, Any]:
        """The finding for data formats."""
        return {
            "check": self.check,
            "state": self.state,
            "figure": self.figure,
            "remedy": self.remedy or None,
        }


def within(
    check: str,
    function: Callable[[], Finding],
    remedy: str = "run it again with -v, which shows each request",
) -> Finding:
    """The finding of a check; a failed one if it raises, or is not done after `DEADLINE` seconds.

    `remedy` is what to try if the library raises an error.

    The thread of a check that hangs is left behind, and ends with the program.
    """
    found: list[Finding] = []
    thread = threading.Thread(target=lambda: found.append(_guarded(check, function, remedy)), daemon=True)
    thread.start()
    thread.join(DEADLINE)
    if found:
        return found[0]
    return Finding(
        check,
        "failed",
        f"no result within {DEADLINE:g} s",
        "check the network, and whether something drops packets",
    )


def _guarded(check: str, function: Callable[[], Finding], remedy: str) -> Finding:
    from comfy_cloud import ComfyCloudError

    try:
        return function()
    except ComfyCloudError as error:
        return Finding(check, "failed", in_command_words(str(error)), remedy)
    except Exception as error:  # noqa: BLE001 - of a check nothing may end the others
        return Finding(check, "failed", f"unexpected {type(error).__name__}: {error}", "please report this")
