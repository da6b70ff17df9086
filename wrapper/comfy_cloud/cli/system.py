"""`comfy-cloud system`: the server's versions, devices and features."""

from __future__ import annotations

from ._console.client import connect
from ._console.commands import command_group
from ._console.details import Details, details_options
from ._console.options import GlobalOptions, pass_options


@command_group("system")
def command() -> None:
    """Show the server's versions, devices and features."""


@command.command("stats", examples=["system stats", "system stats --jq .devices[0].name"])
@details_options
@pass_options
def stats_command(options: GlobalOptions, details: Details) -> None:
    """Show the server's versions and devices."""
    with connect(options, needs_key=False) as cloud:
        stats = cloud.system.stats().to_dict()
    text = dict(stats.get("system") or {})
    for number, device in enumerate(stats.get("devices") or []):
        text[f"device {number}"] = device
    details.write(stats, text=text)


@command.command("features", examples=["system features"])
@details_options
@pass_options
def features_command(options: GlobalOptions, details: Details) -> None:
    """Show the features and limits of the server and the account."""
    with connect(options, needs_key=False) as cloud:
        details.write(cloud.system.features().to_dict())
