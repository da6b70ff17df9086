"""The commands as data, read from click's objects. Nothing is run or written here."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import click

from comfy_cloud.cli._console.commands import ALIASES
from comfy_cloud.cli._console.options import GlobalOption


@dataclass(frozen=True, slots=True)
class Described:
    """An option or argument as it is typed, and what it does."""

    typed: str
    help: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a description; lines that are `literal` keep their breaks."""

    text: str
    is_literal: bool = False


@dataclass(frozen=True, slots=True)
class CommandDoc:
    """A command, or a noun with its verbs.

    Attributes:
        words: How it is called: `comfy-cloud jobs list`.
        usage: The same with its arguments.
        verbs: Those of a noun, in its order.
    """

    words: str
    usage: str
    summary: str
    paragraphs: list[Paragraph]
    arguments: list[Described]
    options: list[Described]
    examples: list[str]
    alias: str | None = None
    verbs: list[CommandDoc] = field(default_factory=list)


def read(command: click.Command, words: str, *, taken: frozenset[str] = frozenset()) -> CommandDoc:
    """A command and its verbs. `taken` are the verbs of its noun; they hide aliases."""
    context = click.Context(command, info_name=words)
    name = words.rpartition(" ")[2]
    verbs = list(_verbs(command, context, words))
    text = inspect.cleandoc(command.help or "").replace("\f", "")
    alias = next((short for short, verb in ALIASES.items() if verb == name and short not in taken), None)
    return CommandDoc(
        words=words,
        usage=" ".join([words, *_usage(command, context)]),
        summary=re.split(r"(?<=\.) (?=[A-Z])", _joined(text.partition("\n\n")[0]))[0],
        paragraphs=list(_paragraphs(text)),
        arguments=[
            Described(each.make_metavar(context).strip("[]{}"), _joined(getattr(each, "help", None) or ""))
            for each in command.params
            if isinstance(each, click.Argument)
        ],
        options=[
            described_option(each, context)
            for each in command.params
            if isinstance(each, click.Option) and not isinstance(each, GlobalOption) and not each.hidden
        ],
        examples=[f"{words.split()[0]} {example}" for example in getattr(command, "examples", ())],
        alias=alias if taken else None,
        verbs=verbs,
    )


def _verbs(command: click.Command, context: click.Context, words: str) -> Iterator[CommandDoc]:
    if isinstance(command, click.Group):
        names = command.list_commands(context)
        for name in names:
            found = command.get_command(context, name)
            if found is not None and not found.hidden:
                yield read(found, f"{words} {name}", taken=frozenset(names))


def _usage(command: click.Command, context: click.Context) -> Iterator[str]:
    if any(isinstance(each, click.Option) and not isinstance(each, GlobalOption) for each in command.params):
        yield "[OPTIONS]"
    for each in command.params:
        if isinstance(each, click.Argument):
            yield each.make_metavar(context)
    if isinstance(command, click.Group):
        yield "[COMMAND]" if command.invoke_without_command else "COMMAND"


def described_option(option: click.Option, context: click.Context) -> Described:
    """An option as it is typed, such as `-o, --output json|yaml`, with its default."""
    names = sorted(option.opts, key=len)
    value = "" if option.is_flag or option.count else f" {_value(option)}"
    switched_off = f" / {', '.join(option.secondary_opts)}" if option.secondary_opts else ""
    help = _joined(option.help or "")
    default = option.get_default(context, call=False)
    if option.show_default and default is not None and not option.is_flag:
        help = f"{help} Default: {default}.".strip()
    return Described(f"{', '.join(names)}{value}{switched_off}", help)


def _value(option: click.Option) -> str:
    if option.metavar:
        return option.metavar
    if isinstance(option.type, click.Choice):
        return "|".join(str(choice) for choice in option.type.choices)
    if isinstance(option.type, (click.IntRange, click.types.IntParamType)):
        return "N"
    if isinstance(option.type, click.types.FloatParamType):
        return "NUMBER"
    return (option.type.name or "text").upper()


def _paragraphs(text: str) -> Iterator[Paragraph]:
    for part in text.split("\n\n"):
        if part.startswith("\b\n"):
            yield Paragraph(inspect.cleandoc(part[2:]), is_literal=True)
        elif part.strip():
            yield Paragraph(_joined(part))


def _joined(text: str) -> str:
    return " ".join(text.split())
