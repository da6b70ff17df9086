"""Setting the inputs of a workflow to what `-s` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._console.exits import CommandError
from .._console.sanitizing import safe_line
from .._console.streams import write_message
from .assignments import RANDOM, SET, assigned_inputs

if TYPE_CHECKING:
    from comfy_cloud import Workflow
    from comfy_cloud._workflows.node_catalogue import NodeCatalogue


def set_inputs(
    workflow: Workflow, settings: tuple[str, ...], classes: NodeCatalogue | None
) -> dict[str, Any]:
    """Set the inputs, and report the seeds that were drawn; returns the values by "id.input"."""
    import random

    from comfy_cloud import ConfigurationError

    drawn: list[int] = []

    def draw(least: int, most: int) -> int:
        drawn.append(random.SystemRandom().randint(least, most))
        return drawn[-1]

    found = assigned_inputs(
        workflow, settings, random=draw, catalogue=None if classes is None else lambda: classes
    )
    values: dict[str, Any] = {}
    for address, value in found.items():
        try:
            names = workflow.set_inputs({address: value})
        except ConfigurationError as error:
            raise CommandError(f"{SET}: {error}") from None
        values |= dict.fromkeys(names, value)
        if f"{address}={RANDOM}" in settings and value in drawn:
            write_message(f"{safe_line(', '.join(names))} is {value}")
    return values


def keep_file_names(workflow: Workflow, values: Mapping[str, Any]) -> None:
    """Put the texts back where the library has read the name of a local file or a URL."""
    for file in workflow.files():
        given = str(values[f"{file.node_id}.{file.input}"])
        workflow.replace_file(file, given)
        write_message(
            f"note: {file.node_id}.{file.input} names a file on the server; to use the one that is here, "
            f"upload it first: comfy-cloud files upload {safe_line(given)}"
        )
