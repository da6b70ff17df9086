"""`comfy-cloud auth`: store an API key in a profile, delete it, and see which key is used.

`comfy_cloud._settings.profiles` decides where keys are stored. A key is read from a hidden prompt
or from stdin, never from an option, and is never printed, not even in part.
"""

from __future__ import annotations

import os
import sys
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import click

from ._console.client import KEY_PAGE, NO_KEY, connect, load_settings
from ._console.commands import command_group
from ._console.exits import API, AUTH, CommandError
from ._console.formats import fields_text, json_text, output_format
from ._console.known_values import words as complete_words
from ._console.listing import Listing, listing_options
from ._console.options import GlobalOptions, output_option, pass_options
from ._console.prompts import hidden_line
from ._console.records import Column
from ._console.sanitizing import safe_line
from ._console.streams import on_terminal, write_data, write_message
from .account import AccountFacts, account_facts
from .config import profile_name

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud

_NO_ACCOUNTS = (404, 405, 501)
"""Statuses of GET /api/user on a server without accounts, such as a self-hosted ComfyUI."""


PROFILE_COLUMNS: dict[str, Column[dict[str, Any]]] = {
    "profile": Column(itemgetter("profile"), rank=0),
    "default": Column(itemgetter("default"), lambda row: "yes" if row["default"] else ""),
    "base_url": Column(itemgetter("base_url")),
    "key_store": Column(itemgetter("key_store")),
}


@command_group("auth")
def command() -> None:
    """Store an API key, and see which key is used."""


@command.command("status", examples=["auth status", "auth status --offline -o json"])
@click.option("--offline", is_flag=True, help="Do not check the key with the server.")
@output_option("table", "json")
@pass_options
def status_command(options: GlobalOptions, offline: bool, chosen: str | None) -> None:
    """Show which key and server are used, and where both come from.

    The key is checked with GET /api/user. Then the plan, the credits and the running jobs of the
    account are shown, as far as the server gives them. The exit code is 4 if there is no key, or
    the server does not accept it.
    """
    from comfy_cloud import Forbidden, Unauthorized

    settings = load_settings(options)
    has_key = settings.api_key is not None
    facts: dict[str, Any] = {
        "base_url": settings.base_url,
        "base_url_source": _source(settings.sources["base_url"]),
        "key": "present" if has_key else "none",
        "key_source": _source(settings.sources["api_key"]) if has_key else None,
        "check": "skipped",
        "user": None,
        **AccountFacts().record(),
    }
    account = AccountFacts()
    failure: CommandError | None = None
    if not has_key and (offline or settings.is_comfy_cloud):
        failure = CommandError(NO_KEY, AUTH)
    elif not offline:
        try:
            with connect(options) as cloud:
                facts["user"] = _user(cloud)
            facts["check"] = "valid" if facts["user"] is not None else "unavailable"
            with connect(options, retry=False) as cloud:
                account = account_facts(cloud)
            facts.update(account.record())
        except (Unauthorized, Forbidden) as error:
            facts["check"] = "invalid" if has_key else "missing"
            failure = CommandError(str(error) if has_key else NO_KEY, AUTH)
    if output_format(chosen) == "json":
        write_data(f"{json_text(facts, indent=2)}\n")
    else:
        write_data(fields_text(_status_fields(facts, account)))
    if failure is not None:
        raise failure


def _status_fields(facts: dict[str, Any], account: AccountFacts) -> list[tuple[str, str]]:
    checks = {
        "valid": "the server accepts it",
        "invalid": "the server does not accept it",
        "unavailable": "not possible: this server does not support GET /api/user",
        "missing": "there is no key",
        "skipped": "not checked",
    }
    key = f"present ({facts['key_source']})" if facts["key_source"] else "none"
    fields = [("server", f"{facts['base_url']} ({facts['base_url_source']})"), ("key", key)]
    fields.append(("check", checks[facts["check"]]))
    if facts["user"]:
        known = [str(facts["user"][name]) for name in ("id", "status") if facts["user"].get(name)]
        fields.append(("user", safe_line(", ".join(known))))
    texts = (("plan", account.plan_text), ("credits", account.credit_text), ("jobs", account.jobs_text))
    fields += [(label, safe_line(text)) for label, text in texts if text]
    return fields


def _source(source: str) -> str:
    return "option --base-url" if source == "argument" else source


