"""`comfy-cloud auth`: store an API key in a profile, forget it, and see which key and server are used.

Where keys are kept is decided in `comfy_cloud._settings.profiles`. A key is read from a hidden prompt or from stdin, never from an
option, and is never printed, not even in part.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from .exits import API, AUTH, CommandError
from .options import NO_KEY, GlobalOptions, command_group, connect, pass_options, settings_of
from .printing import (
    fields_text,
    json_text,
    on_terminal,
    output_format,
    safe_line,
    table_text,
    tell,
    use_color,
    write,
)

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud

_MISSING = (404, 405, 501)
"""What a server answers to GET /api/user that has no accounts, such as a ComfyUI of one's own."""


@command_group("auth")
def command() -> None:
    """Store an API key, and see which one is used."""


@command.command("status")
@click.option("--offline", is_flag=True, help="Do not ask the server whether the key works.")
@click.option(
    "-o", "--output", "chosen", type=click.Choice(["table", "json"]), help="Format; else by terminal or pipe."
)
@pass_options
def status_command(options: GlobalOptions, offline: bool, chosen: str | None) -> None:
    """Which key and server are used, where they come from, and whether the key works (GET /api/user).

    Ends with exit code 4 when there is no key, or the server does not accept it.
    """
    from comfy_cloud import Forbidden, Unauthorized

    settings = settings_of(options)
    has_key = settings.api_key is not None
    facts: dict[str, Any] = {
        "base_url": settings.base_url,
        "base_url_source": _source(settings.sources["base_url"]),
        "key": "present" if has_key else "none",
        "key_source": _source(settings.sources["api_key"]) if has_key else None,
        "check": "skipped",
        "user": None,
    }
    failure: CommandError | None = None
    if not has_key and (offline or settings.is_comfy_cloud):
        failure = CommandError(NO_KEY, AUTH)
    elif not offline:
        try:
            with connect(options) as cloud:
                facts["user"] = _user(cloud)
            facts["check"] = "valid" if facts["user"] is not None else "unavailable"
        except (Unauthorized, Forbidden) as error:
            facts["check"] = "invalid"
            failure = CommandError(str(error) if has_key else NO_KEY, AUTH)
    if output_format(chosen) == "json":
        write(f"{json_text(facts, indent=2)}\n")
    else:
        write(fields_text(_status_fields(facts)))
    if failure is not None:
        raise failure


def _status_fields(facts: dict[str, Any]) -> list[tuple[str, str]]:
    checks = {
        "valid": "the server accepts it",
        "invalid": "the server does not accept it",
        "unavailable": "this server does not answer GET /api/user, so it cannot be checked",
        "skipped": "not asked",
    }
    key = f"present ({facts['key_source']})" if facts["key_source"] else "none"
    fields = [("server", f"{facts['base_url']} ({facts['base_url_source']})"), ("key", key)]
    fields.append(("check", checks[facts["check"]]))
    if facts["user"]:
        known = [str(facts["user"][name]) for name in ("id", "status") if facts["user"].get(name)]
        fields.append(("user", safe_line(", ".join(known))))
    return fields


def _source(source: str) -> str:
    return "option --base-url" if source == "argument" else source


@command.command("login")
@click.option(
    "--keyring/--no-keyring",
    default=None,
    help="Keep the key in the system's keyring, or in a file only you can read; else the keyring if there is one.",
)
@click.option("--with-key", metavar="-", help="With - for its value: read the key from stdin.")
@click.option("--no-check", is_flag=True, help="Store the key without asking the server whether it works.")
@pass_options
def login_command(options: GlobalOptions, keyring: bool | None, with_key: str | None, no_check: bool) -> None:
    """Store an API key in a profile.

    The key is asked for, or read from stdin. It is stored once the server has accepted it (GET /api/user), together with
    the base URL if that is not Comfy Cloud's own. The profile is --profile, else COMFY_CLOUD_PROFILE, else the default
    one; the first one made becomes the default.
    """
    from comfy_cloud._settings import fields, profiles, sources

    if with_key not in (None, "-"):
        # The value is not repeated: it may well be a key.
        raise CommandError(
            "--with-key takes only -, and the key from stdin: a key on the command line is not safe there"
        )
    name = _profile_name(options)
    options.base_url = _login_url(options, name)
    secret = fields.secret_from(_read_key(from_stdin=with_key == "-"), "API key")
    if secret is None:
        raise CommandError(
            "no key was given, so nothing is stored. Keys are made at https://platform.comfy.org/profile/api-keys"
        )
    # The profile to be written may not exist yet, so the client that checks the key must not look for it.
    options.profile = None
    os.environ.pop(sources.ENVIRONMENT["profile"], None)
    with connect(options, api_key=secret.reveal()) as cloud:
        url = cloud.settings.base_url
        if not no_check and _user(cloud) is None:
            raise CommandError(
                f"{url} does not answer GET /api/user, so the key cannot be checked; --no-check stores it all the same",
                API,
            )
    store = profiles.save_profile(
        name,
        api_key=secret.reveal(),
        base_url=url if url != fields.DEFAULT_BASE_URL else None,
        use_keyring=keyring,
    )
    where = "the system's keyring" if store == "keyring" else f"a private file in {profiles.config_folder()}"
    tell(f"stored the key for {url} in profile {name!r}, in {where}")


