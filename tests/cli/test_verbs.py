"""Every verb: what the library can do has one, its help is complete, bad options are refused."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click
import pytest
from rich.cells import cell_len

from comfy_cloud import ComfyCloud
from comfy_cloud.cli.app import COMMANDS, root
from comfy_cloud_emulator import Emulator

from .conftest import Run, run_for_terminal

# The public methods of a client, and the verb for each.
VERBS = {
    "assets.add_tags": "assets tag",
    "assets.delete": "assets delete",
    "assets.download": "assets download",
    "assets.download_model": "assets import",
    "assets.exists": "assets exists",
    "assets.from_hash": "assets from-hash",
    "assets.get": "assets show",
    "assets.import_url": "assets import",
    "assets.iter": "assets list",
    "assets.iter_tags": "assets tags",
    "assets.list": "assets list",
    "assets.remote_metadata": "assets metadata",
    "assets.remove_tags": "assets untag",
    "assets.tag_histogram": "assets count",
    "assets.tags": "assets tags",
    "assets.update": "assets set",
    "assets.upload": "assets upload",
    "files.download": "files download",
    "files.download_all": "jobs download",
    "files.mask_layers": "files layers",
    "files.signed_url": "files url",
    "files.upload_image": "files upload",
    "files.upload_mask": "files mask",
    "history.clear": "history clear",
    "history.delete": "history delete",
    "history.get": "history show",
    "history.iter": "history list",
    "history.list": "history list",
    "mirror": "history sync",
    "jobs.assets": "jobs assets",
    "jobs.cancel": "jobs cancel",
    "jobs.delete": "jobs delete",
    "jobs.get": "jobs show",
    "jobs.iter": "jobs list",
    "jobs.list": "jobs list",
    "jobs.status": "jobs status",
    "jobs.wait": "jobs wait",
    "map": "sweep",
    "models.folders": "models folders",
    "models.list": "models list",
    "models.preview": "models preview",
    "nodes.all": "nodes list",
    "nodes.get": "nodes show",
    "nodes.stubs": "nodes stubs",
    "queue.cancel": "queue cancel",
    "queue.clear": "queue clear",
    "queue.get": "queue list",
    "queue.interrupt": "queue interrupt",
    "queue.remaining": "queue remaining",
    "request": "api",
    "call": "api",
    "run": "run",
    "submit": "run",
    "system.features": "system features",
    "system.stats": "system stats",
    "tasks.cancel": "tasks cancel",
    "tasks.get": "tasks show",
    "tasks.iter": "tasks list",
    "tasks.list": "tasks list",
    "tasks.wait": "tasks wait",
    "user.balance": "user balance",
    "user.get": "user show",
    "userdata.delete": "userdata delete",
    "userdata.list": "userdata list",
    "userdata.read": "userdata read",
    "userdata.write": "userdata write",
    "validate": "workflow validate",
    "workflows.subgraph": "workflow subgraph",
    "workflows.subgraphs": "workflow subgraphs",
    "workflows.templates": "workflow templates",
}
# Those without one, and why.
WITHOUT_VERB = {
    "assets.open": "reads into the memory of a program; `assets download` saves",
    "close": "ends a client, which each command does",
    "events": "the events of the account's other programs; `jobs watch` has those of jobs",
    "files.open": "reads into the memory of a program; `files download` saves",
    "files.output": "makes an object of the library",
}
NOUNS = (
    "assets",
    "files",
    "history",
    "jobs",
    "models",
    "nodes",
    "queue",
    "system",
    "tasks",
    "user",
    "userdata",
    "workflows",
    "workflows",
)


def public_methods() -> Iterator[str]:
    for name, _ in inspect.getmembers(ComfyCloud, inspect.isfunction):
        if not name.startswith("_"):
            yield name
    with ComfyCloud(api_key="k", base_url="http://127.0.0.1:9") as cloud:
        for noun in NOUNS:
            for name, _ in inspect.getmembers(getattr(cloud, noun), inspect.ismethod):
                if not name.startswith("_"):
                    yield f"{noun}.{name}"


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by the words that call it."""
    context = click.Context(root)
    for name in COMMANDS:
        found = root.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            if found.invoke_without_command:
                yield name, found
            for verb in found.list_commands(context):
                command = found.get_command(context, verb)
                assert command is not None
                yield f"{name} {verb}", command
        else:
            yield name, found


ALL = dict(commands())


def test_each_public_method_has_a_verb_or_a_reason() -> None:
    methods = set(public_methods())
    missing = methods - VERBS.keys() - WITHOUT_VERB.keys()
    assert not missing
    assert not (VERBS.keys() | WITHOUT_VERB.keys()) - methods
    assert set(VERBS.values()) <= ALL.keys()


@pytest.mark.parametrize("words", ALL)
def test_help_describes_everything(words: str, run: Run) -> None:
    shown = run(*words.split(), "--help")
    assert (shown.code, shown.err) == (0, "")
    command = ALL[words]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{parameter.name} has no help"
    assert "Examples:" in shown.out, "no examples"
    for example in getattr(command, "examples", ()):
        assert example.startswith(words), example
    assert "--profile NAME" not in shown.out


@pytest.mark.parametrize("words", ALL)
def test_an_unknown_option_is_one_line(words: str, run: Run, empty_cloud: Emulator) -> None:
    shown = run(*words.split(), "--no-such-option")
    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith("error: ")
    assert shown.err.count("\n") == 1
    assert empty_cloud.requests == []


LISTS = [words for words in ALL if words.endswith((" list", " tags", " folders")) or words == "config show"]


@pytest.mark.parametrize("width", [40, 200])
@pytest.mark.parametrize("words", LISTS)
def test_each_row_of_each_list_is_one_line(words: str, width: int, cloud: Emulator) -> None:
    shown = run_for_terminal(*words.split(), "--color", "never", columns=width)
    assert shown.code == 0, shown.err
    assert max(map(cell_len, shown.out.splitlines()), default=0) <= width
    if words in ("jobs list", "history list", "assets list", "models list", "nodes list"):
        assert 7 <= len(shown.out.splitlines()) <= 21