@command.command(
    "login", examples=["auth login", "auth login --profile work", "auth login --with-key - < key.txt"]
)
@click.option(
    "--keyring/--no-keyring",
    default=None,
    help="Store the key in the system's keyring, or in a file only you can read; "
    "default: the keyring if there is one.",
)
@click.option(
    "--with-key",
    metavar="-",
    help="Read the key from stdin; the value must be -.",
    shell_complete=complete_words("-"),
)
@click.option("--no-check", is_flag=True, help="Store the key without checking it with the server.")
@pass_options
def login_command(options: GlobalOptions, keyring: bool | None, with_key: str | None, no_check: bool) -> None:
    """Store an API key in a profile.

    The command prompts for the key, or reads it from stdin. It stores the key once the server has
    accepted it (GET /api/user), together with the base URL if that is not Comfy Cloud's. The
    profile is --profile, then COMFY_CLOUD_PROFILE, then the default profile. The first profile
    becomes the default.
    """
    from comfy_cloud._settings import fields, profiles, sources

    if with_key not in (None, "-"):
        # The value is not repeated: it may be a key.
        raise CommandError(
            "--with-key must be -, and the key is read from stdin: a key on the command line is not safe"
        )
    name = profile_name(options)
    if options.base_url is not None or not os.environ.get(sources.ENVIRONMENT["base_url"]):
        # Not that of another profile.
        options.base_url = _login_url(options, name)
    secret = fields.secret_from(_read_key(from_stdin=with_key == "-"), "API key")
    if secret is None:
        raise CommandError(f"no key was given, so nothing was stored. Create a key at {KEY_PAGE}")
    # The profile may not exist yet, so the client that checks the key must not look for it.
    options.profile = None
    os.environ.pop(sources.ENVIRONMENT["profile"], None)
    with connect(options, api_key=secret.reveal()) as cloud:
        url = cloud.settings.base_url
        if not no_check and _user(cloud) is None:
            raise CommandError(
                f"{url} does not support GET /api/user, so the key cannot be checked; "
                "use --no-check to store it anyway",
                API,
            )
    store = profiles.save_profile(
        name,
        api_key=secret.reveal(),
        base_url=url if url != fields.DEFAULT_BASE_URL else None,
        use_keyring=keyring,
    )
    where = "the system's keyring" if store == "keyring" else f"a private file in {profiles.config_folder()}"
    write_message(f"stored the key for {url} in profile {name!r}, in {where}")


def _login_url(options: GlobalOptions, name: str) -> str:
    """The server that the key is for: the option, the profile, or Comfy Cloud."""
    from comfy_cloud._settings import fields, profiles

    known = profiles.read_profile(name).get("base_url") if name in profiles.profile_names() else None
    found = options.base_url or known
    return fields.base_url_from(found or fields.DEFAULT_BASE_URL)


def _read_key(*, from_stdin: bool) -> str:
    if from_stdin or not on_terminal(sys.stdin):
        return sys.stdin.read().strip()
    return hidden_line("API key").strip()


@command.command("logout", examples=["auth logout", "auth logout --profile work"])
@pass_options
def logout_command(options: GlobalOptions) -> None:
    """Delete a profile and its key.

    The profile is --profile, then COMFY_CLOUD_PROFILE, then the default profile.
    """
    from comfy_cloud._settings import profiles

    name = profile_name(options)
    if not profiles.delete_profile(name):
        known = ", ".join(profiles.profile_names()) or "none"
        raise CommandError(f"there is no profile {name!r} (profiles: {known})")
    write_message(f"deleted profile {name!r} and its key")


@command.command("list", examples=["auth list", "auth list -o json"])
@listing_options(PROFILE_COLUMNS, table=tuple(PROFILE_COLUMNS))
@pass_options
def list_command(options: GlobalOptions, listing: Listing) -> None:
    """List the profiles and where each stores its key. No key is read."""
    from comfy_cloud._settings import fields, profiles

    default = profiles.read_profile().name
    stored = [profiles.read_profile(name) for name in profiles.profile_names()]
    rows = [
        {
            "profile": profile.name,
            "default": profile.name == default,
            "base_url": profile.get("base_url") or fields.DEFAULT_BASE_URL,
            "key_store": profile.get("key_store") or "file",
        }
        for profile in stored
    ]
    listing.write(rows, "profiles", if_none="`comfy-cloud auth login` creates one")


def _user(cloud: ComfyCloud) -> dict[str, Any] | None:
    """The user from GET /api/user; None if the server has no such operation.

    Raises Unauthorized or Forbidden for a key that is not accepted, and CommandError for a
    response that is not a user.
    """
    from comfy_cloud import ApiError, NotSupported

    try:
        response = cloud.request("GET", "/api/user")
    except NotSupported:
        return None
    except ApiError as error:
        if error.status in _NO_ACCOUNTS:
            return None
        raise
    try:
        found = response.json() if response.status_code == 200 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        is_page = "html" in response.headers.get("content-type", "").lower()
        page = " It sent a web page instead, such as the login page of a proxy." if is_page else ""
        raise CommandError(
            f"{cloud.settings.base_url} does not respond like Comfy Cloud.{page} Check that --base-url or "
            "COMFY_CLOUD_BASE_URL is the API",
            API,
        )
    return found
