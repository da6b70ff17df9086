"""The commands as pages for `man`, in the macros of man(7). Nothing is written to disk here.

Every text passes `escaped`, so that no letter of a help text is taken for a macro or an escape.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from .commands import CommandDoc, Described, Paragraph
from .surroundings import FILES, environment_variables

WIDTH = 78
_SPECIAL = {
    "\\": r"\(rs",
    "-": r"\-",
    "'": r"\(aq",
    "`": r"\(ga",
    "^": r"\(ha",
    "~": r"\(ti",
    '"': r"\(dq",
}
"""Letters that roff shows as others, such as a typographic quote, which nobody could paste."""


def escaped(text: str) -> str:
    """Text that is shown as it is, also at the beginning of a line."""
    shown = "".join(_SPECIAL.get(char, char) for char in text)
    shown = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in shown)
    return rf"\&{shown}" if shown.startswith(".") else shown


def name_of(command: CommandDoc) -> str:
    """The name of its page: `comfy-cloud-jobs`."""
    return command.words.replace(" ", "-")


def root_page(root: CommandDoc, global_options: Iterable[Described], exit_codes: Mapping[int, str]) -> str:
    """The page of the program itself."""
    lines = [*_head(root), *_synopsis([f"{root.words} [OPTIONS] COMMAND [ARGUMENTS]"])]
    lines += [".SH DESCRIPTION", *_paragraphs(root.paragraphs, is_first=True)]
    lines.append(".SH COMMANDS")
    for noun in root.verbs:
        lines += [".TP", rf"\fB{escaped(name_of(noun))}\fR(1)", *_prose(noun.summary)]
    lines.append(".SH OPTIONS")
    lines += ["Every command takes these options, before or after its name."]
    lines += _described(global_options)
    lines.append(".SH EXIT STATUS")
    lines += _defined({str(code): meaning for code, meaning in exit_codes.items()})
    lines += [".SH ENVIRONMENT", *_defined(environment_variables())]
    lines += [".SH FILES", *_defined(FILES)]
    return "\n".join(lines) + "\n"


def noun_page(noun: CommandDoc, root: str) -> str:
    """The page of a noun with its verbs, or of a command without verbs."""
    usages = [verb.usage for verb in noun.verbs]
    if not noun.verbs or noun.options:
        usages.insert(0, noun.usage)
    lines = [
        *_head(noun),
        *_synopsis(usages),
        ".SH DESCRIPTION",
        *_paragraphs(noun.paragraphs, is_first=True),
    ]
    if noun.arguments or noun.options:
        lines += [".SH OPTIONS", *_described([*noun.arguments, *noun.options])]
    if noun.verbs:
        lines.append(".SH COMMANDS")
    for verb in noun.verbs:
        lines += [f'.SS "{escaped(verb.words)}"', *_paragraphs(verb.paragraphs, is_first=True)]
        if verb.alias:
            lines += [".PP", rf"Short: \fB{escaped(verb.words.rpartition(' ')[0])} {verb.alias}\fR"]
        lines += _described([*verb.arguments, *verb.options])
    examples = [example for each in (noun, *noun.verbs) for example in each.examples]
    if examples:
        lines += [".SH EXAMPLES", *_literal("\n".join(examples))]
    also = "the options that every command takes, the exit status, environment variables and files"
    lines += [".SH SEE ALSO", rf"\fB{escaped(root)}\fR(1), for {also}"]
    return "\n".join(lines) + "\n"


def _head(command: CommandDoc) -> Iterator[str]:
    name = escaped(name_of(command))
    yield '.\\" Made by `make command-reference` from the commands themselves. Do not edit.'
    yield f'.TH "{name.upper()}" 1 "" "comfy\\-cloud" "Comfy Cloud"'
    yield ".SH NAME"
    summary = command.summary.removesuffix(".")
    if not summary.startswith("Comfy "):
        summary = summary[:1].lower() + summary[1:]
    yield from _wrapped(rf"{name} \- {escaped(summary)}")


def _synopsis(usages: Iterable[str]) -> Iterator[str]:
    yield ".SH SYNOPSIS"
    yield ".nf"
    for usage in usages:
        words = re.match(r"[a-z][a-z -]*[a-z]", usage)
        bold = words[0] if words is not None else ""
        yield rf"\fB{escaped(bold)}\fR{escaped(usage[len(bold) :])}"
    yield ".fi"


def _paragraphs(paragraphs: Iterable[Paragraph], *, is_first: bool = False) -> Iterator[str]:
    for number, paragraph in enumerate(paragraphs):
        if number or not is_first:
            yield ".PP"
        if paragraph.is_literal:
            yield from _literal(paragraph.text)
        else:
            yield from _prose(paragraph.text)


def _prose(text: str) -> Iterator[str]:
    """Text that roff fills: each sentence begins a line; what is between backticks is bold."""
    for sentence in re.split(r"(?<=[.:;]) (?=[A-Z])", text):
        parts = re.split(r"`([^`]*)`", sentence)
        yield from _wrapped(
            "".join(
                rf"\fB{escaped(part)}\fR" if number % 2 else escaped(part)
                for number, part in enumerate(parts)
            )
        )


def _wrapped(shown: str) -> Iterator[str]:
    """Escaped text, in lines that are no macros wherever they break."""
    for line in textwrap.wrap(shown, WIDTH, break_long_words=False, break_on_hyphens=False):
        yield rf"\&{line}" if line.startswith(".") else line


def _literal(text: str) -> Iterator[str]:
    yield ".RS 4"
    yield ".nf"
    for line in text.splitlines():
        yield escaped(line)
    yield ".fi"
    yield ".RE"


def _defined(meanings: Mapping[str, str]) -> Iterator[str]:
    for word, meaning in meanings.items():
        yield ".TP"
        yield rf"\fB{escaped(word)}\fR"
        yield from _prose(meaning)


def _described(described: Iterable[Described]) -> Iterator[str]:
    for each in described:
        yield ".TP"
        yield rf"\fB{escaped(each.typed)}\fR"
        yield from _prose(each.help) if each.help else [r"\&"]
