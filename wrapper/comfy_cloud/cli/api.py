"""`comfy-cloud api`: any request, with the same key, retries and errors as the other commands.

It sends what it is given and shows the response. Of a redirect, only the host is shown, since the
rest of the address may be a signature. Stored files are fetched by the library, without the key.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import click

from .._errors.key_forms import redact_known_keys
from ._console.client import connect
from ._console.commands import Command
from ._console.exits import API, CommandError
from ._console.file_errors import reason_of, refuse_unwritable, shown_path
from ._console.files import write_bytes
from ._console.formats import json_text
from ._console.jq import jq_lines
from ._console.known_values import METHODS
from ._console.known_values import api_paths as complete_api_paths
from ._console.known_values import files as complete_files
from ._console.known_values import methods as complete_methods
from ._console.options import GlobalOptions, pass_options
from ._console.paths import PathType
from ._console.sanitizing import safe_line, safe_text
from ._console.streams import on_terminal, write_data
from .api_pages import all_items

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from comfy_cloud import ComfyCloud

_SECRET_HEADERS = frozenset(("set-cookie", "authorization", "proxy-authorization", "x-api-key", "location"))
_TEXT_TYPES = re.compile(
    r"text/|application/(?:json|xml|javascript|x-ndjson|yaml|toml|[\w.-]+\+(?:json|xml))"
)


class ApiCommand(Command):
    """`api`, which says where the method belongs if it is given as an argument."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments. Raises CommandError if one of too many is a method."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            method = next((text.upper() for text in given if text.upper() in METHODS), None)
            path = next((text for text in given if text.startswith("/")), None)
            is_other = isinstance(error, click.NoSuchOption) or {"-X", "--method"} & set(given)
            if is_other or method is None or path is None:
                raise
            raise CommandError(
                f"the method is an option: comfy-cloud api -X {method} {shlex.quote(path[:80])}"
            ) from None


@click.command(
    "api",
    cls=ApiCommand,
    examples=[
        "api /api/user",
        "api /api/jobs --param limit=50 --paginate --jq '.[].id'",
        "api /api/history -X POST --field 'delete:=[\"ID\"]'",
        "api '/api/view?filename=a.png&type=output' --output-file a.png",
    ],
)
@click.argument(
    "path",
    help="The path in the API, such as /api/user, or user; its query may follow after ?.",
    shell_complete=complete_api_paths,
)
@click.option(
    "-X",
    "--method",
    default="GET",
    metavar="METHOD",
    help="The method; default: GET.",
    shell_complete=complete_methods,
)
@click.option(
    "--field", "fields", multiple=True, metavar="K=V", help="A field of a JSON body: k=text, or k:=JSON."
)
@click.option("--param", "params", multiple=True, metavar="K=V", help="A query parameter.")
@click.option(
    "--input",
    "source",
    metavar="FILE",
    help="Send this file as the body; -: stdin.",
    shell_complete=complete_files,
)
@click.option(
    "--content-type",
    metavar="TYPE",
    help="The media type of --input; default: from the file name; for stdin, JSON or binary.",
)
@click.option("--paginate", is_flag=True, help="Fetch all pages of a list, and show its items as one.")
@click.option("--jq", metavar="EXPRESSION", help="Filter the JSON with a jq expression.")
@click.option("--include", is_flag=True, help="Also show the status and headers, without secrets.")
@click.option("--output-file", type=PathType(), metavar="FILE", help="Write the response body to a new file.")
@pass_options
def command(
    options: GlobalOptions,
    path: str,
    method: str,
    fields: tuple[str, ...],
    params: tuple[str, ...],
    source: str | None,
    content_type: str | None,
    paginate: bool,
    jq: str | None,
    include: bool,
    output_file: Path | None,
) -> None:
    """Send a request to the API.

    On a terminal, JSON is indented; in a pipe, the response body is passed on unchanged. Both
    --field and --param may be given several times. Where a file is served by a redirect to a
    storage host, it is fetched from there without the key; other redirects are only reported.
    """
    method = method.upper()
    if not method.isascii() or not method.isalpha():
        raise CommandError(f"--method must be a word such as GET or POST, not {method[:40]!r}")
    if path.isascii() and path.isalpha() and path.isupper():
        raise CommandError(f"the method is an option: comfy-cloud api -X {path} PATH")
    if path.startswith("//") or "://" in path.partition("?")[0]:
        raise CommandError(
            f"PATH is a path of this server, as in /api/user, not {path[:80]!r}; "
            "for another server: --base-url"
        )
    path = _whole_path(path)
    if fields and source is not None:
        raise CommandError("--field and --input cannot be combined: each is the body")
    if fields and method in {"GET", "HEAD"}:
        raise CommandError(f"{method} requests have no body; use --param, or -X POST for --field")
    if content_type is not None and source is None:
        raise CommandError("--content-type needs --input")
    if output_file is not None:
        refuse_unwritable(output_file)
    if jq is not None and output_file is not None:
        raise CommandError("--jq and --output-file cannot be combined; redirect the output instead")
    if paginate and (method != "GET" or source is not None or include):
        raise CommandError("--paginate is for GET, without --input and --include")
    path, query = _split(path, params)
    body = _fields(fields) if fields else None
    with ExitStack() as stack:
        content, guessed = _content(source, stack) if source is not None else (None, "")
        cloud = stack.enter_context(connect(options, needs_key=False))
        if paginate:
            items = list(all_items(query, lambda page: _json_page(cloud, path, page)))
            _write(json.dumps(items).encode(), "application/json", jq, output_file)
            return
        response = cloud.request(
            method,
            path,
            params=query or None,
            json=body,
            content=content,
            content_type=content_type or guessed,
        )
        if include:
            write_data(_head(response))
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not 300 <= response.status_code < 400:
            _write(response.content, kind, jq, output_file)
            return
        stored = _stored_file(cloud, method, path, query)
        if stored is None:
            raise CommandError(f"nothing was written: it is a redirect to {_host(response)}", API)
        with stored as file:
            _write(file.read(), file.media_type or "application/octet-stream", jq, output_file)


