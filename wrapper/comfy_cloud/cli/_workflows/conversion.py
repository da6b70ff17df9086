"""What `workflow convert` and `workflow layout` need: converting to and from UI workflows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._console.exits import NOT_FOUND, CommandError
from .._console.wording import in_command_words

if TYPE_CHECKING:
    from comfy_cloud import Conversion, Workflow, WorkflowLayout

    from .input import WorkflowInput


def layout_or_error(found: WorkflowInput) -> Mapping[str, Any]:
    """The UI workflow in FILE. Raises CommandError when there is only the API graph."""
    if found.layout is None:
        raise CommandError(f"{found.name} contains only the API graph, which needs no conversion", NOT_FOUND)
    return found.layout


def convert_layout(
    name: str, layout: Mapping[str, Any], classes: Mapping[str, Any], *, strict: bool
) -> Conversion:
    """The conversion of a UI workflow. Raises CommandError when it cannot be converted."""
    from comfy_cloud import ConfigurationError, convert_workflow

    try:
        return convert_workflow(layout, classes, strict=strict)
    except ConfigurationError as error:
        raise CommandError(f"{name}: {in_command_words(str(error))}") from None


def laid_out(name: str, workflow: Workflow, classes: Mapping[str, Any]) -> WorkflowLayout:
    """A UI workflow made of a graph. Raises CommandError when it cannot be made."""
    from comfy_cloud import ConfigurationError

    try:
        return workflow.layout(classes)
    except ConfigurationError as error:
        raise CommandError(f"{name}: {in_command_words(str(error))}") from None
