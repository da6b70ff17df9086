"""What the rows are about: the sections of the page, each with the modules of its rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A part of the page. `name` is that of its chart's file."""

    name: str
    title: str
    text: str
    modules: tuple[str, ...]


SECTIONS = (
    Section(
        "start",
        "Until the first request",
        "How long a program waits before it can do anything: the import of the package, the start of "
        "the command, and another client in the same process.",
        ("startup",),
    ),
    Section(
        "requests",
        "Requests and jobs",
        "What the client adds to a small request, and how soon a program knows that its job has ended.",
        ("calls", "latency"),
    ),
    Section(
        "reading",
        "Reading large responses",
        "Pages of the history, lists of jobs, node classes and live events. The other side only "
        "decodes them; the client also checks types, converts times and counts deviations.",
        ("decoding", "iteration", "events"),
    ),
    Section(
        "files",
        "Files",
        "Downloads, uploads and hashes. The client verifies what it downloads and publishes it only "
        "when it is complete, which the other side does not do.",
        ("transfers",),
    ),
    Section(
        "mirror",
        "The mirror of the history",
        "Writing the history to a local database, and asking it.",
        ("mirror", "mirror_queries"),
    ),
    Section(
        "emulator",
        "The emulator and its pytest plugin",
        "What a test suite pays for a Comfy Cloud of its own.",
        ("emulator_load", "pytest_plugin"),
    ),
)


def section_of(module: str) -> Section:
    """The section of a module's rows; the last one if none names it."""
    return next((each for each in SECTIONS if module in each.modules), SECTIONS[-1])
