"""`comfy-cloud api`: any request, with the same key, retries and errors as the other commands.

It knows no operations: it sends what it is given and shows the response. A redirect is not
followed. Only the host it leads to is shown, since the rest of the address may be a signature.
"""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from .._errors.key_forms import redact_known_keys
from .._files.whole_file import write_whole
from ._console.client import connect
from ._console.commands import Command
from ._console.exits import CommandError
from ._console.file_errors import cannot_write, reason_of, refuse_unwritable, shown_path
from ._console.formats import json_text
from ._console.options import GlobalOptions, pass_options
from ._console.sanitizing import safe_line, safe_text
from ._console.streams import on_terminal, write_data, write_message

if TYPE_CHECKING:
    import httpx

_SECRET_HEADERS = frozenset(("set-cookie", "authorization", "proxy-authorization", "x-api-key", "location"))
_TEXT_TYPES = re.compile(
    r"text/|application/(?:json|xml|javascript|x-ndjson|yaml|toml|[\w.-]+\+(?:json|xml))"
)


@click.command("api", cls=Command)
@click.argument("method")
@click.argument("path")
@click.option(
    "--field", "fields", multiple=True, metavar="K=V", help="A field of a JSON body: k=text, or k:=JSON."
)
@click.option("--param", "params", multiple=True, metavar="K=V", help="A query parameter.")
@click.option("--input", "source", metavar="FILE", help="Send this file as the body; -: stdin.")
@click.option(
    "--content-type",
    metavar="TYPE",
    help="The media type of --input; default: from the file name; for stdin, JSON or binary.",
)
@click.option("--include", is_flag=True, help="Also show the status and headers, without secrets.")
@click.option(
    "--output-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the response body to a new file.",
)
@pass_options
def command(
    options: GlobalOptions,
    method: str,
    path: str,
    fields: tuple[str, ...],
    params: tuple[str, ...],
    source: str | None,
    content_type: str | None,
    include: bool,
    output_file: Path | None,
) -> None:
    """Send a request to the API: METHOD and PATH, such as GET /api/user.

    On a terminal, JSON is indented; in a pipe, the response body is passed on unchanged. Both
    --field and --param may be given several times. A redirect is reported, not followed.
    """
    if not method.isascii() or not method.isalpha():
        raise CommandError(f"METHOD must be a word such as GET or POST, not {method[:40]!r}")
    if not path.startswith("/") or path.startswith("//"):
        raise CommandError(f"PATH must begin with one slash, as in /api/user; it is {path[:80]!r}")
    if fields and source is not None:
        raise CommandError("--field and --input cannot be combined: each is the body")
    if fields and method.upper() in {"GET", "HEAD"}:
        raise CommandError(f"{method.upper()} requests have no body; use --param instead of --field")
    if content_type is not None and source is None:
        raise CommandError("--content-type needs --input")
    if output_file is not None:
        refuse_unwritable(output_file)
    body = _fields(fields) if fields else None
    with ExitStack() as stack:
        content, guessed = _content(source, stack) if source is not None else (None, "")
        cloud = stack.enter_context(connect(options, needs_key=False))
        response = cloud.request(
            method.upper(),
            path,
            params=_pairs(params) or None,
            json=body,
            content=content,
            content_type=content_type or guessed,
        )
    if include:
        write_data(_head(response))
    if 300 <= response.status_code < 400:
        write_message(f"redirect to {_host(response)}")
    elif output_file is not None:
        _save(response.content, output_file)
    else:
        _show(response)


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
    import json

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
    import json

    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def _show(response: httpx.Response) -> None:
    content = response.content
    if not on_terminal():
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    if not content:
        return
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if _is_json(content):
        import json

        write_data(f"{json_text(json.loads(content), indent=2)}\n")
    elif _TEXT_TYPES.match(kind):
        write_data(safe_text(response.text).rstrip("\n") + "\n")
    else:
        raise CommandError(
            f"the response is binary ({safe_line(kind) or 'unknown type'}, {len(content)} bytes); "
            "use --output-file FILE or a pipe"
        )


def _save(content: bytes, path: Path) -> None:
    try:
        write_whole(path, content, overwrite=False)
    except OSError as error:
        raise cannot_write(path, error) from None
    write_message(f"wrote {len(content)} bytes to {path}")


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
