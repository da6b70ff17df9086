"""The reference of the command: a page of Markdown, and the man pages."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import click
import pytest

from comfy_cloud._settings.sources import ENVIRONMENT
from comfy_cloud.cli._console.commands import command_group
from comfy_cloud.cli.app import COMMANDS, root
from scripts import command_reference
from scripts.command_docs import markdown, roff
from scripts.command_docs.commands import CommandDoc, read
from scripts.project.checkout import Checkout

MACROS = {"TH", "SH", "SS", "PP", "TP", "RS", "RE", "nf", "fi", '\\"'}
LETTERS = {"rs": "\\", "aq": "'", "ga": "`", "ha": "^", "ti": "~", "dq": '"'}
HOSTILE = r"""'Quoted' \fBnot bold\fP and \n(xx, a-b, ~/x^2, "q", ünder 日本, .dots ...and  `--code\d`."""


def shown(page: str) -> str:
    """What a reader sees of a page, all in one line."""
    texts = []
    for line in page.splitlines():
        if line.startswith((".", "'")):
            name, _, rest = line[1:].partition(" ")
            assert name in MACROS, line
            if name not in ("SH", "SS"):
                continue
            line = rest.strip('"')
        line = re.sub(r"\\&|\\f[BR]", "", line)
        line = re.sub(r"\\\[u([0-9A-F]{4,6})\]", lambda found: chr(int(found[1], 16)), line)
        line = re.sub(r"\\-", "-", line)
        line = re.sub(r"\\\((..)", lambda found: LETTERS[found[1]], line)
        texts.append(line.strip())
    return " ".join(" ".join(texts).split())


@command_group("thing")
def thing() -> None:
    """Do things. And more."""


@thing.command("list", examples=["thing list '.[].id' --all"])
@click.argument("name", metavar="NAME...", nargs=-1, help="Its *name*.")
@click.option("-s", "--side", type=click.Choice(["a", "b"]), default="a", show_default=True, help="Which.")
@click.option("--count", type=click.IntRange(1), help="How many.")
@click.option("--yes/--no", help="Whether.")
@click.option("--secret", hidden=True)
def list_things(**_: object) -> None:
    """List <all> of them.

    \b
      .first  line's
      second  \\n
    """


list_things.help = f"{inspect.cleandoc(list_things.help or '')}\n\n{HOSTILE}"


@pytest.fixture
def noun() -> CommandDoc:
    return read(thing, "prog thing")


def verbs_of(found: click.Command) -> list[click.Command]:
    if not isinstance(found, click.Group):
        return []
    context = click.Context(found)
    verbs = (found.get_command(context, name) for name in found.list_commands(context))
    return [verb for verb in verbs if verb is not None]


def test_what_is_read(noun: CommandDoc) -> None:
    (verb,) = noun.verbs
    assert (noun.summary, verb.usage, verb.alias) == ("Do things.", "prog thing list [OPTIONS] NAME...", "ls")
    assert [each.typed for each in verb.options] == ["-s, --side a|b", "--count N", "--yes / --no"]
    assert verb.options[0].help == "Which. Default: a."
    assert [each.typed for each in verb.arguments] == ["NAME..."]
    assert [each.is_literal for each in verb.paragraphs] == [False, True, False]
    assert verb.paragraphs[1].text == ".first  line's\nsecond  \\n"
    assert verb.examples == ["prog thing list '.[].id' --all"]


def test_no_text_is_taken_for_roff(noun: CommandDoc) -> None:
    page = roff.noun_page(noun, "prog")
    text = shown(page)
    assert " ".join(HOSTILE.replace("`", "").split()) in text
    assert ".first line's second \\n" in text
    assert "prog thing list '.[].id' --all" in text
    assert page.isascii()
    assert max(map(len, page.splitlines())) < 120
    assert text.startswith("NAME prog-thing - do things SYNOPSIS prog thing list [OPTIONS] NAME...")


@pytest.mark.parametrize("width", range(3, 90, 4))
def test_no_line_begins_with_a_macro_wherever_it_breaks(
    width: int, noun: CommandDoc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roff, "WIDTH", width)
    assert " ".join(HOSTILE.replace("`", "").split()) in shown(roff.noun_page(noun, "prog"))


def test_markdown_shows_texts_as_they_are(noun: CommandDoc) -> None:
    page = markdown.page(CommandDoc("prog", "", "", [], [], [], [], verbs=[noun]), [], {0: "good|bad"})
    assert "List \\<all\\> of them." in page
    assert "- `NAME...`: Its \\*name\\*." in page
    assert "`--code\\d`" in page
    assert "```text\n.first  line's\nsecond  \\n\n```" in page
    assert "| 0 | good\\|bad |" in page
    assert "Short: `prog thing ls`" in page


class TestTheRealOne:
    def test_every_command_and_option_is_there(self) -> None:
        checkout = Checkout()
        texts = command_reference.made_files(checkout)
        page = texts[checkout.command_reference]
        assert {path.name for path in texts if path.suffix == ".1"} == {
            "comfy-cloud.1",
            *(f"comfy-cloud-{name}.1" for name in COMMANDS),
        }
        context = click.Context(root)
        for name in COMMANDS:
            found = root.get_command(context, name)
            assert found is not None
            manual = shown(texts[checkout.man_pages / f"comfy-cloud-{name}.1"])
            verbs = verbs_of(found)
            assert f"\n## comfy-cloud {name}\n" in page
            for verb in verbs:
                assert f"\n### comfy-cloud {name} {verb.name}\n" in page
                assert f"comfy-cloud {name} {verb.name}" in manual
            for option in (each for command in (found, *verbs) for each in command.params):
                if isinstance(option, click.Option) and not option.hidden:
                    assert option.opts[0] in page
                    is_global = type(option) is not click.Option
                    assert is_global or max(option.opts, key=len) in manual
        manual = shown(texts[checkout.man_pages / "comfy-cloud.1"])
        assert "--base-url URL" in manual
        for variable in (*ENVIRONMENT.values(), "COMFY_API_KEY", "COMFY_CLOUD_CONFIG_DIR", "NO_COLOR"):
            assert f" {variable} " in manual
        assert " EXIT STATUS 0 success " in manual
        assert " FILES ~/.config/comfy-cloud/" in manual
        assert "| 130 | interrupted with Ctrl-C |" in page

    def test_prose_is_narrow(self) -> None:
        checkout = Checkout()
        page = command_reference.made_files(checkout)[checkout.command_reference]
        wide = [line for line in page.splitlines() if len(line) > 100]
        assert all(" " not in line.strip("- ").partition("`: ")[0] or "`" in line for line in wide)


def test_the_check_finds_changed_and_left_over_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout = Checkout(tmp_path)
    assert command_reference.main([], checkout) == 0
    assert command_reference.main(["--check"], checkout) == 0
    page = checkout.man_pages / "comfy-cloud-jobs.1"
    page.write_text("changed")
    left_over = checkout.man_pages / "comfy-cloud-gone.1"
    left_over.write_text("")
    assert command_reference.main(["--check"], checkout) == 1
    said = capsys.readouterr().err
    assert "docs/man/comfy-cloud-jobs.1: is not what the sources make" in said
    assert "docs/man/comfy-cloud-gone.1: no source makes it" in said
    assert "make command-reference" in said
    assert command_reference.main([], checkout) == 0
    assert not left_over.exists()
    assert page.read_text() != "changed"
