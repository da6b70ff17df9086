"""What the isolated process does with generated code: builds requests and reads responses.

It imports nothing of the project but the generated package, and judges nothing: it writes what it
got to a file, for the process that started it.
"""

from __future__ import annotations

import base64
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

KEY = "sample-key"
BASE_URL = "https://things.test/base"


class FakeHttp:
    """Keeps the request that a generated client would send."""

    def __init__(self) -> None:
        self.sent: httpx.Request | None = None

    def build_request(self, method: str, url: str, **arguments: Any) -> httpx.Request:
        """The request of these arguments."""
        arguments.pop("timeout", None)
        return httpx.Request(method, url, **arguments)

    def send(self, request: httpx.Request, *, follow_redirects: bool) -> httpx.Response:
        """Keep the request, and respond with nothing."""
        if follow_redirects:
            raise ValueError("a redirect would be followed")
        request.read()
        self.sent = request
        return httpx.Response(200)


class FakeResponse:
    """A response of a server."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.status_code = given["status"]
        self.headers = httpx.Headers(given["headers"])
        self.content = base64.b64decode(given["content"])


def main(package: str, source: Path, target: Path) -> None:
    """Make the exchanges in one file, and write what came of each to the other."""
    given = json.loads(source.read_text(encoding="utf-8"))
    made = {
        "requests": [_tried(_requests, package, each) for each in given["requests"]],
        "responses": [_tried(_response, package, each) for each in given["responses"]],
    }
    target.write_text(json.dumps(made), encoding="utf-8")


def _tried(function: Any, package: str, given: dict[str, Any]) -> Any:
    try:
        return function(package, given)
    except Exception as error:  # noqa: BLE001 - the report names whatever it is
        return {"error": f"{type(error).__name__}: {error}"}


def _requests(package: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """The request as it is sent; twice when its body can be a model too."""
    module = importlib.import_module(f"{package}.api.{given['module']}")
    arguments = _untagged(given["named"])
    if not given["has_body"]:
        return [_wire(package, module.build(*given["positional"], **arguments))]
    body = _with_headers(package, _untagged(given["body"]), given["part_headers"])
    bodies = [body, *_as_models(package, module, body)]
    return [_wire(package, module.build(*given["positional"], **arguments, body=each)) for each in bodies]


def _with_headers(package: str, body: Any, headers: dict[str, dict[str, str]]) -> Any:
    """The form with the headers that its parts must have."""
    if not headers:
        return body
    types = importlib.import_module(f"{package}.types")

    def part(name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [part(name, item) for item in value]
        content = value.encode() if isinstance(value, str) else value
        content = content if isinstance(content, bytes) else types.encode_json(value)
        return types.File(content, headers=headers[name])

    return {name: part(name, item) if name in headers else item for name, item in body.items()}


def _as_models(package: str, module: Any, body: Any) -> Iterator[Any]:
    models = importlib.import_module(f"{package}.models")
    names = re.split(r"\s*\|\s*", str(module.build.__annotations__["body"]))
    found = [name for name in names if name in models.__all__ and hasattr(getattr(models, name), "from_dict")]
    if isinstance(body, dict) and len(found) == 1:
        yield getattr(models, found[0]).from_dict(body)


def _wire(package: str, request: Any) -> dict[str, Any]:
    http = FakeHttp()
    client = importlib.import_module(f"{package}.client")
    client.Client(base_url=BASE_URL, api_key=KEY, http=http).send(request)
    sent = http.sent
    assert sent is not None
    return {
        "method": sent.method,
        "target": sent.url.raw_path.decode("ascii"),
        "headers": [(name.lower(), value) for name, value in sent.headers.multi_items()],
        "body": base64.b64encode(sent.content).decode(),
    }


def _response(package: str, given: dict[str, Any]) -> dict[str, Any]:
    module = importlib.import_module(f"{package}.api.{given['module']}")
    types = importlib.import_module(f"{package}.types")
    value = module.parse(FakeResponse(given))
    if isinstance(value, types.Redirect):
        return {"value": value.location, "models": {}}
    return {"value": _tagged(types.to_json(value)), "models": dict(_models(types, value, ""))}


def _models(types: Any, value: Any, place: str) -> Iterator[tuple[str, tuple[str, list[str]]]]:
    """By place, the class of each model and the fields that it does not know."""
    if isinstance(value, types.Model):
        yield place, (type(value).__name__, list(value.additional_properties))
        for name in value.keys():  # noqa: SIM118 - a model is no mapping
            yield from _models(types, value[name], f"{place}/{name}")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _models(types, item, f"{place}/{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _models(types, item, f"{place}/{number}")


def _tagged(value: Any) -> Any:
    return {"$bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _untagged(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"$bytes"}:
            return base64.b64decode(value["$bytes"])
        return {name: _untagged(item) for name, item in value.items()}
    return [_untagged(item) for item in value] if isinstance(value, list) else value
