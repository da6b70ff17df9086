"""Write the reference of the command, as a page and for `man`: `python -m scripts.command_reference
[--check]`.

Both are made from the commands of the installed package, which are read and not run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from comfy_cloud.cli._console.exits import EXIT_CODES
from comfy_cloud.cli._console.options import global_options
from comfy_cloud.cli.app import PROGRAM, root
from scripts.command_docs import markdown, roff
from scripts.command_docs.commands import described_option, read
from scripts.project import made_files as made
from scripts.project.checkout import Checkout


def main(arguments: list[str] | None = None, checkout: Checkout | None = None) -> int:
    """Write the pages, or with --check compare; 0 when all is well."""
    check = made.is_check(arguments, __doc__)
    checkout = checkout or Checkout()
    texts = made_files(checkout)
    orphans = sorted(set(checkout.man_pages.glob("*")) - texts.keys())
    if check:
        return made.check(texts, checkout.root, "make command-reference", orphans)
    written = made.write(texts, orphans)
    print(f"{checkout.command_reference.name} and {len(texts) - 1} man pages: {len(written)} changed")
    return 0


def made_files(checkout: Checkout, command: click.Command = root) -> dict[Path, str]:
    """All pages with their texts."""
    program = read(command, PROGRAM)
    context = click.Context(command, info_name=PROGRAM)
    options = [described_option(each, context) for each in _options(global_options())]
    texts = {checkout.command_reference: markdown.page(program, options, EXIT_CODES)}
    folder = checkout.man_pages
    texts[folder / f"{PROGRAM}.1"] = roff.root_page(program, options, EXIT_CODES)
    for noun in program.verbs:
        texts[folder / f"{roff.name_of(noun)}.1"] = roff.noun_page(noun, PROGRAM)
    return texts


def _options(parameters: Iterable[click.Parameter]) -> list[click.Option]:
    return [each for each in parameters if isinstance(each, click.Option)]


if __name__ == "__main__":
    sys.exit(main())
