"""`comfy-cloud emulate`: run the local Comfy Cloud until Ctrl-C, and log its requests.

The emulator itself is the package `comfy_cloud_emulator`; only its options and its log are here.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._console.commands import Command
from ._console.exits import CommandError
from ._console.options import GlobalOptions, pass_options
from ._console.sanitizing import safe_line
from ._console.streams import use_color, write_message

if TYPE_CHECKING:
    from comfy_cloud_emulator import Account, Emulator, Fault, Request

_FAULT_FORM = (
    "a fault is its kind, then in any order how often (x2; x*: always), a method, a path, a duration "
    "(2s, 500ms), after=N, retry-after=N; for example '500 x2 GET /api/history_v2', 'reset x1', "
    "'delay 2s /api/user'"
)
_ACCOUNT_FORM = (
    "an account is its key, then in any order tier=free|standard|creator|pro, credits=N, name=NAME; "
    "for example 'my-second-key tier=pro credits=100'"
)
_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s)")


@click.command(
    "emulate",
    cls=Command,
    examples=["emulate", "emulate --quirks comfyui", "emulate --seed-data none --data cloud-data"],
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8189, show_default=True, help="0: any free port."
)
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Keep the state in this folder."
)
@click.option(
    "--seed-data", default="demo", show_default=True, metavar="demo|none|N", help="The jobs at the start."
)
@click.option("--key", metavar="KEY", help="The key it accepts; default: the emulator's own.")
@click.option(
    "--tier",
    type=click.Choice(["free", "standard", "creator", "pro"]),
    default="standard",
    show_default=True,
    help="The account's subscription: 1, 1, 3 or 5 jobs run at a time.",
)
@click.option(
    "--account",
    "accounts",
    multiple=True,
    metavar="TEXT",
    help="An additional account: 'KEY tier=pro credits=100 name=second'.",
)
@click.option(
    "--speed",
    type=float,
    default=1.0,
    show_default=True,
    help="How many times faster its jobs run.",
)
@click.option(
    "--quirks",
    default="live",
    show_default=True,
    metavar="live|published|comfyui|comfyui_new|NAME,...",
    help="How it differs from the service; see above.",
)
@click.option(
    "--object-info",
    metavar="FILE|URL",
    help="The node classes of your server: its /api/object_info, saved or at its address.",
)
@click.option("--fault", "faults", multiple=True, metavar="TEXT", help="A failure to inject; see above.")
@pass_options
def command(
    options: GlobalOptions,
    port: int,
    data: Path | None,
    seed_data: str,
    key: str | None,
    tier: Any,
    accounts: tuple[str, ...],
    speed: float,
    quirks: str,
    object_info: str | None,
    faults: tuple[str, ...],
) -> None:
    """Run a local Comfy Cloud on 127.0.0.1 until Ctrl-C. No other machine can reach it.

    Each --fault injects a failure: a status, or reset, cut, html, garbage, retired or delay,
    followed by the requests that it applies to:

    \b
      --fault '500 x2 GET /api/history_v2'   the first two responses are 500
      --fault 'reset'                        the next connection is reset
      --fault '503 x* retry-after=5'         every response is 503
      --fault 'delay 2s /api/jobs/*'         one response is late

    Servers with this API differ in some points, called quirks. With --quirks `live` the emulator
    behaves like the service, with `published` exactly as its contract says, and with `comfyui`
    (version 0.3.64) or `comfyui_new` (0.38) like a self-hosted ComfyUI, which needs no key. Names
    of single quirks change only those points of `live`:

    \b
      --quirks validate_at_submit,interrupt_all

    A wrong name shows the list of all quirks.

    With --object-info, workflows with the node classes of your own server are checked and run:
    classes that the emulator does not have are imitated. An address is read once, at the start:

    \b
      --object-info http://127.0.0.1:8188

    Each account (that of --key and each --account) has its own jobs, files, tier and credits, and
    cannot see those of the others.
    """
    try:
        from comfy_cloud_emulator import DEFAULT_KEY, Emulator
    except ModuleNotFoundError as error:
        raise CommandError(
            f"this needs the package {error.name}: pip install 'comfy-cloud[emulator]'"
        ) from None

    added = _accounts(accounts)
    try:
        emulator = Emulator(
            DEFAULT_KEY if key is None else key,
            _seed(seed_data),
            port,
            data,
            tier=tier,
            accounts=added,
            speed=speed,
            quirks=_quirks(quirks),
            object_info=object_info,
        )
        emulator.faults.add(*[parse_fault(text) for text in faults])
    except ValueError as error:
        raise CommandError(str(error)) from None
    log = _RequestLog(color=use_color(options.color, sys.stderr), keys=[emulator.key, *added])
    try:
        emulator.serve_forever(on_ready=_announce, on_request=log.request)
    except OSError as error:
        raise CommandError(str(error)) from None
    write_message("stopped")


def _seed(text: str) -> Any:
    if text == "demo":
        return "demo"
    if text == "none":
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    raise CommandError(f"--seed-data must be demo, none or a number of jobs, not {text!r}")


def _accounts(texts: tuple[str, ...]) -> dict[str, Account]:
    accounts: dict[str, Account] = {}
    for text in texts:
        key, account = parse_account(text)
        if key in accounts:
            raise CommandError("--account: two accounts have the same key; give each its own")
        accounts[key] = account
    return accounts


def parse_account(text: str) -> tuple[str, Account]:
    """The key and the account in a text such as `KEY tier=pro credits=100`.

    Raises CommandError, with a message that does not contain the key.
    """
    from comfy_cloud_emulator import Account

    key, *words = text.split() or [""]
    if not key or re.match(r"(tier|credits|name)=", key):
        raise CommandError(f"--account: the key must come first; {_ACCOUNT_FORM}")
    fields: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in ("tier", "credits", "name"):
            # The word may be part of a key, so the message does not repeat it.
            raise CommandError(f"--account: a word after the key is not valid; {_ACCOUNT_FORM}")
        if name in fields:
            raise CommandError(f"--account: {name} is given twice; {_ACCOUNT_FORM}")
        fields[name] = _number(value) if name == "credits" else value
    try:
        return key, Account(**fields)
    except ValueError as error:
        raise CommandError(f"--account: {error}") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise CommandError(f"--account: credits must be a number, not {text[:20]!r}") from None


def parse_fault(text: str) -> Fault:
    """The fault in a text such as `500 x2 GET /api/history_v2`.

    Raises CommandError, which describes the format.
    """
    from comfy_cloud_emulator import Fault

    words = text.split()
    if not words:
        raise CommandError(_FAULT_FORM)
    kind, *rest = words
    fields: dict[str, Any] = {}
    if kind.isdigit():
        fields["status"] = int(kind)
        kind = "status"
    for word in rest:
        name, value = _fault_field(word)
        if name in fields:
            raise CommandError(f"--fault {text!r}: {word!r} gives {name} twice; {_FAULT_FORM}")
        fields[name] = value
    try:
        return Fault(kind, **fields)  # type: ignore[arg-type]  # Fault rejects an unknown kind
    except ValueError as error:
        raise CommandError(f"--fault {text!r}: {error}") from None


def _fault_field(word: str) -> tuple[str, Any]:
    name, _, number = word.partition("=")
    if word == "x*":
        return "times", None
    if word.startswith("x") and word[1:].isdigit():
        return "times", int(word[1:])
    if word.startswith("/"):
        return "path", word
    if found := _TIME.fullmatch(word):
        return "seconds", float(found[1]) / (1000 if found[2] == "ms" else 1)
    if name in {"after", "retry-after"} and number.isdigit():
        return name.replace("-", "_"), int(number)
    if word.isalpha() and word.isupper():
        return "method", word
    if word.isdigit():
        return "status", int(word)
    raise CommandError(f"{word!r} is not valid in a fault; {_FAULT_FORM}")


def _quirks(text: str) -> str | list[str]:
    from comfy_cloud_emulator.quirks import PRESETS

    if text in PRESETS:
        return text
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or set(PRESETS) & set(names):
        raise CommandError(
            f"--quirks must be one of {', '.join(PRESETS)}, or names of quirks separated by commas"
        )
    return names


def _announce(emulator: Emulator) -> None:
    what = "a self-hosted ComfyUI" if emulator.quirks.no_key else "Comfy Cloud"
    write_message(f"Emulating {what} at {emulator.url} until Ctrl-C. To use it:")
    write_message(f"  export COMFY_CLOUD_BASE_URL={emulator.url}")
    if not emulator.quirks.no_key:
        write_message(f"  export COMFY_CLOUD_API_KEY={shlex.quote(emulator.key)}")
        for name, tenant in emulator.accounts.items():
            if tenant is not emulator.accounts.default:
                left = tenant.account.credits
                credits = "" if left is None else f", {left:g} credits"
                write_message(f"  account {name}: {tenant.account.tier}{credits}; uses the key you gave it")
    write_message(f"Open {emulator.url}/ in a browser to watch its jobs, files, faults and requests.")


class _RequestLog:
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