def _whole_path(path: str) -> str:
    """The path with what people leave out: `api/user` and `user` are /api/user."""
    if path.startswith("/"):
        return path
    return f"/{path}" if path.startswith("api/") else f"/api/{path}"


def _split(path: str, params: tuple[str, ...]) -> tuple[str, dict[str, list[str]]]:
    """The path, and its own query with that of --param."""
    path, _, text = path.partition("?")
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    for name, values in _pairs(params).items():
        query.setdefault(name, []).extend(values)
    return path, query


def _json_page(cloud: ComfyCloud, path: str, query: dict[str, list[str]]) -> Any:
    response = cloud.request("GET", path, params=query or None)
    try:
        return json.loads(response.content)
    except ValueError:
        raise CommandError("--paginate needs JSON, and the response is not", API) from None


def _stored_file(cloud: ComfyCloud, method: str, path: str, query: dict[str, list[str]]) -> Any:
    """The file that a redirect of this request leads to, read without the key; None for others."""
    if method != "GET":
        return None
    if path == "/api/view":
        known = {name: values[-1] for name, values in query.items()}
        if "filename" not in known or known.keys() - {"filename", "subfolder", "type", "channel", "res"}:
            return None
        resolution = known.get("res", "")
        return cloud.files.open(
            known["filename"],
            subfolder=known.get("subfolder"),
            type=known.get("type"),
            channel=cast("Any", known.get("channel")),
            res=int(resolution) if resolution.isdecimal() else None,
        )
    content = re.fullmatch(r"/api/assets/([^/]+)/content", path)
    return cloud.assets.open(unquote(content[1])) if content is not None else None


def _write(content: bytes, kind: str, jq: str | None, output_file: Path | None) -> None:
    if jq is not None:
        try:
            data = json.loads(content)
        except ValueError:
            raise CommandError(f"--jq needs JSON, and the response is {safe_line(kind) or 'not'}") from None
        write_data("".join(f"{line}\n" for line in jq_lines(jq, data)))
    elif output_file is not None:
        write_bytes(content, output_file)
    else:
        _show(content, kind)


def _pairs(given: tuple[str, ...]) -> dict[str, list[str]]:
    pairs: dict[str, list[str]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise CommandError(f"--param takes NAME=VALUE, not {text[:80]!r}")
        pairs.setdefault(name, []).append(value)
    return pairs


def _fields(given: tuple[str, ...]) -> dict[str, Any]:
    """The JSON body.

    `name=value` is text; `name:=value` is JSON (a number, true, null, a list, an object).
    """
    fields: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        is_json = name.endswith(":")
        name = name.removesuffix(":")
        if not equals or not name:
            raise CommandError(f"--field takes NAME=TEXT or NAME:=JSON, not {text[:80]!r}")
        try:
            fields[name] = json.loads(value) if is_json else value
        except ValueError:
            raise CommandError(
                f"--field {name}:= must be followed by JSON; for text, use {name}=..."
            ) from None
    return fields


def _content(source: str, stack: ExitStack) -> tuple[bytes | IO[bytes], str]:
    """The body and its media type. A file is read while it is sent; stdin is read in full first."""
    if source == "-":
        content = sys.stdin.buffer.read()
        return content, "application/json" if _is_json(content) else "application/octet-stream"
    try:
        file = stack.enter_context(open(source, "rb"))  # noqa: SIM115 - the stack closes it
    except OSError as error:
        raise CommandError(f"{shown_path(source)} cannot be read: {reason_of(error)}") from None
    import mimetypes

    return file, mimetypes.guess_type(source)[0] or "application/octet-stream"


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def _show(content: bytes, kind: str) -> None:
    if not on_terminal():
        write_bytes(content, None)
        return
    if not content:
        return
    if _is_json(content):
        write_data(f"{json_text(json.loads(content), indent=2)}\n")
    elif _TEXT_TYPES.match(kind):
        write_data(safe_text(content.decode("utf-8", "replace")).rstrip("\n") + "\n")
    else:
        raise CommandError(
            f"the response is binary ({safe_line(kind) or 'unknown type'}, {len(content)} bytes); "
            "use --output-file FILE or a pipe"
        )


def _head(response: httpx.Response) -> str:
    lines = [f"{response.http_version} {response.status_code} {response.reason_phrase}".rstrip()]
    for name, value in response.headers.multi_items():
        if name == "location":
            value = f"{_host(response)} (the rest is left out)"
        elif name in _SECRET_HEADERS:
            value = "(left out)"
        lines.append(safe_line(f"{name}: {value}"))
    return redact_known_keys("\n".join(lines)) + "\n\n"


def _host(response: httpx.Response) -> str:
    try:
        host = urlsplit(response.headers.get("location", "")).hostname
    except ValueError:
        return "an address that is not valid"
    return redact_known_keys(safe_line(host)) if host else "another path of this server"
