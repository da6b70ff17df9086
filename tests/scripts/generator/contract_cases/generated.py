"""A package made from a contract, imported beside the others; what it sends and what it reads."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

import httpx

from scripts.generator.left_out import LeftOut
from scripts.generator.tree import make_package

from .case import NULL, Call, Case, Form, Result

KEY = "K"
_PACKAGE = "comfy_cloud_api"


@contextmanager
def package_of(case: Case, folder: Path) -> Iterator[ModuleType]:
    """Make the package of a contract below `folder`, importable until the end of the block."""
    left_out: list[LeftOut] = []
    make_package(case.document(), folder, left_out)
    found = {each.operation: f"{each.place}: {each.reason}" for each in left_out}
    assert found.keys() == case.left_out.keys(), found
    assert [found[name] for name, words in case.left_out.items() if words not in found[name]] == []
    before = {name: sys.modules.pop(name) for name in _modules()}
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(_PACKAGE)
    finally:
        sys.path.remove(str(folder))
        for name in _modules():
            del sys.modules[name]
        sys.modules.update(before)


def _modules() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]


def operations(package: ModuleType) -> list[str]:
    """The modules of all operations, below `api`."""
    folder = Path(package.__path__[0]) / "api"
    return sorted(path.stem for path in folder.rglob("*.py") if path.stem != "__init__")


def module(package: ModuleType, operation: str) -> Any:
    """The module of one operation, whatever its tag."""
    folder = Path(package.__path__[0])
    (path,) = (folder / "api").rglob(f"{operation}.py")
    dotted = ".".join(path.relative_to(folder).with_suffix("").parts)
    return importlib.import_module(f"{_PACKAGE}.{dotted}")


def sent(package: ModuleType, call: Call) -> httpx.Request:
    """The request that the client of the package sends for a call."""
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        request.read()
        requests.append(request)
        return httpx.Response(599)

    arguments = {name: _value(package, value) for name, value in call.arguments.items()}
    request = module(package, call.operation).build(**arguments)
    with httpx.Client(transport=httpx.MockTransport(respond)) as http:
        package.Client(api_key=KEY, http=http).send(request)
    (found,) = requests
    return found


def _value(package: ModuleType, value: Any) -> Any:
    if isinstance(value, Form):
        models = importlib.import_module(f"{package.__name__}.models")
        return getattr(models, value.model).from_dict(value.data)
    if isinstance(value, dict):
        return {name: _value(package, inner) for name, inner in value.items()}
    return importlib.import_module(f"{package.__name__}.types").NULL if value is NULL else value


def differences(request: httpx.Request, call: Call) -> list[str]:
    """What a request has that the call must not send, or lacks."""
    raw_path, _, raw_query = request.url.raw_path.decode("ascii").partition("?")
    pairs = parse_qsl(raw_query, keep_blank_values=True)
    found: list[tuple[str, Any, Any]] = []
    if call.method is not None:
        found.append(("method", request.method, call.method))
    if call.target is not None:
        found.append(("target", request.url.raw_path.decode("ascii"), call.target))
    if call.path is not None:
        found.append(("path", raw_path, call.path))
    if call.query is not None:
        found.append(("query", pairs, list(call.query)))
    if call.query_json is not None:
        name, value = call.query_json
        found.append((f"query {name}", [json.loads(text) for n, text in pairs if n == name], [value]))
    found += [(name, request.headers.get(name), value) for name, value in call.headers.items()]
    found += [(name, request.headers.get(name), None) for name in call.absent]
    if call.key is not None:
        found.append(("X-API-Key", request.headers.get("X-API-Key"), KEY if call.key else None))
    found += _bodies(request, call)
    return [f"{what}: {value!r} instead of {wanted!r}" for what, value, wanted in found if value != wanted]


def _bodies(request: httpx.Request, call: Call) -> Iterator[tuple[str, Any, Any]]:
    if call.content is not None:
        yield "content", request.content, call.content
    if call.json is not ...:
        yield "JSON", json.loads(request.content), call.json
        if "content-type" not in call.headers:
            yield "content-type", request.headers.get("content-type"), "application/json"
    if call.form is not None:
        kind = "application/x-www-form-urlencoded"
        yield "content-type", request.headers.get("content-type"), kind
        yield "form", parse_qsl(request.content.decode("ascii"), keep_blank_values=True), list(call.form)
    if call.parts is not None:
        yield "parts", _parts(request), list(call.parts)


def _parts(request: httpx.Request) -> list[tuple[str, str | None, str | None, bytes]]:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    whole = message_from_bytes(head + request.content)
    return [
        (
            str(part.get_param("name", header="content-disposition")),
            part.get_filename(),
            part["content-type"],
            part.get_payload(decode=True),
        )
        for part in whole.get_payload()
    ]


def parsed(package: ModuleType, result: Result) -> Any:
    """The value that an operation's module makes of a response."""
    content = result.body.encode() if isinstance(result.body, str) else result.body
    headers = {"content-type": "application/json", **result.headers} if content else dict(result.headers)
    response = httpx.Response(result.status, headers=headers, content=content)
    return module(package, result.operation).parse(response)
