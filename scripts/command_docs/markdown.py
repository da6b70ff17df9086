"""The reference of all commands as one page of Markdown. Nothing is written to disk here."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from .commands import CommandDoc, Described

WIDTH = 100
_SPECIAL = re.compile(r"[\\*<>\[\]|]|(?<!\w)_|_(?!\w)")
_HEAD = """\
<!-- Made by `make command-reference` from the commands themselves. Do not edit. -->
# Reference of the command

Every command with its options, as `--help` shows them. [The command](command.md) shows them at
work. The same text is in the man pages, which are installed with the package: `man comfy-cloud`,
`man comfy-cloud-jobs`.
"""


def page(root: CommandDoc, global_options: Iterable[Described], exit_codes: Mapping[int, str]) -> str:
    """The whole page."""
    lines = [_HEAD]
    lines += [f"- [`{noun.words}`](#{_anchor(noun.words)}): {_text(noun.summary)}" for noun in root.verbs]
    lines += ["\n## Global options\n", "Every command takes them, before or after its name.\n"]
    lines += _list(global_options)
    lines += ["\n## Exit codes\n", "| code | meaning |", "|---|---|"]
    lines += [f"| {code} | {_text(meaning)} |" for code, meaning in exit_codes.items()]
    for noun in root.verbs:
        lines += ["", *_command(noun, "##")]
        for verb in noun.verbs:
            lines += ["", *_command(verb, "###")]
    return "\n".join(lines) + "\n"


def _command(command: CommandDoc, level: str) -> Iterator[str]:
    yield f"{level} {command.words}\n"
    if not command.verbs or command.options:
        yield f"```sh\n{command.usage}\n```\n"
    for paragraph in command.paragraphs:
        if paragraph.is_literal:
            yield f"```text\n{paragraph.text}\n```\n"
        else:
            yield f"{textwrap.fill(_text(paragraph.text), WIDTH, break_on_hyphens=False)}\n"
    if command.alias:
        yield f"Short: `{command.words.rpartition(' ')[0]} {command.alias}`\n"
    described = [*command.arguments, *command.options]
    yield from _list(described)
    if command.examples:
        examples = "\n".join(command.examples)
        yield f"{'' if not described else chr(10)}```sh\n{examples}\n```"


def _list(described: Iterable[Described]) -> Iterator[str]:
    for each in described:
        yield textwrap.fill(
            f"- `{each.typed}`: {_text(each.help)}",
            WIDTH,
            subsequent_indent="  ",
            break_on_hyphens=False,
            break_long_words=False,
        )


def _text(text: str) -> str:
    """Prose, in which only what stands between backticks is code."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else _SPECIAL.sub(r"\\\g<0>", part) for part in parts)


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")