def _profile_name(options: GlobalOptions) -> str:
    from comfy_cloud._settings import profiles, sources

    return options.profile or os.environ.get(sources.ENVIRONMENT["profile"]) or profiles.read_profile().name


def _login_url(options: GlobalOptions, name: str) -> str:
    """The server the key is for: option, else environment, else what the profile says now, else Comfy Cloud."""
    from comfy_cloud._settings import fields, profiles, sources

    known = profiles.read_profile(name).get("base_url") if name in profiles.profile_names() else None
    found = options.base_url or os.environ.get(sources.ENVIRONMENT["base_url"]) or known
    return fields.base_url_from(found or fields.DEFAULT_BASE_URL)


def _read_key(*, from_stdin: bool) -> str:
    if from_stdin or not on_terminal(sys.stdin):
        return sys.stdin.read().strip()
    return str(click.prompt("API key", hide_input=True, err=True, default="", show_default=False)).strip()


@command.command("logout")
@pass_options
def logout_command(options: GlobalOptions) -> None:
    """Forget a profile and its key: --profile, else COMFY_CLOUD_PROFILE, else the default one."""
    from comfy_cloud._settings import profiles

    name = _profile_name(options)
    if not profiles.delete_profile(name):
        known = ", ".join(profiles.profile_names()) or "none"
        raise CommandError(f"there is no profile {name!r} (profiles: {known})")
    tell(f"forgot profile {name!r} and its key")


@command.command("list")
@click.option(
    "-o", "--output", "chosen", type=click.Choice(["table", "json"]), help="Format; else by terminal or pipe."
)
@pass_options
def list_command(options: GlobalOptions, chosen: str | None) -> None:
    """The profiles there are, and where each keeps its key. No key is read."""
    from comfy_cloud._settings import fields, profiles

    default = profiles.read_profile().name
    rows = []
    for name in profiles.profile_names():
        values = profiles.read_profile(name).values
        url = values.get("base_url", fields.DEFAULT_BASE_URL)
        rows.append(
            {
                "profile": name,
                "default": name == default,
                "base_url": url,
                "key_store": values.get("key_store", "file"),
            }
        )
    if output_format(chosen) == "json":
        write(f"{json_text(rows, indent=2)}\n")
    elif rows:
        cells = [
            [str(v) if not isinstance(v, bool) else "yes" if v else "" for v in row.values()] for row in rows
        ]
        write(table_text(list(rows[0]), cells, color=use_color(options.color)))
    else:
        tell("no profiles; `comfy-cloud auth login` makes one")


def _user(cloud: ComfyCloud) -> dict[str, Any] | None:
    """What GET /api/user says; None when the server has no such operation.

    Raises Unauthorized or Forbidden for a key that is not accepted, and CommandError for an answer that is no user.
    """
    from comfy_cloud import ApiError, NotSupported

    try:
        response = cloud.request("GET", "/api/user")
    except NotSupported:
        return None
    except ApiError as error:
        if error.status in _MISSING:
            return None
        raise
    try:
        found = response.json() if response.status_code == 200 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CommandError(
            f"{cloud.settings.base_url} does not answer like Comfy Cloud; is the base URL right?", API
        )
    return found
