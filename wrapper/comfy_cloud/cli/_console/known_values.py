"""What shells complete where the values are known beforehand: words, files, paths of the API.

Like `completions`, this asks no server, and imports what it needs when a shell completes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from .completions import Completer, completion_items, job_ids
from .global_options import GlobalOptions

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
_PARAMETER = re.compile(r"\{(\w+)\}")
_REMEMBERED = {"job_id": "jobs", "prompt_id": "jobs", "folder": "model folders"}
"""What earlier commands saw of the parameters in paths."""


def words(*known: str) -> Completer:
    """A function that completes one of these words."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return completion_items(((word, "") for word in known), incomplete)

    return complete


def files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of files, which the shell completes itself."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def files_or_jobs(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of files, and ids of jobs once a letter of one is typed."""
    found = job_ids(context, parameter, incomplete) if incomplete else []
    return found or files(context, parameter, incomplete)


def methods(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The methods of HTTP; if a path of the API was given, only those that it has."""
    # Without the value that is to come, the path is still among the arguments.
    given = [str(context.params.get("path") or ""), *context.args]
    path = next((text for text in given if text.startswith("/")), "").partition("?")[0]
    offered = [method for template, method, _ in _operations() if path and _is_at(template, path)]
    return completion_items(((method, "") for method in offered or METHODS), incomplete.upper())


def api_paths(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The paths of the API; if a method was given, only those that have it.

    Ids in a path are those that earlier commands saw, else their names in braces.
    """
    source = context.get_parameter_source("method")
    is_given = source is not None and source.name == "COMMANDLINE"
    wanted = str(context.params.get("method") or "").upper() if is_given else None
    found: dict[str, str] = {}
    for template, method, summary in _operations():
        if wanted in (None, method):
            for path, is_whole in _continued(template, incomplete, context.ensure_object(GlobalOptions)):
                about = f"{method}: {summary}" if is_whole else ""
                found[path] = "; ".join(text for text in (found.get(path), about) if text)
    return completion_items(found.items(), incomplete)


def _operations() -> Iterator[tuple[str, str, str]]:
    """Path, method and summary of each operation of the contract, read without importing it."""
    import json
    import os
    from importlib.util import find_spec

    try:
        spec = find_spec("comfy_cloud_api")
        folders = (spec.submodule_search_locations if spec is not None else None) or []
        with open(os.path.join(folders[0], "contract.json"), "rb") as file:
            paths: Mapping[str, Mapping[str, Any]] = json.load(file)["paths"]
    except Exception:  # noqa: BLE001 - a shell that completes shows no error
        return
    for path, operations in paths.items():
        for method, operation in operations.items():
            if method.upper() in METHODS:
                yield path, method.upper(), str(operation.get("summary", ""))


def _is_at(template: str, path: str) -> bool:
    """Whether a path is one of a template, such as /api/jobs/{job_id}."""
    expected = "[^/]+".join(re.escape(part) for part in _PARAMETER.split(template)[::2])
    return re.fullmatch(expected, path) is not None


def _continued(template: str, typed: str, options: GlobalOptions) -> Iterator[tuple[str, bool]]:
    """How `typed` goes on by a template, and whether that is a whole path."""
    parts = template.split("/")
    *given, _ = typed.split("/")
    if len(given) >= len(parts):
        return
    for part, text in zip(parts, given, strict=False):
        if part != text and not (text and _PARAMETER.fullmatch(part)):
            return
    before = "/".join([*given, ""]) if given else ""
    parameter = _PARAMETER.fullmatch(parts[len(given)])
    if parameter is not None and parameter[1] in _REMEMBERED:
        from .remembered import remembered

        rows = remembered(options, _REMEMBERED[parameter[1]])
        for row in rows:
            yield f"{before}{row[0]}", len(parts) == len(given) + 1
        if rows:
            return
    yield before + "/".join(parts[len(given) :]), True
