"""The options that every command takes, before or after its name, and the client that comes of them.

The API key is not among them: on a command line it would end in the shell's history and in the list of processes.
Printing is in `printing`; what the options mean to the library is decided in the library.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from .exits import AUTH, CommandError
from .printing import ColorChoice, safe_line, tell

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud, ResponseInfo, Retry
    from comfy_cloud._settings.config import Settings

NO_KEY = (
    "no API key: run `comfy-cloud auth login`, or set COMFY_CLOUD_API_KEY. Keys are made at "
    "https://platform.comfy.org/profile/api-keys"
)


class GlobalOptions:
    """What the global options were set to; None where they were left out."""

    def __init__(self) -> None:
        self.profile: str | None = None
        self.base_url: str | None = None
        self.timeout: float | None = None
        self.retries: int | None = None
        self.verbose: bool | None = None
        self.color: ColorChoice | None = None

    @property
    def retry(self) -> Retry | None:
        """The retry policy; None for the library's own."""
        if self.retries is None:
            return None
        from comfy_cloud import Retry

        return Retry(attempts=self.retries + 1)


class GlobalOption(click.Option):
    """An option that may stand before or after the command's name; the last one given wins."""

    def __init__(self, *names: str, **settings: Any) -> None:
        super().__init__(names, callback=_remember, expose_value=False, default=None, **settings)


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value is not None and parameter.name is not None:
        setattr(context.ensure_object(GlobalOptions), parameter.name, value)


def global_options() -> list[click.Parameter]:
    """Fresh instances of all global options."""
    return [
        GlobalOption(
            "--profile",
            metavar="NAME",
            help="Profile to use; else COMFY_CLOUD_PROFILE, else the default one.",
        ),
        GlobalOption(
            "--base-url",
            metavar="URL",
            help="Where the API is; else COMFY_CLOUD_BASE_URL, else the profile's.",
        ),
        GlobalOption(
            "--timeout", type=float, metavar="SECONDS", help="How long a connection may stay silent; 30."
        ),
        GlobalOption(
            "--retries",
            type=click.IntRange(0),
            metavar="N",
            help="How often a failed call is repeated; 0: never.",
        ),
        GlobalOption(
            "-v", "--verbose", is_flag=True, flag_value=True, help="Tell each request and retry on stderr."
        ),
        GlobalOption(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            help="auto heeds NO_COLOR and pipes; default.",
        ),
    ]


class Command(click.Command):
    """A command that also takes the global options, listed under a heading of their own."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params = [*self.params, *global_options()]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then the global ones."""
        own: list[tuple[str, str]] = []
        shared: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                (shared if isinstance(parameter, GlobalOption) else own).append(record)
        for title, records in (("Options", own), ("Global options", shared)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class CommandGroup(click.Group):
    """A noun with its verbs. Called without a verb it shows its help on stderr and ends with exit code 2."""

    command_class = Command

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        # Done here, since click's own way of it changed its exit code between versions.
        super().__init__(*arguments, **{**settings, "no_args_is_help": False})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, or show the help when there is nothing to parse."""
        if not args and not ctx.resilient_parsing:
            tell(ctx.get_help())
            ctx.exit(2)
        return super().parse_args(ctx, args)


def command_group(name: str) -> Callable[[Callable[..., Any]], CommandGroup]:
    """Decorator: make a `CommandGroup` of a function, with its docstring for help."""
    return click.group(name, cls=CommandGroup)


pass_options = click.make_pass_decorator(GlobalOptions, ensure=True)
"""Decorator: hand the command its `GlobalOptions` as first argument."""


def settings_of(options: GlobalOptions) -> Settings:
    """The settings that a client would have, without one being made. Raises ConfigurationError."""
    from comfy_cloud._settings import config

    return config.load(
        base_url=options.base_url, timeout=options.timeout, retry=options.retry, profile=options.profile
    )


def connect(options: GlobalOptions, *, api_key: str | None = None, needs_key: bool = True) -> ComfyCloud:
    """A client for these options.

    Raises CommandError (exit code 4) when a key is needed and there is none, and ConfigurationError when an option or
    setting cannot be used.
    """
    import logging

    from comfy_cloud import ComfyCloud

    # Retries are told by the hook, with -v only; without a handler, logging would print its warnings by itself.
    logging.getLogger("comfy_cloud").addHandler(logging.NullHandler())
    show_library_warnings()
    cloud = ComfyCloud(
        api_key=api_key,
        base_url=options.base_url,
        profile=options.profile,
        timeout=options.timeout,
        retry=options.retry,
        on_response=_tell_attempt if options.verbose else None,
    )
    if needs_key and cloud.settings.api_key is None and cloud.settings.is_comfy_cloud:
        cloud.close()
        raise CommandError(NO_KEY, AUTH)
    return cloud


def show_library_warnings() -> None:
    """Show the library's warnings as lines for people. The caller restores what was set before."""
    import warnings

    from comfy_cloud import ComfyCloudWarning

    def show(message: Warning | str, *_: object, **__: object) -> None:
        tell(f"warning: {safe_line(str(message))}")

    warnings.simplefilter("always", ComfyCloudWarning)
    warnings.showwarning = show


def _tell_attempt(info: ResponseInfo) -> None:
    outcome = str(info.status) if info.status is not None else type(info.error).__name__
    line = f"{info.method} {info.path} -> {outcome} in {info.elapsed:.3f} s"
    if info.attempt > 1 or info.retry_in is not None:
        line += f", attempt {info.attempt}"
    if info.request_id:
        line += f", request {info.request_id}"
    if info.retry_in is not None:
        line += f"; again in {info.retry_in:.2f} s"
    tell(safe_line(line))
