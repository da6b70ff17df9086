"""`comfy-cloud config`: each setting and where it comes from, and what a profile sets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import click

from ._console.client import load_settings
from ._console.commands import command_group
from ._console.exits import CommandError
from ._console.known_values import words as complete_words
from ._console.listing import Listing, listing_options
from ._console.options import GlobalOptions, pass_options
from ._console.records import Column
from ._console.sanitizing import safe_line
from ._console.streams import write_data, write_message

if TYPE_CHECKING:
    from comfy_cloud import Settings

COLUMNS: dict[str, Column[dict[str, Any]]] = {
    "setting": Column(itemgetter("setting"), rank=0, least=None),
    "value": Column(itemgetter("value"), lambda row: _shown(row["value"]), least=16, rank=1),
    "source": Column(
        itemgetter("source"),
        lambda row: row["source"].removeprefix("environment variable "),
        csv_has_value=True,
        least=16,
        rank=2,
    ),
}
_OPTIONS = {
    "base_url": "--base-url",
    "timeout": "--timeout",
    "retry": "--retries",
    "profile": "--profile",
    "api": "--api",
}
_SETTINGS = ("base_url", "timeout", "storage_hosts", "proxy", "ca_file", "comfy_user", "api")
_NAME = f"A setting of a profile: {', '.join(_SETTINGS[:-1])} or {_SETTINGS[-1]}."


@command_group("config")
def command() -> None:
    """Show the settings and their sources, and change a profile."""


@command.command(
    "show",
    examples=["config show", "config show base_url", "config show --profile work", "config show -o json"],
)
@click.argument(
    "name",
    required=False,
    metavar="[NAME]",
    help="Only this setting.",
    shell_complete=complete_words(*_SETTINGS),
)
@listing_options(COLUMNS, table=tuple(COLUMNS))
@pass_options
def show_command(options: GlobalOptions, listing: Listing, name: str | None) -> None:
    """Show each setting, its value, and where it comes from.

    Options win over the environment, the environment over the profile. Keys are not shown.
    """
    rows = list(_settings(options))
    if name is not None:
        known = [row["setting"] for row in rows]
        wanted = name.strip().lower().replace("-", "_")
        if wanted not in known:
            raise CommandError(f"there is no setting {name!r}; choose from {', '.join(known)}")
        rows = [row for row in rows if row["setting"] == wanted]
    listing.write(rows, "settings")


@command.command("path", examples=["config path"])
def path_command() -> None:
    """Show the path of the file with the profiles."""
    from .._settings import profiles

    write_data(f"{profiles.config_folder() / 'config.toml'}\n")


@command.command(
    "set",
    examples=[
        "config set timeout 60",
        "config set storage_hosts files.example.com,minio.lan --profile work",
        "config set proxy http://proxy.example.com:3128",
    ],
)
@click.argument("name", metavar="NAME", help=_NAME, shell_complete=complete_words(*_SETTINGS))
@click.argument("value", metavar="VALUE", help="Its value; hosts are separated by commas.")
@pass_options
def set_command(options: GlobalOptions, name: str, value: str) -> None:
    """Set a setting of a profile.

    The profile is --profile, then COMFY_CLOUD_PROFILE, then the default profile. Keys are stored by
    `auth login`.
    """
    from .._settings import profiles

    setting = _setting(name)
    profile = profile_name(options)
    is_new = profile not in profiles.profile_names()
    profiles.set_in_profile(profile, setting, value)
    write_message(f"set {setting} in {'the new ' if is_new else ''}profile {profile!r}")
    _warn_of_the_environment(setting)


@command.command("unset", examples=["config unset proxy", "config unset timeout --profile work"])
@click.argument("name", metavar="NAME", help=_NAME, shell_complete=complete_words(*_SETTINGS))
@pass_options
def unset_command(options: GlobalOptions, name: str) -> None:
    """Remove a setting from a profile, so that the default counts."""
    from .._settings import profiles

    profile = profile_name(options)
    known = profiles.profile_names()
    if profile not in known:
        raise CommandError(f"there is no profile {profile!r} (profiles: {', '.join(known) or 'none'})")
    setting = _setting(name)
    if not profiles.unset_in_profile(profile, setting):
        raise CommandError(f"profile {profile!r} does not set {setting}")
    write_message(f"removed {setting} from profile {profile!r}")
    _warn_of_the_environment(setting)


def profile_name(options: GlobalOptions) -> str:
    """The profile that a command changes: --profile, the environment, or the default one."""
    from .._settings import profiles, sources

    return options.profile or os.environ.get(sources.ENVIRONMENT["profile"]) or profiles.read_profile().name


def source_text(setting: str, source: str) -> str:
    """Where a setting comes from, in words of the command line."""
    if source == "argument":
        return f"option {_OPTIONS[setting]}"
    return source


def _setting(name: str) -> str:
    from .._settings.profile_rules import CHANGEABLE
    from .._workflows.near_names import nearest

    setting = name.strip().lower().replace("-", "_")
    if setting in CHANGEABLE:
        return setting
    if "key" in setting:
        raise CommandError(f"{safe_line(name)} is not set here: store a key with `comfy-cloud auth login`")
    close = nearest(setting, CHANGEABLE, count=1)
    advice = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(CHANGEABLE)}"
    raise CommandError(f"a profile has no setting {name!r}; {advice}")


def _warn_of_the_environment(setting: str) -> None:
    from .._settings.sources import ENVIRONMENT

    if os.environ.get(ENVIRONMENT[setting]):
        write_message(f"note: {ENVIRONMENT[setting]} is set, and wins over the profile")


def _settings(options: GlobalOptions) -> Iterator[dict[str, Any]]:
    settings = load_settings(options)
    network = settings.network
    yield _row("profile", *_profile(options))
    for name in ("base_url", "api_key", "partner_api_key", "timeout"):
        value = getattr(settings, name)
        if name.endswith("api_key"):
            value = "present" if value is not None else "absent"
        yield _row(name, value, source_text(name, settings.sources[name]))
    yield _row("storage_hosts", list(settings.storage_hosts), settings.sources["storage_hosts"])
    yield _row("comfy_user", settings.comfy_user, settings.sources["comfy_user"])
    yield _row("api", settings.api, source_text("api", settings.sources["api"]))
    yield _row("proxy", *proxy_in_use(settings))
    yield _row("ca_file", network.ca_file, settings.sources["ca_file"])
    attempts = "default" if options.retries is None else "option --retries"
    yield _row("retries", settings.retry.attempts - 1, attempts)
    for name in ("max_connections", "max_response_bytes", "allow_insecure", "strict"):
        yield _row(name, getattr(settings, name), "default")
    yield from _folders()


def _row(setting: str, value: Any, source: str) -> dict[str, Any]:
    return {"setting": setting, "value": value, "source": source}


def _profile(options: GlobalOptions) -> tuple[str, str]:
    from .._settings import profiles, sources

    variable = sources.ENVIRONMENT["profile"]
    if options.profile:
        return options.profile, "option --profile"
    if os.environ.get(variable):
        return os.environ[variable], f"environment variable {variable}"
    found = profiles.read_profile()
    return found.name, "the profile file" if found.exists else "default"


def proxy_in_use(settings: Settings) -> tuple[str | None, str]:
    """The proxy without its password, and its source: the setting, or the environment."""
    from urllib.request import getproxies

    source = settings.sources["proxy"]
    if settings.network.proxy is not None:
        return without_password(settings.network.proxy.reveal()), source
    found = settings.network.proxy_for(settings.base_url, getproxies())
    if found is None:
        return None, source
    return without_password(found), "environment variable HTTPS_PROXY, HTTP_PROXY or ALL_PROXY"


def without_password(proxy: str) -> str:
    """The URL of a proxy without its user and password."""
    scheme, separator, rest = proxy.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def _folders() -> Iterator[dict[str, Any]]:
    from .._settings import profiles, user_folders
    from .._workflows import catalogue_file

    for name, folder, variable in (
        ("config_folder", profiles.config_folder(), user_folders.CONFIG_VARIABLE),
        ("cache_folder", catalogue_file.cache_folder(), user_folders.CACHE_VARIABLE),
    ):
        source = f"environment variable {variable}" if os.environ.get(variable) else "default"
        yield _row(name, str(folder), source)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)
