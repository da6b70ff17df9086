"""`--preview` of the verbs that show a job: its images, on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from .._console.details import Details
from .._console.exits import NOT_FOUND, CommandError
from .._console.sanitizing import safe_line
from .._console.streams import can_redraw, write_message

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud, Output

PREVIEW = click.option("--preview", is_flag=True, help="Also show the images, on a terminal.")
_LARGEST_SIDE = 1024
"""Pixels of the smaller copy that the server is asked for."""
_LARGEST_FILE = 64_000_000
_HEIGHT = 24


def refuse_preview(details: Details, *, raw: bool) -> None:
    """Raise CommandError where no image can be shown."""
    from .._runs.preview_image import has_size

    if raw or details.jq is not None or details.form != "table":
        other = "--raw" if raw else "--jq" if details.jq is not None else f"--output {details.form}"
        if can_redraw(sys.stdout):
            raise CommandError(f"--preview and {other} cannot be combined")
    if not can_redraw(sys.stdout):
        raise CommandError(
            "--preview needs a terminal on stdout; to save the files, use comfy-cloud jobs download"
        )
    if not has_size():
        raise CommandError("--preview needs a terminal that says how large it is; try: stty cols 80 rows 24")
    for package, module in (("textual-image", "textual_image"), ("pillow", "PIL")):
        if find_spec(module) is None:
            raise CommandError(f"--preview needs the package {package}: pip install 'comfy-cloud[preview]'")


def show_previews(cloud: ComfyCloud, job_id: str, outputs: Sequence[Output]) -> None:
    """Show the images, each under its name, and say on stderr what cannot be shown.

    Raises CommandError if the server no longer has some.
    """
    from rich.console import Console

    from comfy_cloud import NotFound

    from .._runs.preview_image import has_true_color, image_class_in_any_case, preview_image

    if not outputs:
        write_message("the job has no files to show")
        return
    make = image_class_in_any_case()
    # Half blocks without color would show nothing, so the settings for colored text do not count.
    console = Console(
        file=sys.stdout,
        color_system="truecolor" if has_true_color() else "auto",
        no_color=False,
        legacy_windows=False,
        highlight=False,
    )
    missing, hidden = [], []
    for output in outputs:
        name = safe_line(output.display_name or output.filename)
        if output.kind != "image":
            hidden.append(f"{name} ({output.kind})")
            continue
        try:
            content = _content(cloud, output)
        except NotFound:
            missing.append(name)
            continue
        image = None if content is None else preview_image(content, make, height=_HEIGHT)
        if image is None:
            hidden.append(f"{name} (an image that is too large, or of another format)")
            continue
        console.print(f"\n{name}", markup=False)
        console.print(image)
    if hidden:
        save = f"comfy-cloud jobs download {safe_line(job_id)}"
        write_message(f"not shown: {', '.join(hidden)}; to save the files: {save}")
    if missing:
        raise CommandError(f"no longer on the server: {', '.join(missing)}", NOT_FOUND)


def _content(cloud: ComfyCloud, output: Output) -> bytes | None:
    """The image, as a smaller copy if the server makes one; None if it is too large."""
    from comfy_cloud import NotSupported

    try:
        with cloud.files.open(output, res=_LARGEST_SIDE) as file:
            return _bounded(file)
    except NotSupported:
        with cloud.files.open(output) as file:
            return _bounded(file)


def _bounded(parts: Iterable[bytes]) -> bytes | None:
    content = bytearray()
    for part in parts:
        content += part
        if len(content) > _LARGEST_FILE:
            return None
    return bytes(content)
